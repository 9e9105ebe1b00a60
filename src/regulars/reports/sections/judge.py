"""The sections of a backtest's page: verdict, scores, pictures, origins, definitions."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.fitting.judge.bootstrap import Difference
from regulars.fitting.judge.result import ORDERS, Backtest, Round
from regulars.fitting.judge.scores import BY_NAME, METRICS
from regulars.reports import judged
from regulars.reports.figures import Drawn
from regulars.reports.format import NOTHING, clean, count, counted, day, percent, short_day
from regulars.reports.html import Html, defined, el, section, table
from regulars.reports.sections.figure import figure

TITLES = {"orders": "Orders", "value": "Value"}
VIEWS = (
    (
        "How far off",
        ("bias", "mae", "rmse", "wape", "deviance", "decile_wape", "cohort_wape"),
        {"wape", "cohort_wape"},
    ),
    ("Who is who", ("spearman", "gini", "top_decile"), set[str]()),
    (
        "How sure",
        ("coverage", "buyer_coverage", "width", "winkler", "total_holds"),
        {"width"},
    ),
    ("Customers of one order", ("one_time_bias", "one_time_mae"), set[str]()),
)


def verdict_section(result: Backtest) -> Html:
    """What to conclude, target by target, and who could not foretell."""
    failures = [clean(text, 400) for text in result.failures()]
    return section(
        "verdict",
        "Verdict",
        el(
            "div",
            *(
                el(
                    "div",
                    el("h3", TITLES[target]),
                    *(el("p", clean(text, 600)) for text in result.verdict.get(target, ())),
                    class_="beside",
                )
                for target in result.targets
            ),
            class_="pair",
        ),
        _notes("Not everybody could foretell", failures) if failures else None,
        lead="Each candidate saw the orders up to an origin and nothing later, and is held "
        f"against the {result.days} days after it. No score tells the whole: read several.",
        asof=_asof(result),
    )


def _asof(result: Backtest) -> str:
    days = [short_day(one.at) for one in result.rounds]
    return f"Looking ahead {result.horizon} from {', '.join(days)}."


def _notes(title: str, lines: Sequence[str]) -> Html:
    return el("div", el("strong", title), el("ul", *(el("li", x) for x in lines)), class_="notes")


def scores_section(result: Backtest, target: str) -> Html:
    """Every score of every candidate, medians over the origins."""
    scores = result.summary(target)
    names, best, many = list(scores), judged.best(result, target), len(result.rounds)
    tables = [
        el(
            "div",
            el("h3", title),
            table(
                ["Candidate", *(defined(metric, BY_NAME[metric].title) for metric in metrics)],
                [
                    [
                        el("strong", f"{name}\u00a0✓", el("span", " best overall", class_="vh"))
                        if name == best
                        else name,
                        *(_cell(metric, scores[name][metric], many) for metric in metrics),
                    ]
                    for name in names
                ],
                f"{TITLES[target]}: {title.lower()}",
                roomy=[i + 1 for i, metric in enumerate(metrics) if metric in roomy],
                marked=names.index(best),
                class_="tight",
            ),
            class_="beside",
        )
        for title, metrics, roomy in VIEWS
    ]
    return section(
        f"scores-{target}",
        f"Scores on {target}",
        tables[0],
        el("div", *tables[1:3], class_="pair"),
        el("div", tables[3], _differences(result, target), class_="pair"),
        lead="Marked is who ranks best over RMSE, deviance, Gini, decile error and bias together."
        + ("" if many == 1 else f" Medians over {many} origins; “total holds” is their share."),
        asof=f"In {judged.noun(result, target)} per customer where a score has a unit.",
    )


def _cell(metric: str, value: float, origins: int) -> str:
    """A score; whether the total's interval held is no share where there is one origin."""
    if metric == "total_holds" and origins == 1 and value in (0.0, 1.0):
        return "yes" if value else "no"
    return judged.shown(metric, value)


def _differences(result: Backtest, target: str) -> Html | None:
    """Who is worse than the reference beyond what other customers would change."""
    last = result.rounds[-1].differences.get(target, ())
    if not last:
        return None
    many = len(result.rounds)
    body = [
        [
            item.candidate,
            BY_NAME[item.metric].title,
            f"{judged.measure(item.difference)}",
            f"{judged.measure(item.low)} to {judged.measure(item.high)}",
            _worse(result, target, item.candidate, item.metric),
        ]
        for item in last
    ]
    worse = "Worse" if many == 1 else "Worse from"
    return el(
        "div",
        el("h3", "Chance or not"),
        el(
            "p",
            f"Differences to {_references(last)}, with their 95% interval when other customers "
            "are drawn (paired bootstrap)" + ("." if many == 1 else "; from the last origin."),
        ),
        table(
            ["Candidate", "Score", "Difference", "95% interval", worse],
            body,
            f"{TITLES[target]}: chance or not",
            text_columns=(0, 1),
            class_="tight",
        ),
        class_="beside",
    )


def _references(found: Sequence[Difference]) -> str:
    """Whom each score compares to: pareto-nbd in RMSE and nbd in Gini."""
    named = {BY_NAME[item.metric].title: item.reference for item in found}
    return " and ".join(f"{reference} in {title}" for title, reference in named.items())


def _worse(result: Backtest, target: str, name: str, metric: str) -> str:
    """Whether significantly, or from how many origins."""
    flags = [
        item.significantly_worse
        for one in result.rounds
        for item in one.differences.get(target, ())
        if item.candidate == name and item.metric == metric
    ]
    if len(result.rounds) == 1:
        return "yes" if flags[0] else "no"
    return f"{sum(flags)} of {len(result.rounds)}"


def pictures_section(result: Backtest, target: str, drawn: Sequence[Drawn]) -> Html:
    """The charts: the small multiples at full width, the others in pairs."""
    full = [chart for chart in drawn if not chart.figure.name.startswith(("bias", "coverage"))]
    half = [chart for chart in drawn if chart not in full]
    return section(
        f"pictures-{target}",
        f"Expected against actual {target}",
        el("div", *(figure(chart, files=False) for chart in half), class_="pair"),
        *(el("div", figure(chart, files=False), class_="whole") for chart in full),
        lead=f"The same {target} in pictures"
        + ("." if len(result.rounds) == 1 else f", all {len(result.rounds)} origins together."),
    )


def origins_section(result: Backtest) -> Html:
    """What each origin held, and what the candidates said of themselves."""
    body = [
        [
            short_day(one.at),
            short_day(one.until),
            count(one.customers),
            count(one.one_time),
            count(one.buyers),
            *(count(one.actual[target]) for target in result.targets),
        ]
        for one in result.rounds
    ]
    head = ["Origin", "Up to", "Customers", "Of one order", "Bought after"]
    said = _said(result.rounds)
    return section(
        "origins",
        "Origins",
        table(
            [*head, *(TITLES[target] for target in result.targets)],
            body,
            "What each origin held",
            text_columns=(0, 1),
            roomy=(1,),
        ),
        el(
            "div",
            el("h3", "What candidates said of themselves"),
            el("ul", *(el("li", text) for text in said)),
            class_="notes quiet said",
        )
        if said
        else None,
        lead="From each origin, the customers known by then and what they did in the days after.",
    )


def _said(rounds: Sequence[Round]) -> list[str]:
    """Notes of the candidates, those that several rounds share said once."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in rounds:
        for item in one.judged:
            if item.note and item.target == ORDERS:
                found.setdefault((item.candidate, item.note), []).append(short_day(one.at))
    return [
        f"{name}, from {', '.join(days)}: {clean(note, 600)}"
        for (name, note), days in found.items()
    ]


def definitions_section(result: Backtest) -> Html:
    """Every score's meaning, and the baselines'."""
    level = percent(result.level)
    terms = [
        *((metric.name, metric.title, metric.meaning) for metric in METRICS),
        (
            "level",
            "Intervals",
            f"Candidates were asked for {level} intervals; a baseline gives none ({NOTHING}).",
        ),
        (
            "last-period",
            "last-period",
            "A baseline: each customer does again what they did in the last window as long as the "
            "horizon (scaled up where the data begin later).",
        ),
        (
            "mean",
            "mean",
            "A baseline: every customer does what the average one did in that window.",
        ),
        (
            "formula",
            "formula",
            "A baseline: average purchase value × purchases a month × the horizon, for everybody.",
        ),
        (
            "auto",
            "auto",
            "What “regulars value” would have taken from the days up to the origin.",
        ),
        (
            "value",
            "Value",
            "Net of the purchase days after the origin, undiscounted, as the holdout counts it.",
        ),
    ]
    return section(
        "definitions",
        "Definitions",
        el(
            "dl",
            *(
                el("div", el("dt", name), el("dd", text), id=f"def-{key}")
                for key, name, text in terms
            ),
            class_="definitions",
        ),
    )


def headline(result: Backtest) -> Html:
    """The line beneath the heading."""
    days = [day(one.at) for one in result.rounds]
    people = max(one.customers for one in result.rounds)
    where = f"{len(days)} origins" if len(days) > 1 else f"from {days[0]}"
    return Html(
        f"{len(result.candidates)} candidates · {clean(result.horizon)} ahead · {where} · "
        f"{counted(people, 'customer')}"
    )

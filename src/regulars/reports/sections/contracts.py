"""Sections of the page on subscriptions: answer, retention, revenue, groups, trials, data."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.data.trials import Conversion
from regulars.fitting.contracts.answer import GroupValue, PeriodFit, SubscriptionAnswer
from regulars.reports.figures import Drawn
from regulars.reports.format import (
    ahead,
    between,
    brief_money,
    count,
    counted,
    interval,
    is_number,
    money,
    month,
    number,
    percent,
    short_money,
    short_month,
)
from regulars.reports.html import Html, defined, el, join, section, table
from regulars.reports.sections.answer import value_range
from regulars.reports.sections.figure import figure
from regulars.reports.subscription_words import as_of, name, periods, unit
from regulars.terms.answer import Estimate

_MONTHS, _COHORTS = 12, 18


def answer_section(answer: SubscriptionAnswer) -> Html:
    """Notes, the value still to come of a paying customer, and four tiles."""
    totals, currency = answer.totals, unit(answer)
    return section(
        "answer",
        "The answer",
        _notes(answer),
        el(
            "div",
            _hero(
                defined("expected-value", "Expected value per paying customer"),
                totals.expected_mean,
                currency,
                "is what a customer who pays today is expected to bring "
                f"{ahead(answer.about.horizon)}, on average.",
                main=True,
            ),
            _second(answer),
            class_="hero",
        ),
        el("div", *tiles(answer), class_="tiles"),
        el("p", _sentence(answer), class_="plain"),
        asof=as_of(answer),
    )


def retention_section(answer: SubscriptionAnswer, drawn: dict[str, Drawn]) -> Html:
    """A pair of curves and a line of words for each billing period."""
    blocks: list[Html] = []
    for i, fit in enumerate(answer.fits):
        pair = [figure(drawn.get(f"survival-{i + 1}")), figure(drawn.get(f"renewals-{i + 1}"))]
        blocks.append(
            el(
                "div",
                el("h3", f"Billed by the {fit.billing}"),
                el("p", _fit_words(fit), class_="reading"),
                el("div", *pair, class_="pair") if any(pair) else None,
                class_="block",
            )
        )
    return section(
        "retention",
        "Retention",
        *blocks,
        fits_table(answer),
        lead="How many stay, as seen and as the model carries it on. Retention rises with age "
        "because those who leave easily leave first.",
    )


def fits_table(answer: SubscriptionAnswer) -> Html:
    """Contracts by billing period: how many, how many ended, lifetime, value of a new one."""
    head = (
        "Billed by",
        "Contracts",
        "Ended",
        "Churn a renewal",
        "Lifetime",
        "New customer",
        "Formula",
    )
    return table(
        head,
        [_fit_row(fit, answer) for fit in (*answer.fits, *answer.plan_fits)],
        "Contracts by billing period",
        roomy=(2, 3, 6),
        class_="tight",
    )


def revenue_section(answer: SubscriptionAnswer, drawn: dict[str, Drawn]) -> Html:
    """Movements as bars, the level as a line, and the last twelve months as a table."""
    return section(
        "revenue",
        "Recurring revenue",
        el("div", figure(drawn.get("movements")), figure(drawn.get("mrr")), class_="pair"),
        el("div", el("h3", "The last months"), movements_table(answer), class_="block"),
        el(
            "p",
            "Opening and movements make the closing to the last digit; movements.csv has every "
            "month and kind. More and Less are changes of plan or price; Back is who returned or "
            "resumed; Lost is who left or paused. The last month ends at the data date.",
            class_="small",
        ),
        lead="What the subscriptions bring a month, and what moved it.",
    )


def movements_table(answer: SubscriptionAnswer) -> Html:
    """The last twelve months of recurring revenue, from opening to closing."""
    book, currency = answer.movements, unit(answer)
    first = max(len(book) - _MONTHS, 0)
    body = [
        [
            short_month(book.months[i]),
            _cash(book.opening[i], currency),
            _cash(book.by_kind["new"][i], currency),
            _cash(book.by_kind["expansion"][i], currency),
            _cash(book.by_kind["reactivated"][i] + book.by_kind["resumed"][i], currency),
            _cash(book.by_kind["contraction"][i], currency),
            _cash(book.by_kind["churned"][i] + book.by_kind["paused"][i], currency),
            _cash(book.closing[i], currency),
            percent(float(book.logo_churn[i]), 1),
            percent(float(book.net_retention[i]), 0),
        ]
        for i in range(len(book) - 1, first - 1, -1)
    ]
    head = ["Month", "Opening", "New", "More", "Back", "Less", "Lost", "Closing"]
    head += [defined("churn", "Churn"), defined("net-retention", "Net")]
    return table(head, body, "Movements of monthly revenue", roomy=(1, 4, 5, 9), class_="tight")


def groups_section(answer: SubscriptionAnswer) -> Html:
    """Value per customer by plan and by month of the first payment."""
    older = max(len(answer.cohorts) - _COHORTS, 0)
    return section(
        "groups",
        "By plan and cohort",
        el(
            "div",
            el("h3", "Plan"),
            _groups(answer, answer.plans, "Plan", "Value by plan"),
            class_="block",
        ),
        el(
            "div",
            el("h3", "Month of the first payment"),
            _groups(answer, answer.cohorts[::-1][:_COHORTS], "Cohort", "Value by cohort"),
            class_="block",
        ),
        el(
            "p",
            "A customer stands under the plan they have, or had last. Values are revenue per "
            "customer who ever paid, those who left included."
            + f" Older cohorts are in summary.json: {older}."
            * bool(older),
            class_="small",
        ),
        lead="Historic value was charged so far; lifetime value adds what is still to come.",
    )


def trials_section(answer: SubscriptionAnswer) -> Html | None:
    """Conversion of trials by plan and month, where there were any."""
    if not answer.trials["all"]:
        return None
    whole = answer.trials["all"][0]
    rows = [*answer.trials["plan"], *answer.trials["cohort"][::-1][:_MONTHS]]
    return section(
        "trials",
        "Trials",
        table(
            ("Trials of", "Trials", "Converted", "Lost", "Open", defined("conversion", "Rate")),
            [_trial_row(row) for row in rows],
            "Conversion of trials",
            roomy=(3, 4),
        ),
        lead=f"{counted(whole.trials, 'trial')}, {percent(whole.rate)} of the decided ones "
        f"converted ({between(whole.low, whole.high, _percent)}).",
    )


def data_section(answer: SubscriptionAnswer) -> Html:
    """What was read and what was refused, and what the words mean."""
    audit = answer.audit
    facts = [
        ("Rows read", count(audit["rows_read"])),
        ("Rows kept", count(audit["rows_kept"])),
        ("Rows refused", count(audit["rows_refused"])),
        ("Customers", count(audit["customers"])),
        ("Grace", counted(answer.about.grace_days, "day")),
    ]
    refused = [[reason.replace("_", " "), count(n)] for reason, n in audit["refused"].items()]
    return section(
        "data",
        "The data",
        el(
            "dl",
            *(el("div", el("dt", name), el("dd", value)) for name, value in facts),
            class_="facts wide-facts",
        ),
        table(("Refused for", "Rows"), refused, "Refused rows by reason") if refused else None,
        *(el("p", note, class_="small") for note in audit["notes"]),
    )


def _notes(answer: SubscriptionAnswer) -> Html | None:
    if not answer.notes:
        return None
    return el(
        "aside",
        el("h3", "Before you read on"),
        el("ul", *(el("li", note) for note in answer.notes)),
        class_="notes",
        aria_label="Notes",
    )


def _hero(label: Html, estimate: Estimate, currency: str, says: str, main: bool) -> Html:
    return el(
        "div",
        el("p", label, class_="label"),
        el("p", money(estimate.value, currency), class_="big" if main else "big second"),
        value_range(estimate, currency),
        el("p", says, class_="says"),
        class_="hero-main" if main else "hero-side",
    )


def _second(answer: SubscriptionAnswer) -> Html | None:
    """Profit where there is a margin, else the value of a new customer."""
    totals, currency = answer.totals, unit(answer)
    if totals.expected_profit_mean is not None and answer.about.margin is not None:
        label, says = "Profit per paying customer", f"at a margin of {percent(answer.about.margin)}"
        return _hero(Html(label), totals.expected_profit_mean, currency, says, main=False)
    if totals.new is None:
        return None
    label = defined("new-customer", "New customer")
    says = "is what somebody who begins today is worth, the first payment included."
    return _hero(label, totals.new, currency, says, main=False)


def tiles(answer: SubscriptionAnswer) -> list[Html]:
    """Monthly revenue, churn, remaining lifetime and the textbook formula."""
    totals, currency = answer.totals, unit(answer)
    formula = totals.formula if totals.formula_profit is None else totals.formula_profit
    return [
        _tile(
            "mrr",
            "Monthly recurring revenue",
            short_money(totals.monthly, currency),
            f"{counted(totals.active, 'paying customer')}, "
            f"{money(totals.monthly_each, currency)} each",
        ),
        _tile(
            "churn",
            "Customer churn a month",
            percent(totals.logo_churn, 1),
            "mean of the last twelve months",
        ),
        _tile(
            "expected-lifetime",
            "Expected lifetime still",
            "n/a"
            if not is_number(totals.lifetime_months)
            else periods(totals.lifetime_months or 0.0, "month"),
            "of a paying customer, counted up to ten years",
        ),
        _tile(
            "formula",
            "Textbook formula" + ("" if totals.formula_profit is None else ", profit"),
            money(formula, currency),
            "monthly revenue over monthly churn, without end and discount",
        ),
    ]


def _tile(key: str, label: str, value: str, below: str) -> Html:
    return el(
        "div",
        el("p", defined(key, label), class_="label"),
        el("p", value, class_="value"),
        el("p", below, class_="below"),
        class_="tile",
    )


def _sentence(answer: SubscriptionAnswer) -> str:
    totals, currency = answer.totals, unit(answer)
    span = interval(totals.expected, short_money, currency)
    whole, each = short_money(totals.expected.value, currency), totals.lifetime_mean.value
    paused = f", {count(totals.paused)} pausing" if totals.paused else ""
    return (
        f"{counted(totals.customers, 'customer')} paid so far, {count(totals.active)} pay now"
        f"{paused}. Together those are expected to bring {whole}"
        + (f" ({span})." if span else ".")
        + f" So far {short_money(totals.historic, currency)} were charged; over the whole life "
        f"that makes {money(each, currency)} per customer who ever paid."
    )


def _fit_words(fit: PeriodFit) -> str:
    seen = (
        f"{count(fit.contracts)} contracts, {count(fit.lost)} of which ended: "
        f"{percent(fit.churn, 1)} at each renewal."
    )
    if fit.lifetime is None:
        return f"{seen} {fit.reason}"
    whole = periods(fit.lifetime.value, fit.billing)
    textbook = (
        ""
        if fit.formula_lifetime is None
        else (f" (1 / churn says {periods(fit.formula_lifetime, fit.billing)})")
    )
    return f"{seen} A new one is expected to be paid for {whole}{textbook}. {fit.reason}"


def _fit_row(fit: PeriodFit, answer: SubscriptionAnswer) -> list[str]:
    currency = unit(answer)
    return [
        name(fit),
        count(fit.contracts),
        count(fit.lost),
        percent(fit.churn, 1),
        "n/a" if fit.lifetime is None else periods(fit.lifetime.value, fit.billing),
        "n/a" if fit.value is None else money(fit.value.value, currency),
        money(fit.formula_value, currency),
    ]


def _groups(
    answer: SubscriptionAnswer, groups: Sequence[GroupValue], title: str, caption: str
) -> Html:
    currency = unit(answer)
    head = [title, "Customers", "Pay now", "Churn a renewal", "Historic"]
    head += [defined("expected-value", "Expected"), defined("lifetime-value", "Lifetime value")]
    body = [
        [
            _group_name(group.group),
            count(group.customers),
            count(group.active),
            percent(group.churn, 1),
            brief_money(group.historic, currency),
            brief_money(group.expected.value, currency),
            _with_interval(
                brief_money(group.lifetime.value, currency),
                interval(group.lifetime, brief_money, currency),
            ),
        ]
        for group in groups
    ]
    return table(head, body, caption, roomy=(2, 3, 4), class_="people")


def _with_interval(value: str, between_text: str) -> Html:
    return join([value, el("small", between_text) if between_text else None])


def _group_name(name: str) -> str:
    """A month as Dec 2025, a plan as it is called."""
    is_month = len(name) == 7 and name[4] == "-" and name.replace("-", "").isdigit()
    return month(name) if is_month else name or "(none)"


def _trial_row(row: Conversion) -> list[str | Html]:
    return [
        _group_name(row.group),
        count(row.trials),
        count(row.converted),
        count(row.lost),
        count(row.undecided),
        _with_interval(
            percent(row.rate),
            between(row.low, row.high, _percent) if row.converted + row.lost else "",
        ),
    ]


def _percent(share: float, _: str = "") -> str:
    return percent(share)


def _cash(ticks: int, currency: str) -> str:
    return brief_money(float(ticks) / 10_000, currency) if ticks else number(0)

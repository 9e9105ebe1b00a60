"""Auto: the stack from orders to forecast, beside the leading model that tells the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regulars import data
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.question import Question
from regulars.fitting.stack.forecast import Forecast, forecast
from regulars.fitting.stack.intervals import Widths, learn_widths
from regulars.fitting.stack.season import find_season
from regulars.fitting.stack.stack import Learnt, learn
from regulars.fitting.stack.words import reason
from regulars.terms.answer import Calibration
from regulars.terms.errors import RegularsError
from regulars.terms.summary import Summary


@dataclass(frozen=True)
class Stacked:
    """What the stack learnt and what it expects of the customers at the cut-off."""

    learnt: Learnt
    forecast: Forecast
    widths: Widths | None

    def reason(self, calibration: Calibration) -> str:
        """What auto did, after what led to the leading model."""
        held = self.widths and (
            f"Intervals are as wide as {self.widths.rows:,} of those histories ask for. "
        )
        return (
            f"{reason(self.learnt, self.forecast.weights)} {held or ''}P(alive) and lifetime are "
            "mixed alike; the next order and model.json are those of the leading model. "
            f"{calibration.reason}"
        )


def stack(
    orders: data.Orders,
    summary: Summary,
    question: Question,
    lead: tuple[str, Fitted],
    names: Sequence[str],
) -> Stacked | None:
    """Learn from inner origins and foresee the customers of a summary; None where too short.

    Args:
        orders: the checked orders.
        summary: the customers at the cut-off.
        question: what is asked.
        lead: the name of the leading model and its fit on all days.
        names: models to mix.
    """
    log = data.order_days(orders, summary.until)
    season = find_season(orders, lead[1], log.until, summary.unit)
    lesson = learn(log, question.horizon.days, summary.unit, names, season)
    if lesson is None:
        return None
    taken, leading = lead
    fits: dict[str, Fitted] = {}
    for name, weight in lesson.learnt.weights.items():
        if not weight:
            continue
        try:
            found = leading if name == taken else fit(name, summary)
        except RegularsError:
            continue
        if found.report.verdict != "failed":
            fits[name] = found
    foreseen = forecast(lesson.learnt, fits, log, summary, question)
    if foreseen is None:
        return None
    rows = [i for i, trial in enumerate(lesson.trials) if taken in trial.fits]
    widths = None
    if rows:
        widths = learn_widths(
            [lesson.origins[i] for i in rows],
            [lesson.trials[i].fits[taken] for i in rows],
            [lesson.expected[i] for i in rows],
            question.level,
            question.seed,
        )
    return Stacked(lesson.learnt, foreseen, widths)

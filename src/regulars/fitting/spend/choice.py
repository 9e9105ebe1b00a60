"""Choice: the spend model that the orders seen speak for, with what moves it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.spend.base import Spend, SpendModel
from regulars.fitting.spend.driven import SPEND_MODELS, Driven, parts
from regulars.fitting.spend.drivers import Drivers, FirstOrder
from regulars.fitting.spend.fitted_spend import GammaGammaSpend, LogNormalSpending
from regulars.fitting.spend.link import FrequencyLink, frequency_link
from regulars.fitting.spend.shrunk import ShrunkSpend
from regulars.models.gamma_gamma import GammaGamma
from regulars.terms.errors import RegularsError
from regulars.terms.summary import Summary

_ENOUGH = 30  # repeat buyers below which no spend distribution is fitted
_CLEAR = 4.0  # gain in AIC that a driver must bring
_MATTERS = 1.2  # factor per doubling from which a link is worth modelling
_SAMPLE = 20_000  # repeat buyers that are enough to choose by


def fit_spend(summary: Summary) -> Spend | None:
    """Fit the spend of repeat buyers; None where the orders carry no amounts.

    Gamma-Gamma and a log-normal are held against each other by AIC on the same mean spends, each
    with and without the value of the first order (where the summary has it) as what a customer's
    level starts from. A link between frequency and spend is tested, and modelled where it is both
    sure and large. Where the better model has no mean (Gamma-Gamma with q <= 1), does not settle,
    or stands on too few buyers, each customer's mean is shrunk towards the base's on the log
    scale.
    """
    if summary.mean_spend is None:
        return None
    usable = (summary.repeat_orders > 0) & (summary.mean_spend > 0)
    if int(usable.sum()) < _ENOUGH:
        return ShrunkSpend.of(summary, f"Fewer than {_ENOUGH} repeat buyers with a value.")
    few = _few(summary, usable)
    first = FirstOrder.of(summary)
    plain = [_try(model, Drivers(), few) for model in SPEND_MODELS.values()]
    reason = _why_not(plain[0])
    fits = [_with_first(found, first, few) for found in plain if isinstance(found, Fitted)]
    best = min(fits, key=lambda found: found.report.aic, default=None)
    if best is None or _why_not(best):
        report = plain[0].report if isinstance(plain[0], Fitted) else None
        return ShrunkSpend.of(summary, reason or _why_not(best), report)
    findings = [_chosen(best, fits, reason)]
    link = frequency_link(summary)
    if link is not None:
        best, found = _with_orders(best, link, few)
        findings.append(found)
    model, drivers = parts(best.likelihood)
    whole = best if few is summary else _try(model, drivers, summary)
    if not isinstance(whole, Fitted) or _why_not(whole):
        return ShrunkSpend.of(summary, _why_not(whole))
    kind = GammaGammaSpend if isinstance(model, GammaGamma) else LogNormalSpending
    return kind(whole, findings=tuple(findings))


def _few(summary: Summary, usable: NDArray[np.bool_]) -> Summary:
    """At most `_SAMPLE` repeat buyers, evenly over what they spent; all where rows are weighted."""
    rows = np.flatnonzero(usable)
    if summary.weight is not None or len(rows) <= _SAMPLE or summary.mean_spend is None:
        return summary
    keys = [summary.mean_spend[rows], summary.repeat_orders[rows]]
    if summary.first_spend is not None:
        keys.insert(0, summary.first_spend[rows])
    ordered = rows[np.lexsort(keys)]
    return summary.select(ordered[np.arange(0, len(ordered), -(-len(ordered) // _SAMPLE))])


def _try(model: SpendModel, drivers: Drivers, summary: Summary) -> Fitted | str:
    """The fit, or why there is none."""
    try:
        return fit(Driven(model, drivers) if drivers.parameters else model, summary)
    except RegularsError as error:
        return f"{model.title} could not be fitted: {error.message}"


def _why_not(found: Fitted | str | None) -> str:
    """Why a fit cannot be used, in a sentence; '' where it can."""
    if found is None or isinstance(found, str):
        return found or "No spend model could be fitted."
    model, _ = parts(found.likelihood)
    if found.report.verdict != "converged":
        return f"{model.title}: {found.report.explanation}"
    own = found.params[: len(model.parameters)]
    return "" if model.has_mean(own) else f"{model.title} has no mean here (q = {own[1]:.2f} <= 1)."


def _with_first(found: Fitted, first: FirstOrder | None, summary: Summary) -> Fitted:
    """The same with the first order as a driver, where that fits clearly better."""
    model, _ = parts(found.likelihood)
    larger = None if first is None else _try(model, Drivers(first=first), summary)
    return larger if isinstance(larger, Fitted) and _better(larger, found) else found


def _with_orders(found: Fitted, link: FrequencyLink, summary: Summary) -> tuple[Fitted, str]:
    """The same with the number of orders as a driver, where the link is sure and large."""
    sentence = link.sentence()
    if not link.present:
        return found, sentence
    model, drivers = parts(found.likelihood)
    larger = _try(model, replace(drivers, orders=True), summary)
    if not isinstance(larger, Fitted) or not _better(larger, found):
        return found, f"{sentence} {model.title} accounts for it by each customer's own orders."
    factor = larger.params[-1]
    if max(factor, 1 / factor) >= _MATTERS:
        return larger, f"{sentence} It is modelled: by the number of orders, {factor - 1:+.0%}."
    known = "own orders" if drivers.first is None else "first order and their own mean"
    return found, (
        f"{sentence} {model.title} takes the two to be independent; beside each customer's {known}"
        f" what is left of it, {factor - 1:+.0%}, is below the"
        f" {_MATTERS - 1:.0%} from which it is modelled."
    )


def _better(larger: Fitted, smaller: Fitted) -> bool:
    return not _why_not(larger) and larger.report.aic < smaller.report.aic - _CLEAR


def _chosen(best: Fitted, fits: list[Fitted], reason: str) -> str:
    """Which model was taken and why, in a sentence."""
    model, drivers = parts(best.likelihood)
    others = [found for found in fits if found is not best]
    sentence = f"{model.title} gives what an order is worth"
    if others and not reason:
        gap = others[0].report.aic - best.report.aic
        sentence += f"; it fits better than {others[0].report.title} (AIC {gap:.0f} lower)"
    elif reason and not isinstance(model, GammaGamma):
        sentence += f", for {reason[0].lower() if reason[1].islower() else reason[0]}{reason[1:-1]}"
    if drivers.first is not None:
        factor = best.params[len(model.parameters)]
        sentence += (
            f". Customers whose first order is twice as large spend {abs(factor - 1):.0%} "
            f"{'more' if factor > 1 else 'less'} an order later"
        )
    return sentence + "."

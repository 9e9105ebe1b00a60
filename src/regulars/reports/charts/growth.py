"""Charts of cohorts: retention and cumulative LTV by month since the first order."""

from __future__ import annotations

from typing import Any

from regulars.reports.charts.look import INK, RAMP, WIDE, Size, finish, rows
from regulars.reports.cohorts import CohortView, curves, mean_curve
from regulars.reports.format import axis_money

TONES = ("oldest", "older", "newer", "newest")
MEAN = "weighted mean"


def retention_chart(view: CohortView, size: Size = WIDE) -> Any:
    """Share of each cohort that ordered in a month after the first, with the weighted mean."""
    return _curves(view, size, "Retention by cohort", "Ordered in the month", first_age=1)


def ltv_chart(view: CohortView, currency: str = "", size: Size = WIDE) -> Any:
    """Cumulative revenue per customer of each cohort, with the weighted mean."""
    return _curves(view, size, f"{view.title} by cohort", "Per customer so far", 0, currency)


def _curves(
    view: CohortView, size: Size, title: str, y_title: str, first_age: int, currency: str = ""
) -> Any:
    import altair as alt

    share = view.key == "retention"
    lines, mean = curves(view, first_age), mean_curve(view, first_age)
    for row in lines:
        row["tone"] = TONES[min(int(row["place"] * len(TONES)), len(TONES) - 1)]
    ages = [row["age"] for row in lines] or [first_age]
    every = max(1, -(-(max(ages) - first_age) // (6 if size.narrow else 12)))
    x = (
        alt.X("age:Q", title="Months since first order")
        .scale(domain=[first_age, max(max(ages), first_age + 1) + 0.2], nice=False)
        .axis(values=list(range(first_age, max(ages) + 1, every)), format="d")
    )
    y = alt.Y("value:Q", title=y_title).scale(zero=True)
    y = y.axis(format=".0%") if share else y.axis(labelExpr=money_expression(currency))
    color = alt.Color("tone:N").scale(domain=[*TONES, MEAN], range=[*RAMP[2:], INK])
    color = color.legend(values=[TONES[0], TONES[-1], MEAN], symbolType="stroke")
    cohort = alt.Chart(rows(lines)).mark_line(strokeWidth=1.4)
    average = alt.Chart(rows([{**row, "tone": MEAN} for row in mean])).encode(x=x, y=y, color=color)
    layers = [
        cohort.encode(x=x, y=y, detail="cohort:N", color=color),
        average.mark_line(strokeWidth=2.8),
    ]
    if len(mean) == 1:
        layers.append(average.mark_point(filled=True, size=50, opacity=1))
    return finish(alt.layer(*layers), size, title)


def money_expression(currency: str) -> str:
    """A Vega expression that labels an axis with amounts as the rest of the page writes them."""
    before, _, after = axis_money(0, currency).partition("0")
    parts = [part.replace("\\", "").replace("'", "") for part in (before, after)]
    return f"'{parts[0]}' + format(datum.value, datum.value >= 10000 ? '~s' : ',~r') + '{parts[1]}'"

"""The grids behind the cohort table, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.reports.cohorts import MOST_COHORTS, cohort_views, curves, heat, mean_curve
from regulars.terms.answer import CohortTable
from reports import sample

NAN = np.nan


@pytest.fixture
def three() -> CohortTable:
    """Three cohorts of 100, 50 and 10 customers; the last month is still running."""
    return CohortTable(
        starts=np.array(["2025-01-01", "2025-02-01", "2025-03-01"], dtype="datetime64[D]"),
        sizes=np.array([100, 50, 10]),
        active=np.array([[100, 30, 10], [50, 20, NAN], [10, NAN, NAN]], dtype=float),
        orders=np.array([[110, 35, 12], [55, 20, NAN], [10, NAN, NAN]], dtype=float),
        revenue=np.array([[1000, 300, 50], [600, 150, NAN], [90, NAN, NAN]], dtype=float),
        unfinished=np.array([[False, False, True], [False, True, False], [True, False, False]]),
    )


def test_three_readings(three):
    retention, revenue, ltv = cohort_views(three)
    assert retention.values[0, 1] == pytest.approx(0.3)
    assert revenue.values[1, 1] == pytest.approx(3.0)
    assert ltv.values[0] == pytest.approx([10, 13, 13.5])
    assert np.isnan(ltv.values[1, 2])
    assert list(retention.small) == [False, False, True]
    assert retention.starts == ("Jan 25", "Feb 25", "Mar 25")


def test_means_weigh_customers_and_leave_out_running_months(three):
    retention, revenue, ltv = cohort_views(three)
    assert retention.mean[:2] == pytest.approx([1.0, 0.3])
    assert revenue.mean[:2] == pytest.approx([1600 / 150, 3.0])
    assert ltv.mean[:2] == pytest.approx([1600 / 150, 1600 / 150 + 3.0])
    assert np.isnan(retention.mean[2])
    assert [row["age"] for row in mean_curve(retention, 0)] == [0, 1]
    assert {(row["cohort"], row["age"]) for row in curves(retention, 0)} == {
        ("Jan 25", 0),
        ("Jan 25", 1),
        ("Feb 25", 0),
    }


def test_shades_cover_what_was_seen(three):
    shades = heat(cohort_views(three)[0], 7)
    assert shades[1, 2] == -1
    assert shades[0, 1] <= shades[1, 1]
    assert shades.max() <= 6


def test_only_the_newest_cohorts_are_shown():
    n = 50
    future = np.add.outer(np.arange(n), np.arange(n)) > n - 1
    full = np.where(future, NAN, 10.0)
    view = cohort_views(
        CohortTable(
            starts=np.arange(n).astype("datetime64[M]").astype("datetime64[D]"),
            sizes=np.full(n, 40),
            active=full,
            orders=full,
            revenue=full,
            unfinished=np.zeros((n, n), dtype=bool),
        )
    )[0]
    assert len(view.starts) == MOST_COHORTS
    assert view.left_out == n - MOST_COHORTS
    assert view.values.shape[1] == MOST_COHORTS


def test_a_single_running_month():
    views = cohort_views(sample.one_customer().cohorts)
    assert views[0].values.tolist() == [[1.0]]
    assert np.isnan(views[0].mean).all()

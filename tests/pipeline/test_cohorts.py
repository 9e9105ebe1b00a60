"""Cohorts of a valued shop: sums tie out, cells to come are marked, names are checked."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from regulars.data import Attributes, read_orders, simulate_orders
from regulars.pipeline.cohorts import cohorts
from regulars.pipeline.value import value_base
from regulars.terms.cohorts import EXPECTED, NONE, RUNNING, SEEN
from regulars.terms.errors import InputError
from regulars.terms.service import ServiceCosts
from shared_data import shared


@pytest.fixture(scope="module")
def valued():
    orders = read_orders(simulate_orders(900, seed=3, days=545))
    return value_base(orders, margin=0.4, model="bg-nbd")


@pytest.fixture(scope="module")
def found(valued):
    return cohorts(valued)


def test_the_triangle_is_seen_running_then_expected(found):
    state = found.grid.state
    rows, ages = np.indices(state.shape)
    finished = rows + ages < len(rows) - 1
    assert (state[finished] == SEEN).all()
    assert (state[rows + ages == len(rows) - 1] == RUNNING).all()
    ahead = rows + ages - len(rows) + 1
    assert (state[(ahead > 0) & (ahead <= 12)] == EXPECTED).all()
    assert (state[ahead > 12] == NONE).all()


def test_expected_revenue_is_that_of_the_outlook(valued, found):
    """Of the newest cohort, whose months to come all have a column: discounted it is a bit less."""
    coming = found.grid.coming
    total = coming.net[-1].sum() + coming.rest_net[-1].sum()
    newest = valued.ledger.first[valued.ledger.bought] == valued.ledger.last_month
    assert total == pytest.approx(valued.outlook.value[newest].sum() * 1.04, rel=0.03)


def test_measures_agree_with_the_sums(found):
    grid = found.grid
    revenue, margin, ltv = (grid.measure(key) for key in ("revenue", "margin", "ltv"))
    assert margin.values == pytest.approx(revenue.values * 0.4, nan_ok=True)
    assert ltv.values[0, 3] == pytest.approx(margin.values[0, :4].sum())
    assert ltv.mean[2] == pytest.approx(margin.mean[:3].sum())
    done = grid.finished
    assert grid.measure("retention").mean[1] == pytest.approx(
        done.active[:, 1].sum() / done.customers[:, 1].sum()
    )


@pytest.mark.parametrize("key", ["retention", "repeat", "orders", "revenue", "margin", "ltv"])
def test_expected_cells_have_intervals_and_counted_ones_none(found, key):
    measure = found.grid.measure(key)
    ahead = measure.state == EXPECTED
    assert np.isnan(measure.low[~ahead]).all()
    known = ahead & np.isfinite(measure.low)
    assert known.sum() > 0.8 * ahead.sum()
    assert (measure.low[known] <= measure.values[known]).all()
    assert (measure.values[known] <= measure.high[known]).all()


def test_shares_never_fall_back(found):
    again = found.grid.measure("repeat")
    for values, state in zip(again.values, again.state, strict=True):
        shown = values[state == EXPECTED]
        assert (np.diff(shown) >= -1e-12).all()
    known = again.values[again.state != NONE]
    assert ((known >= 0) & (known <= 1)).all()


@pytest.mark.parametrize(
    ("key", "wider"),
    [("retention", False), ("repeat", False), ("orders", False), ("revenue", True), ("ltv", True)],
)
def test_doubt_about_the_value_of_orders_widens_money_alone(valued, found, key, wider):
    coming = found.grid.coming
    assert coming.common == valued.outlook.total_variance
    assert coming.spend == valued.outlook.spend_variance
    unsure = replace(found.grid, coming=replace(coming, spend=coming.spend + 0.5)).measure(key)
    plain = found.grid.measure(key)
    ahead = (plain.state == EXPECTED) & np.isfinite(plain.high)
    change = (unsure.high - unsure.low)[ahead] - (plain.high - plain.low)[ahead]
    assert (change > 0).all() if wider else (change == 0).all()


def test_payback_is_the_first_age_that_covers_cac(valued):
    cac = dict.fromkeys(cohorts(valued).grid.names[:3], 30.0)
    found = cohorts(valued, cac=cac)
    ltv = found.grid.measure("ltv").values
    for row in range(3):
        age = found.payback[row]
        assert ltv[row, age] >= 30.0
        assert (ltv[row, :age] < 30.0).all()
    assert (found.payback[3:] == -1).all()
    never = cohorts(valued, cac={found.grid.names[0]: 1e9})
    assert never.payback[0] == -1


def test_by_an_attribute_every_customer_has_a_row(valued):
    ids = valued.ledger.customer_id
    known = Attributes(ids[::2], {"plan": np.array(["a", "b", None] * len(ids))[: len(ids[::2])]})
    found = cohorts(valued, by="plan", customers=known, every="quarter")
    assert set(found.grid.names) == {"a", "b", "(unknown)"}
    assert found.grid.net.sum() == valued.ledger.net.sum()
    assert found.grid.buyers.sum() == len(valued.summary)
    assert found.grid.starts is None


def test_what_cannot_be_asked(valued):
    with pytest.raises(InputError, match="is no row"):
        cohorts(valued, cac={"1999-01": 3.0})
    with pytest.raises(InputError, match="below 0"):
        cohorts(
            valued,
            cac={
                valued.answer.cohorts.starts[0].astype("datetime64[M]").item().strftime("%Y-%m"): -1
            },
        )
    with pytest.raises(InputError, match="need a CAC each"):
        cohorts(valued, cac=[1.0, 2.0])
    with pytest.raises(InputError, match="makes no cohorts"):
        cohorts(valued, every="week")


def test_too_little_data_leaves_cells_to_come_empty():
    found = cohorts(read_orders(simulate_orders(40, seed=1, days=80)))
    assert found.grid.coming is None
    assert not (found.grid.state == EXPECTED).any()
    assert any("Too little" in note for note in found.notes)


def test_service_is_taken_off_the_margin_once(valued, found):
    ledger = valued.ledger
    costs = ServiceCosts(
        ledger.customer_id[:3].astype(str).astype(object),
        ledger.first[:3],
        np.array([10_000, 20_000, 30_000]),
    )
    served = cohorts(valued, serving=costs)
    assert served.grid.net.sum() == found.grid.net.sum()
    assert found.grid.margin.sum() - served.grid.margin.sum() == pytest.approx(6.0)
    cells = served.grid.finished.cost.sum() + served.grid.running.cost.sum()
    assert cells == 60_000


@pytest.mark.slow
@pytest.mark.parametrize("by", ["cohort", "country"])
def test_online_retail_ties_to_the_audit(by):
    """Rows of a real export, cancellations and all, add up to its net revenue to the tick."""
    orders = read_orders(shared("online_retail_2009_2010.csv.gz"), currency="GBP")
    found = cohorts(orders, by=by, every="quarter", model="bg-nbd")
    audit = orders.audit.as_dict()
    owned = (Decimal(audit["net_revenue"]) - Decimal(audit["unowned_revenue"])) * 10_000
    assert found.grid.net.sum() == owned
    assert found.movements.net_revenue.sum() == owned

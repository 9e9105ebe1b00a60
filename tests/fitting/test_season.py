"""Seasons: a calendar that is even changes nothing, and one that is not moves the orders."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import read_orders, summarise
from regulars.fitting.fit import fit
from regulars.fitting.predict import expected_orders, p_alive, predict
from regulars.fitting.probabilities import order_probabilities
from regulars.fitting.season import fit_seasonal
from regulars.fitting.store import load, save
from regulars.models.pareto_nbd import ParetoNBD
from regulars.models.seasonal import Calendar, Seasonal
from regulars.terms.errors import DataError, InputError
from regulars.terms.summary import Summary

EVEN = Calendar.of(np.ones(52))


@pytest.fixture(scope="module")
def shop():
    """Three years in which November and December sell four times as much."""
    rng = np.random.default_rng(3)
    start, days = dt.date(2021, 1, 1), 1095
    day = np.array([start + dt.timedelta(k) for k in range(days)])
    busy = np.array([4.0 if d.month >= 11 else 1.0 for d in day])
    rows = []
    for who in range(400):
        first = int(rng.integers(0, 700))
        rate = rng.gamma(1.0, 1 / 60)
        came = rng.random(days) < rate * busy
        came[: first + 1] = False
        came[first] = True
        rows += [(who, str(day[k]), 10.0) for k in np.flatnonzero(came)]
    who, when, amount = zip(*rows, strict=True)
    return read_orders(pa.table({"customer_id": who, "ordered_at": when, "amount": amount}))


def test_calendar_time_and_its_inverse():
    calendar = Calendar.of(np.r_[np.ones(40), np.full(12, 3.0)])
    day = np.linspace(-900.0, 20_000.0, 999)
    assert calendar.day(calendar.passed(day)) == pytest.approx(day, rel=1e-12, abs=1e-9)
    assert calendar.passed(365.25 * 8) == pytest.approx(365.25 * 8)
    assert (np.diff(calendar.passed(day)) > 0).all()
    with pytest.raises(InputError, match="above 0"):
        Calendar.of([1.0, 0.0])


@pytest.mark.parametrize("name", ["nbd", "bg-nbd", "mbg-nbd", "pareto-nbd"])
def test_an_even_calendar_changes_nothing(shop, name):
    from regulars.fitting.registry import orders_model

    summary = summarise(shop)
    plain = fit(name, summary)
    even = fit(Seasonal(orders_model(name), EVEN, "week"), summary)
    assert even.report.log_likelihood == pytest.approx(plain.report.log_likelihood, rel=1e-9)
    even = replace(even, params=plain.params)  # not all of them are pinned in this shop
    one, other = predict(plain, summary, "26w"), predict(even, summary, "26w")
    for field in ("p_alive", "orders", "discounted_orders", "lifetime", "next_order"):
        assert getattr(other, field) == pytest.approx(getattr(one, field), rel=1e-5), field


def test_the_season_of_a_shop_is_found_and_foretold(shop):
    """Two months with four times the orders: rates of 2.7 there and .68 elsewhere on average."""
    fitted, season = fit_seasonal("pareto-nbd", shop, until="2023-08-31")
    rates = np.array(season.calendar.rates)
    assert rates[45:51].mean() == pytest.approx(4 / 1.5, rel=0.15)
    assert rates[5:40].mean() == pytest.approx(1 / 1.5, rel=0.1)
    assert season.note == ""
    summary = summarise(shop, until="2023-08-31")
    soon = expected_orders(fitted, summary, "8w").sum()
    later = expected_orders(fitted, summary, "17w").sum() - soon
    plain = fit("pareto-nbd", summary)
    flat = (
        expected_orders(plain, summary, "17w").sum() - expected_orders(plain, summary, "8w").sum()
    )
    assert later > 1.8 * flat
    chances = order_probabilities(fitted, summary, "17w", most=60)
    mean = (chances * np.arange(61)).sum(1)
    assert mean == pytest.approx(expected_orders(fitted, summary, "17w"), rel=1e-5, abs=1e-9)


def test_it_is_saved_and_loaded_to_the_bit(shop, tmp_path):
    fitted, _ = fit_seasonal("bg-nbd", shop, until="2023-08-31")
    summary = summarise(shop, until="2023-08-31")
    again = load(save(fitted, tmp_path / "model.json"))
    assert (p_alive(again, summary) == p_alive(fitted, summary)).all()
    alone = summary.select(np.array([7]))
    among = expected_orders(fitted, summary, "20w")[7]
    assert expected_orders(again, alone, "20w")[0] == pytest.approx(among, rel=1e-14)


def test_a_season_that_came_once_is_not_believed(shop):
    fitted, season = fit_seasonal("bg-nbd", shop, until="2022-06-30")
    assert season.strength == 0.0
    assert "no season twice" in season.note
    assert fitted.report.verdict in {"converged", "not identified"}


def test_what_it_cannot_do_is_said(shop):
    with pytest.raises(InputError, match="gaps"):
        fit_seasonal("bg-cnbd-k", shop)
    model = Seasonal(ParetoNBD(), EVEN, "week")
    with pytest.raises(DataError, match="date of the cut-off"):
        fit(model, Summary.from_rfm([1, 0], [2, 0], [5, 5]))

"""The same numbers as lifetimes 0.11.3, from the same data and from the same parameters."""

import numpy as np
import pandas as pd
import pytest

from compat.conftest import STORIES
from regulars.compat import lifetimes
from regulars.compat.lifetimes import utils

TIMES = [0.5, 1.0, 10.0, 52.0]
PENALTIES = {"free": 0.0, "penalised": 0.05}


def set_to(kind, params):
    """A fitter at parameters that were found elsewhere."""
    fitter = getattr(lifetimes, kind)()
    fitter.params_ = pd.Series(params)
    return fitter


def close(ours, theirs, rtol=1e-8):
    np.testing.assert_allclose(np.asarray(ours, dtype=float), theirs, rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("way", PENALTIES)
@pytest.mark.parametrize("kind", STORIES)
def test_fit(kind, way, shops, lifetimes_says):
    """Parameters to 1e-4; the loss is never above theirs, which stops where it is patient."""
    told = lifetimes_says[kind][way]
    fitter = getattr(lifetimes, kind)(penalizer_coef=PENALTIES[way]).fit(*shops["fits"][kind])
    assert list(fitter.params_.index) == list(told["params"])
    close(fitter.params_, list(told["params"].values()), rtol=1e-4)
    assert fitter._negative_log_likelihood_ <= told["loss"] + 1e-9 * abs(told["loss"])
    close(fitter._negative_log_likelihood_, told["loss"], rtol=1e-6)
    if "errors" in told:
        close(fitter.standard_errors_, list(told["errors"].values()), rtol=1e-3)


@pytest.mark.parametrize("kind", STORIES)
def test_predictions(kind, shops, lifetimes_says):
    told = lifetimes_says[kind]["free"]
    fitter = set_to(kind, told["params"])
    x, t_x, T = (np.array(v) for v in shops["grid"])
    close(fitter.conditional_probability_alive(x, t_x, T), told["alive"])
    close(fitter.conditional_probability_alive_matrix(5, 12), told["matrix"])
    close(fitter.expected_number_of_purchases_up_to_time(TIMES), told["new"])
    for t, theirs in zip(TIMES, told["orders"], strict=True):
        close(fitter.predict(t, x, t_x, T), theirs)


@pytest.mark.parametrize("kind", ["BetaGeoFitter", "ModifiedBetaGeoFitter"])
def test_chances_of_a_new_customer(kind, lifetimes_says):
    told = lifetimes_says[kind]["free"]
    fitter = set_to(kind, told["params"])
    for t, theirs in zip(TIMES, told["chances"], strict=True):
        close(fitter.probability_of_n_purchases_up_to_time(t, np.arange(8)), theirs)


def test_chances_of_a_customer(shops, lifetimes_says):
    """Theirs are differences of large terms: 1e-6."""
    told = lifetimes_says["ParetoNBDFitter"]["free"]
    fitter = set_to("ParetoNBDFitter", told["params"])
    x, t_x, T = (np.array(v) for v in shops["grid"])
    for n, theirs in enumerate(told["chances"]):
        ours = fitter.conditional_probability_of_n_purchases_up_to_time(n, 8.0, x, t_x, T)
        close(ours, theirs, rtol=1e-6)


def test_weights(shops, lifetimes_says):
    told = lifetimes_says["weighted"]
    fitter = lifetimes.BetaGeoFitter()
    fitter.fit(*shops["fits"]["BetaGeoFitter"], weights=shops["weights"])
    close(fitter.params_, list(told["params"].values()), rtol=1e-4)
    close(fitter.standard_errors_, list(told["errors"].values()), rtol=1e-3)


def test_donations(shops, lifetimes_says):
    told = lifetimes_says["donations"]
    fitter = lifetimes.BetaGeoBetaBinomFitter().fit(*shops["donations"])
    close(fitter.params_, list(told["params"].values()), rtol=1e-4)
    assert fitter._negative_log_likelihood_ <= told["loss"] + 1e-9
    close(fitter.standard_errors_, list(told["errors"].values()), rtol=1e-3)
    close(
        fitter.expected_number_of_transactions_in_first_n_periods(6)["model"], told["first"], 1e-3
    )
    same = set_to("BetaGeoBetaBinomFitter", told["params"])
    columns = [np.array(v) for v in shops["donations"]]
    close(same.conditional_expected_number_of_purchases_up_to_time(5, *columns), told["orders"])
    close(same.conditional_probability_alive(3, *columns), told["alive"])


@pytest.mark.parametrize(("way", "penalty"), [("free", 0.0), ("penalised", 0.01)])
def test_spend(way, penalty, shops, lifetimes_says):
    told, given = lifetimes_says["spend"][way], shops["spend"]
    x, money = np.array(given["x"]), np.array(given["money"])
    fitter = lifetimes.GammaGammaFitter(penalizer_coef=penalty).fit(x, money)
    close(fitter.params_, list(told["params"].values()), rtol=1e-4)
    assert fitter._negative_log_likelihood_ <= told["loss"] + 1e-9
    close(fitter.standard_errors_, list(told["errors"].values()), rtol=1e-3)
    same = set_to("GammaGammaFitter", told["params"])
    close(same.conditional_expected_average_profit(x, money), told["profit"])


@pytest.mark.parametrize("freq", ["D", "W", "M"])
def test_customer_lifetime_value(freq, shops, lifetimes_says):
    told, given = lifetimes_says["spend"], shops["spend"]
    columns = [pd.Series(given[name]) for name in ("x", "t_x", "T", "money")]
    spend = set_to("GammaGammaFitter", told["free"]["params"])
    model = set_to("BetaGeoFitter", told["model"])
    ours = spend.customer_lifetime_value(model, *columns, time=7, discount_rate=0.02, freq=freq)
    close(ours, told["value"][freq])


SUMMARIES = {
    "daily": {},
    "weekly": {"freq": "W"},
    "sevenths": {"freq": "D", "freq_multiplier": 7},
    "all": {"include_first_transaction": True, "observation_period_end": "2024-06-30"},
}


@pytest.mark.parametrize("name", SUMMARIES)
def test_summaries(name, orders_frame, lifetimes_says):
    ours = utils.summary_data_from_transaction_data(
        orders_frame, "id", "date", "amount", **SUMMARIES[name]
    ).reset_index()
    assert list(ours.columns) == list(lifetimes_says["frames"][name])
    for column, theirs in lifetimes_says["frames"][name].items():
        close(ours[column], theirs, rtol=1e-12)


def test_split(orders_frame, lifetimes_says):
    told = lifetimes_says["frames"]["split"]
    ours = utils.calibration_and_holdout_data(
        orders_frame, "id", "date", "2024-06-30", monetary_value_col="amount"
    ).reset_index()
    assert list(ours.columns) == list(told)
    for column, theirs in told.items():
        close(ours[column], theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tracked", {"freq": "D", "t": 300}),
        ("by_week", {"freq": "D", "t": 300, "freq_multiplier": 7}),
        ("weeks", {"freq": "W", "t": 40, "set_index_date": True}),
    ],
)
def test_tracking(name, options, orders_frame, lifetimes_says):
    told = lifetimes_says["frames"][name]
    model = set_to("BetaGeoFitter", {"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.4})
    ours = utils.expected_cumulative_transactions(model, orders_frame, "date", "id", **options)
    close(ours["actual"], told["actual"])
    close(ours["predicted"], told["predicted"])
    assert [str(label) for label in ours.index] == told["index"]

"""The same numbers as PyMC-Marketing 0.19.2: MAP to 1e-3, predictions at its parameters to 1e-6."""

import numpy as np
import pandas as pd
import pytest

from compat.conftest import STORIES
from regulars.compat.pymc_marketing import clv

pytestmark = pytest.mark.slow  # it compiles a graph for each model


def close(ours, theirs, rtol=1e-6):
    np.testing.assert_allclose(np.asarray(ours).reshape(-1), theirs, rtol=rtol, atol=1e-12)


def set_to(kind, params, frame=None):
    """A model at parameters that were found elsewhere."""
    model = getattr(clv, kind)()
    own = {k: np.array(v).reshape(1, 1, *np.shape(v)[1:]) for k, v in params.items()}
    model._posterior = {letter: own[letter] for letter in model._letters}
    model.data = frame
    return model


def table(columns, names=("frequency", "recency", "T")):
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    return frame.assign(customer_id=range(len(frame)))


@pytest.mark.parametrize("kind", [*STORIES, "BetaGeoBetaBinomFitter"])
def test_orders(kind, shops, pymc_marketing_says):
    name = kind.replace("Fitter", "Model")
    told = pymc_marketing_says[name]
    frame = table({**shops["fits"], "BetaGeoBetaBinomFitter": shops["donations"]}[kind])
    model = getattr(clv, name)()
    model.fit(frame, method="map")
    assert set(model.posterior) == set(told["params"])
    for key, theirs in told["params"].items():
        close(model.posterior[key], theirs, rtol=1e-3)
    model, few = set_to(name, told["params"]), frame.iloc[:40]
    close(model.expected_purchases(few, future_t=12), told["orders"])
    close(model.expected_purchases_new_customer(few, t=20), told["new"])
    ahead = {"future_t": 3} if name == "BetaGeoBetaBinomModel" else {}
    close(model.expected_probability_alive(few, **ahead), told["alive"])
    if "none" in told:  # theirs of who never came back counts a chance to have left
        back = (few["frequency"] > 0).to_numpy()
        none = np.asarray(model.expected_probability_no_purchase(8, few)).reshape(-1)
        close(none[back], np.array(told["none"])[back])
    if "later" in told:
        close(model.expected_probability_alive(few, future_t=5), told["later"])
        close(model.expected_purchase_probability(few, n_purchases=2, future_t=8), told["two"])


def test_spend(shops, pymc_marketing_says):
    told = pymc_marketing_says["spend"]
    columns = [shops["spend"][name] for name in ("x", "t_x", "T", "money")]
    frame = table(columns, ("frequency", "recency", "T", "monetary_value"))
    model = clv.GammaGammaModel()
    model.fit(frame, method="map")
    for key, theirs in told["params"].items():
        close(model.posterior[key], theirs, rtol=1e-3)
    same, few = set_to("GammaGammaModel", told["params"]), frame.iloc[:40]
    close(same.expected_customer_spend(few), told["expected"])
    close(same.expected_new_customer_spend(), told["new"])
    orders = clv.BetaGeoModel()
    orders.fit(frame, method="map")
    value = same.expected_customer_lifetime_value(
        orders, few, future_t=6, discount_rate=0.02, time_unit="W"
    )
    close(value, told["value"], rtol=1e-3)


def test_contracts(shops, pymc_marketing_says):
    told = pymc_marketing_says["plans"]
    frame = pd.DataFrame(shops["plans"])
    model = clv.ShiftedBetaGeoModel()
    model.fit(frame, method="map")
    for key, theirs in told["params"].items():
        close(model.posterior[key], theirs, rtol=1e-3)
    params = {k: [v] for k, v in told["params"].items()}
    same = set_to("ShiftedBetaGeoModel", params, frame)
    close(same.expected_retention_rate(frame, future_t=2), told["retention"])
    close(same.expected_probability_alive(frame, future_t=2), told["alive"])
    close(same.expected_residual_lifetime(frame, discount_rate=0.1), told["residual"])
    close(same.expected_retention_elasticity(frame, discount_rate=0.1), told["elasticity"])


def test_helpers(orders_frame, pymc_marketing_says):
    names = ("id", "date", "amount")
    for name, ours in {
        "summary": clv.rfm_summary(orders_frame, *names),
        "weekly": clv.rfm_summary(orders_frame, *names, time_unit="W"),
        "split": clv.rfm_train_test_split(
            orders_frame, "id", "date", "2024-06-30", monetary_value_col="amount"
        ),
        "segments": clv.rfm_segments(orders_frame, *names),
    }.items():
        pd.testing.assert_frame_equal(
            ours, pd.DataFrame(pymc_marketing_says[name]), check_dtype=False, rtol=1e-12
        )

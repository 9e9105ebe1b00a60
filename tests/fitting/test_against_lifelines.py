"""Durations against lifelines, where it is installed: the same curve, the same coefficients."""

import numpy as np
import pytest

from regulars.fitting.contracts.choose import observe
from regulars.fitting.contracts.fit import fit_contract
from regulars.terms.tenures import Tenures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # lifelines calls what pandas 3 deprecates
]


@pytest.fixture(scope="module")
def lifelines():
    pytest.importorskip("pandas")
    return pytest.importorskip("lifelines", reason="lifelines is not installed")


def test_what_is_left_is_the_kaplan_meier_curve(lifelines):
    rng = np.random.default_rng(0)
    time, stop = rng.geometric(0.15, 900), rng.integers(2, 15, 900)
    duration, ended = np.minimum(time, stop), time <= stop
    theirs = lifelines.KaplanMeierFitter().fit(duration, ended)
    mine = observe(Tenures.of(duration, ended)).survival
    at = np.arange(len(mine))
    assert mine == pytest.approx(theirs.survival_function_at_times(at).to_numpy(), abs=1e-12)


def test_weibull_with_covariates_and_late_entry(lifelines):
    """Alike customers: r runs to infinity and the Weibull AFT of lifelines is what is left."""
    import pandas as pd

    rng = np.random.default_rng(1)
    n, shape = 20_000, 1.6
    x = rng.random(n)
    time = 8.0 * (rng.exponential(1.0, n) / np.exp(0.8 * x)) ** (1 / shape)
    entry, stop = rng.uniform(0, 3, n) * (rng.random(n) < 0.4), rng.uniform(4, 20, n)
    kept = time > entry
    data = pd.DataFrame({"t": np.minimum(time, stop), "e": time < stop, "entry": entry, "x": x})[
        kept
    ]
    theirs = lifelines.WeibullAFTFitter().fit(
        data, duration_col="t", event_col="e", entry_col="entry"
    )
    tenures = Tenures.of(
        data["t"], data["e"], entry=data["entry"], covariates={"x": data["x"]}, unit="month"
    )
    _, _, c, slope = fit_contract("weibull-gamma", tenures, covariates=("x",)).params
    assert c == pytest.approx(np.exp(theirs.params_["rho_"]["Intercept"]), rel=0.02)
    assert slope / c == pytest.approx(-theirs.params_["lambda_"]["x"], abs=0.02)
    log_likelihood = fit_contract("weibull-gamma", tenures, covariates=("x",)).report.log_likelihood
    assert log_likelihood >= theirs.log_likelihood_ - 0.01  # the Weibull is inside it

"""Pareto/NBD with static covariates on the simulated apparel shop, as the R packages fit it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from reference.test_pareto_nbd import apparel
from regulars.fitting.fit import fit
from shared_data import shared

BOTH = ["Gender", "Channel"]


def apparel_with_covariates():
    summary = apparel()
    log = pq.read_table(shared("apparel_sim.parquet"), columns=["customer_id"])
    known = pq.read_table(shared("apparel_sim_static_cov.parquet"))
    place = {who: i for i, who in enumerate(known["customer_id"].to_pylist())}
    rows = np.array([place[who] for who in np.unique(log["customer_id"].to_numpy())])
    return replace(summary, covariates={name: known[name].to_numpy()[rows] for name in BOTH})


def test_apparel_with_gender_and_channel_on_both_processes():
    """r 1.839, alpha 92.96, s .5913, beta 49.51; dropout -.642 .790; purchase .286 .624.

    LL -5821.0627. Source: CLVTools in R. Tolerance: half of the last digit; one more where the
    likelihood is flat.
    """
    fitted = fit("pareto-nbd", apparel_with_covariates(), purchase=BOTH, dropout=BOTH)
    found = fitted.report.parameters
    assert fitted.report.log_likelihood == pytest.approx(-5821.0627, abs=0.00005)
    assert fitted.report.verdict == "converged"
    assert found["r"] == pytest.approx(1.839, abs=0.0005)
    assert found["alpha"] == pytest.approx(92.96, abs=0.005)
    assert found["s"] == pytest.approx(0.5913, abs=0.00005)
    assert found["beta"] == pytest.approx(49.51, abs=0.01)
    assert found["dropout.Gender"] == pytest.approx(-0.642, abs=0.0005)
    assert found["dropout.Channel"] == pytest.approx(0.790, abs=0.0005)
    assert found["purchase.Gender"] == pytest.approx(0.286, abs=0.0005)
    assert found["purchase.Channel"] == pytest.approx(0.624, abs=0.0005)


def test_labels_are_the_same_fit_as_their_indicators():
    """Gender as words: the base is the most frequent label, and nothing else changes."""
    summary = apparel_with_covariates()
    gender = summary.covariates["Gender"]
    words = np.where(gender > 0, "female", "male").astype(object)
    named = replace(summary, covariates={**summary.covariates, "gender": words})
    by_words = fit(
        "pareto-nbd", named, purchase=["gender", "Channel"], dropout=["gender", "Channel"]
    )
    by_number = fit("pareto-nbd", named, purchase=BOTH, dropout=BOTH)
    assert by_words.report.log_likelihood == pytest.approx(
        by_number.report.log_likelihood, abs=1e-8
    )
    base = "female" if np.mean(gender) > 0.5 else "male"
    assert f"purchase.gender={base}" not in by_words.report.parameters

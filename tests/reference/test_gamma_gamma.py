"""Gamma-Gamma on CDNOW: Fader & Hardie 2013."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.models.gamma_gamma import GammaGamma
from shared_data import cdnow

PUBLISHED = (6.25, 3.74, 15.44)


def test_cdnow_parameters_and_log_likelihood():
    """Fader & Hardie 2013, section 4: p 6.25, q 3.74, v 15.44, LL -4055.9177, 946 repeat buyers.

    Tolerance: half of the last printed digit.
    """
    report = fit("gamma-gamma", cdnow().summary).report
    assert tuple(report.parameters.values()) == pytest.approx(PUBLISHED, abs=0.005)
    assert report.log_likelihood == pytest.approx(-4055.9177, abs=0.00005)
    assert report.customers == 946
    assert report.verdict == "converged"


def test_one_customer():
    """50 repeat orders of mean 38: -4.1702138, by independent 60-digit arithmetic.

    Another library's test expects 862.9432 here, which is no log-density of that mean.
    """
    found = GammaGamma().log_likelihood(PUBLISHED, np.array([50.0]), np.array([38.0]))
    assert found[0] == pytest.approx(-4.1702138, abs=5e-8)

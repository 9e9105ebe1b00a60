"""Contracts against printed numbers: Fader & Hardie 2007 and 2010, Fader et al. 2018.

Shares of 1,000 customers who were there after 0 .. 7 years, from Fader & Hardie (2007), "How to
Project Customer Retention", Journal of Interactive Marketing 21; log-likelihoods from an
independent implementation in 60 digits.
"""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.fitting.contracts.fit import fit_contract
from regulars.fitting.contracts.predict import residual_lifetime, survival_curve
from regulars.terms.tenures import Tenures
from shared_data import shared

HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1]
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]
SEGMENTS = {
    "high-end": (HIGH_END, (0.668, 3.806), -1611.158147),
    "regular": (REGULAR, (0.704, 1.182), -1680.265188),
}
# years 8 to 12 as they came (Fader & Hardie 2007)
LATER = {"high-end": [46.8, 44.5, 42.7, 40.9, 39.4], "regular": [22.3, 20.7, 19.4, 18.3, 17.3]}


def cohort(shares):
    """A thousand customers of whom these shares were there after 0, 1, 2 ... years."""
    there = 10.0 * np.array(shares)
    years = len(shares) - 1
    return Tenures.of(
        [*range(1, years + 1), years],
        [True] * years + [False],
        weight=[*-np.diff(there), there[-1]],
        unit="year",
    )


@pytest.mark.parametrize("segment", SEGMENTS)
def test_sbg_parameters_and_log_likelihood(segment):
    shares, printed, height = SEGMENTS[segment]
    fitted = fit_contract("sbg", cohort(shares))
    assert fitted.params == pytest.approx(printed, abs=5e-4)  # printed to three digits
    assert fitted.report.log_likelihood == pytest.approx(height, abs=1e-6)
    assert fitted.report.verdict == "converged"


@pytest.mark.parametrize("segment", SEGMENTS)
def test_sbg_from_the_two_cohorts_customer_by_customer(segment):
    table = pq.read_table(shared("sbg_cohorts.parquet"))
    years, watched = (table[name].to_numpy() for name in ("recency", "T"))
    rows = table["cohort"].to_numpy() == segment.replace("-", "")
    ended = years < watched  # paid for `years`, of which the first needed no renewal
    found = Tenures.of(np.where(ended, years, years - 1)[rows], ended[rows], unit="year")
    _, _, height = SEGMENTS[segment]
    assert fit_contract("sbg", found).report.log_likelihood == pytest.approx(height, abs=1e-6)


@pytest.mark.parametrize("segment", SEGMENTS)
def test_projection_to_year_12(segment):
    """The paper's point: seven years tell the next five to about a customer in a hundred."""
    curve = survival_curve(fit_contract("sbg", cohort(SEGMENTS[segment][0])), 12)
    assert 100 * curve.value[8:] == pytest.approx(LATER[segment], abs=2.5)
    assert (curve.low <= curve.value).all()
    assert (curve.value <= curve.high).all()


@pytest.mark.parametrize("segment", SEGMENTS)
def test_bdw_is_never_worse_than_the_sbg_inside_it(segment):
    shares, _, height = SEGMENTS[segment]
    fitted = fit_contract("bdw", cohort(shares))
    assert fitted.report.log_likelihood >= height
    assert fitted.params[2] > 1  # both cohorts leave a little more easily with time


def test_discounted_residual_lifetime():
    """Fader & Hardie 2010, Marketing Science 29: d = .1, (3.80, 15.20), n = 1 .. 5."""
    fitted = replace(fit_contract("sbg", cohort(HIGH_END)), params=(3.80, 15.20))
    found = residual_lifetime(fitted, [0, 1, 2, 3, 4], discount=0.1)
    assert found == pytest.approx([3.31, 3.45, 3.59, 3.72, 3.84], abs=0.005)

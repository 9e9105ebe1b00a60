"""Given parameters predict as a paper says, and are refused where they make no model."""

import numpy as np
import pytest

import regulars as rg
from regulars.fitting.given import given, log_likelihood
from regulars.terms.errors import InputError, ModelError
from regulars.terms.summary import Summary

CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def test_the_papers_customer_at_the_papers_parameters():
    """E[X(39)] = 1.226 for (2, 30.43, 38.86): Fader, Hardie & Lee 2005."""
    published = given("bg-nbd", CDNOW)
    customer = Summary.from_rfm([2], [30.43], [38.86])
    assert rg.expected_orders(published, customer, "39w")[0] == pytest.approx(1.226, abs=5e-4)
    assert published.report.verdict == "given"


def test_the_likelihood_of_a_history():
    """LL 100.795693 of (200, 38, 40) at (.25, 4, .8, 2.5), in 60 digits."""
    model = given("bg-nbd", {"r": 0.25, "alpha": 4.0, "a": 0.8, "b": 2.5})
    found = log_likelihood(model, Summary.from_rfm([200, 0], [38, 0], [40, 40]))
    assert found[0] == pytest.approx(100.795693, abs=5e-7)
    assert found.shape == (2,)


def test_it_adds_up_to_the_likelihood_of_a_fit():
    x = np.random.default_rng(0).integers(0, 5, 300)
    summary = Summary.from_rfm(x, np.where(x > 0, 7.0, 0.0), np.full(300, 20.0))
    fitted = rg.fit("mbg-nbd", summary)
    assert log_likelihood(fitted, summary).sum() == pytest.approx(fitted.report.log_likelihood)


@pytest.mark.parametrize(
    ("model", "params", "error", "words"),
    [
        ("bg-nbd", {"r": 1.0}, InputError, "takes r, alpha, a, b, not r"),
        ("nbd", {"r": -1.0, "alpha": 2.0}, InputError, "r = -1 is not possible"),
        ("bgnbd", CDNOW, ModelError, "no model"),
    ],
)
def test_impossible_parameters_are_refused(model, params, error, words):
    with pytest.raises(error, match=words):
        given(model, params)

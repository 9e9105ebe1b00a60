"""Priors: densities that add up to one, derivatives that hold, and words that say what is meant."""

from __future__ import annotations

import math

import numpy as np
import pytest

from regulars.fitting.priors import prior_from, prior_object
from regulars.inference.jets import variables
from regulars.inference.priors import (
    KINDS,
    Beta,
    Exponential,
    Flat,
    Gamma,
    HalfFlat,
    HalfNormal,
    HalfStudentT,
    LogNormal,
    Normal,
    Pareto,
    Pooled,
    Split,
    Uniform,
    Weibull,
    describe,
)
from regulars.inference.tangents import tangent_variables

OF_ONE = [
    Normal(0.4, 0.3),
    HalfNormal(0.7),
    LogNormal(-0.3, 0.6),
    Gamma(2.5, 3.0),
    Weibull(2.0, 1.3),
    Exponential(1.7),
    HalfStudentT(4.0, 0.6),
    Beta(2.0, 3.5),
    Uniform(0.2, 1.4),
    Pareto(2.5, 0.3),
]
SEVERAL = [
    (Split(Beta(2.0, 5.0), Gamma(3.0, 1.0)), (0.6, 1.9)),
    (Pooled(0.2), (0.5, -0.1, 0.4, 0.3)),
    (Pooled(0.0, HalfStudentT(3.0, 1.0)), (-0.5, 0.7)),
    (Flat(), (3.0,)),
    (HalfFlat(), (3.0,)),
]

kinds = pytest.mark.parametrize("prior", OF_ONE, ids=lambda p: type(p).__name__)


@kinds
def test_a_density_adds_up_to_one(prior):
    low = -5.0 if isinstance(prior, Normal) else 1e-9
    edges = np.concatenate([np.linspace(low, 5.0, 200_001), np.geomspace(5.0, 1e7, 100_001)[1:]])
    middle = 0.5 * (edges[1:] + edges[:-1])
    with np.errstate(all="ignore"):
        density = np.exp(prior.log_density(middle))
    assert np.nansum(density * np.diff(edges)) == pytest.approx(1.0, abs=2e-4)


@kinds
def test_floats_jets_and_tangents_agree(prior):
    for at in (0.35, 0.9):
        value = prior.log_density(at)
        (jet,), (tangent,) = variables([at]), tangent_variables([at])
        full, slope = prior.log_density(jet), prior.log_density(tangent)
        assert math.isclose(full.value if hasattr(full, "value") else full, value, rel_tol=1e-13)
        h = 1e-4
        up, down = prior.log_density(at + h), prior.log_density(at - h)
        first = getattr(full, "gradient", {}).get(0, 0.0)
        assert first == pytest.approx((up - down) / (2 * h), rel=1e-5, abs=1e-6)
        assert getattr(slope, "gradient", {}).get(0, 0.0) == pytest.approx(first, rel=1e-13)
        second = getattr(full, "hessian", {}).get((0, 0), 0.0)
        assert second == pytest.approx((up - 2 * value + down) / h**2, rel=1e-4, abs=1e-4)


def test_nothing_is_believed_where_there_is_no_density():
    for prior in (Exponential(), HalfNormal(), LogNormal(), Gamma(2, 1), HalfFlat(), Uniform()):
        assert prior.log_density(-0.1) == -math.inf
    assert Pareto(1.0, 1.0).log_density(0.99) == -math.inf
    assert Beta(2.0, 2.0).log_density(1.5) == -math.inf
    assert Pareto(1.0, 1.0).log_density(variables([0.5])[0]) in (-math.inf,) or np.isneginf(
        Pareto(1.0, 1.0).log_density(variables([0.5])[0]).value
    )


def test_split_is_a_density_of_both_parameters():
    """Share and sum change with (a, b) by 1 / (a + b), so the density in (a, b) adds up to one."""
    prior = Split(Beta(2.0, 5.0), Gamma(3.0, 1.0))
    side = (np.arange(1500) + 0.5) * 0.015
    a, b = np.meshgrid(side, side)
    with np.errstate(all="ignore"):
        density = np.exp(prior.log_density(a, b) + prior.log_stretch(a, b))
    assert density.sum() * 0.015**2 == pytest.approx(1.0, abs=2e-3)


def test_pooled_is_normal_around_the_centre():
    members, tau = np.array([0.3, -0.2, 0.9]), 0.4
    spread = HalfNormal(0.5)
    alone = sum(Normal(0.1, tau).log_density(m) for m in members)
    both = Pooled(0.1, spread).log_density(*members, tau)
    assert both == pytest.approx(alone + spread.log_density(tau))


@pytest.mark.parametrize(
    "prior", [*OF_ONE, *(p for p, _ in SEVERAL)], ids=lambda p: type(p).__name__
)
def test_a_prior_survives_as_an_object(prior):
    assert prior_from(prior_object(prior)) == prior
    assert describe(prior, ["a"]).startswith("a ")
    assert KINDS[type(prior).__name__] is type(prior)


@pytest.mark.parametrize(("prior", "values"), SEVERAL, ids=lambda p: type(p).__name__)
def test_priors_of_several_have_slopes(prior, values):
    jets = variables(list(values))
    found = prior.log_density(*jets)
    for i in range(len(values)):
        up, down = list(values), list(values)
        up[i] += 1e-5
        down[i] -= 1e-5
        slope = (prior.log_density(*up) - prior.log_density(*down)) / 2e-5
        assert getattr(found, "gradient", {}).get(i, 0.0) == pytest.approx(slope, abs=1e-5)


def test_a_prior_of_sum_and_share_is_told_in_words():
    prior = Split(Uniform(0.0, 1.0), Pareto(1.0, 1.0))
    assert describe(prior, ["a", "b"]) == (
        "a and b (their sum is at least 1, and much larger is possible; "
        "the share of the first in it is anything between 0 and 1)"
    )

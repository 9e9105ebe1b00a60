"""What every model must satisfy, whatever its story; a new model joins through the registry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting.coordinates import to_point
from regulars.fitting.fit import fit
from regulars.fitting.groups import history_of
from regulars.fitting.registry import LIKELIHOODS, ORDER_MODELS
from regulars.fitting.target import LogLikelihood
from regulars.inference.jets import Jet, total, variables
from regulars.models.base import History
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary
from stories import rhythm, suited, suited_summary

PARAMS = {
    "nbd": (0.6, 7.0),
    "bg-nbd": (0.6, 7.0, 0.9, 2.6),
    "mbg-nbd": (0.7, 6.0, 0.8, 1.9),
    "bg-cnbd-k": (0.6, 3.5, 0.9, 2.6),
    "mbg-cnbd-k": (0.7, 3.0, 0.8, 1.9),
    "pareto-nbd": (0.6, 9.0, 0.7, 12.0),
    "ggom-nbd": (0.6, 9.0, 0.05, 0.5, 0.7),
    "bg-bb": (0.7, 2.4, 0.6, 9.0),
    "pareto-ggg": (3.0, 1.5, 0.7, 9.0, 0.7, 12.0),
    "abe": (-3.0, -3.2, 1.1, 1.4, 0.2),
    "gamma-gamma": (6.25, 3.74, 15.44),
    "log-normal-spend": (26.0, 0.3, 0.25),
}
UNUSUAL = {
    "nbd": [(0.02, 300.0), (40.0, 0.05)],
    "bg-nbd": [(0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)],
    "mbg-nbd": [(0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)],
    "bg-cnbd-k": [(0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)],
    "mbg-cnbd-k": [(0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)],
    "pareto-nbd": [(0.02, 300.0, 0.03, 500.0), (40.0, 5.0, 1.0, 5.0)],
    "ggom-nbd": [(0.02, 300.0, 2.0, 0.03, 500.0), (40.0, 5.0, 0.001, 3.0, 0.05)],
    "bg-bb": [(0.02, 0.03, 0.02, 0.03), (40.0, 300.0, 2.0, 90.0)],
    "pareto-ggg": [(0.5, 3.0, 0.05, 300.0, 0.03, 500.0), (40.0, 5.0, 20.0, 5.0, 1.0, 5.0)],
    "abe": [(-6.0, 1.0, 0.2, 3.0, 1.2), (2.0, -5.0, 2.5, 0.05, -2.0)],
    "gamma-gamma": [(0.4, 1.2, 300.0), (60.0, 30.0, 0.5)],
    "log-normal-spend": [(300.0, 4.0, 3.0), (0.5, 0.01, 0.02)],
}

# integrals over many nodes for each customer: they are shown fewer of them
HEAVY = {"pareto-ggg": 15, "abe": 3}

likelihoods = pytest.mark.parametrize("model", LIKELIHOODS.values(), ids=LIKELIHOODS.keys())
models = pytest.mark.parametrize("model", ORDER_MODELS.values(), ids=ORDER_MODELS.keys())


def heavy_apart(registry):
    """The models of a registry as parameters, the heavy ones among the slow tests."""
    return [
        pytest.param(model, id=name, marks=[pytest.mark.slow] if name in HEAVY else [])
        for name, model in registry.items()
    ]


def sample(seed=0, n=400, step=1 / 7):
    """Customers with everything that is awkward: no repeat order, one today, many, day 0."""
    rng = np.random.default_rng(seed)
    age = rng.integers(0, 60 * 7, n)
    x = np.minimum(rng.negative_binomial(0.4, 0.08, n), age)
    last = np.where(x > 0, np.maximum(x, (age * rng.random(n)).astype(int)), 0)
    last[::7] = np.where(x > 0, age, 0)[::7]
    spend = np.where(x > 0, rng.gamma(6.0, 5.0, n), 0.0)
    if step is None:
        jitter = rng.random(n)
        return Summary(x, last * (1 - jitter / 9), age * (1 + jitter / 9), spend)
    return Summary(x, last * step, age * step, spend, weight=rng.integers(1, 5, n), step=step)


def of(model, x, T):
    """Customers whose last order came at 0.6 of their age, as far as the model's state goes."""
    x, T = np.asarray(x, dtype=float), np.asarray(T, dtype=float)
    t_x = np.where(x > 0, 0.6 * T, 0.0) if "t_x" in model.state else np.nan
    if "log_gaps" not in model.state:
        return suited(model, History(x, t_x, T))
    return History(x, t_x, T, rhythm(x, t_x))


@likelihoods
@pytest.mark.parametrize("step", [1 / 7, None], ids=["daily", "continuous"])
def test_gradient_and_hessian_agree_with_differences(model, step):
    few = 400 // HEAVY.get(model.name, 1)
    target = LogLikelihood(model, suited_summary(model, sample(n=few, step=step)))
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        point = to_point(model.parameters, params)
        here = target.evaluate(point)
        assert here.finite
        assert target.value(point) == pytest.approx(here.value, rel=1e-13)
        h = 1e-5
        gradient, hessian = np.empty_like(point), np.empty((len(point), len(point)))
        for i in range(len(point)):
            up, down = point.copy(), point.copy()
            up[i] += h
            down[i] -= h
            above, below = target.evaluate(up), target.evaluate(down)
            gradient[i] = (above.value - below.value) / (2 * h)
            hessian[i] = (above.gradient - below.gradient) / (2 * h)
        scale = 1e-7 * (np.abs(here.gradient).max() + np.abs(here.value))
        np.testing.assert_allclose(here.gradient, gradient, rtol=1e-6, atol=scale)
        np.testing.assert_allclose(
            here.hessian, hessian, rtol=1e-6, atol=1e-7 * np.abs(here.hessian).max() + scale
        )


@models
@pytest.mark.parametrize("step", [1 / 7, None], ids=["daily", "continuous"])
def test_factored_log_likelihood_is_the_plain_one(model, step):
    summary = suited_summary(model, sample(step=step))
    target = LogLikelihood(model, summary)
    weight = 1.0 if summary.weight is None else summary.weight
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        each = model.log_likelihood(params, history_of(summary, model.reads))
        assert each.shape == (len(summary),)
        assert target.value(to_point(model.parameters, params)) == pytest.approx(
            (weight * each).sum(), rel=1e-11
        )


@likelihoods
def test_one_row_with_a_weight_is_many_rows(model):
    weighted = suited_summary(model, sample(seed=3, n=60))
    rows = np.repeat(np.arange(len(weighted)), weighted.weight)
    plain = Summary(
        weighted.repeat_orders[rows],
        weighted.last_order_age[rows],
        weighted.age[rows],
        weighted.mean_spend[rows],
        step=weighted.step,
        log_gaps=None if weighted.log_gaps is None else weighted.log_gaps[rows],
    )
    point = to_point(model.parameters, PARAMS[model.name])
    a, b = (LogLikelihood(model, s).evaluate(point) for s in (weighted, plain))
    for mine, theirs in zip(a, b, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    assert (
        LogLikelihood(model, weighted).data.customers == LogLikelihood(model, plain).data.customers
    )


@likelihoods
def test_an_empty_summary_is_refused(model):
    with pytest.raises(DataError):
        fit(model, Summary(np.array([], int), np.array([]), np.array([]), np.array([])))


@likelihoods
def test_parameters_are_named_and_explained(model):
    letters = [parameter.letter for parameter in model.parameters]
    assert len(set(letters)) == len(letters) == len(model.start(sample()))
    for parameter in model.parameters:
        assert parameter.meaning
        assert parameter.at_zero
        assert parameter.at_infinity
    assert np.isfinite(to_point(model.parameters, model.start(sample()))).all()


@models
def test_p_alive_is_a_probability_even_far_out(model):
    x, T, share = np.meshgrid(
        [0.0, 1.0, 3.0, 40.0, 10_000.0], [0.0, 0.5, 40.0, 10_000.0], [0.0, 0.01, 0.7, 1.0]
    )
    t_x = np.where(x > 0, T * share, 0.0)
    history = suited(model, History(x, t_x, T, rhythm(x, t_x)))
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        alive = model.p_alive(params, history)
        assert alive.shape == x.shape
        assert ((alive >= 0) & (alive <= 1)).all()
        assert np.isfinite(model.log_likelihood(params, history)).all()


@models
def test_a_longer_silence_never_raises_p_alive(model):
    t_x = np.linspace(0.0, 30.0, 40)
    x = np.full(40, 4.0)
    history = History(x, t_x, np.full(40, 30.0), rhythm(x, np.full(40, 20.0)))
    alive = model.p_alive(PARAMS[model.name], suited(model, history))
    assert (np.diff(alive) >= 0).all()


@models
def test_expectations_are_0_at_0_and_rise_with_the_horizon(model):
    x, T = np.meshgrid([0.0, 1.0, 3.0, 40.0, 10_000.0], [0.1, 5.0, 40.0, 10_000.0])
    for params in (PARAMS[model.name], *UNUSUAL[model.name]):
        before = {"orders": np.zeros(x.shape), "new": np.zeros(x.shape), "life": np.zeros(x.shape)}
        for horizon in (0.0, 1e-3, 1.0, 39.0, 5e3, 1e7):
            now = {
                "orders": model.expected_orders_alive(params, of(model, x, T), horizon),
                "new": model.expected_orders_new(params, History.new(np.full(x.shape, horizon))),
                "life": model.expected_lifetime_alive(params, of(model, x, T), horizon),
            }
            assert (now["life"] <= horizon * (1 + 1e-12)).all()
            for kind, values in now.items():
                assert values.shape == x.shape
                assert np.isfinite(values).all(), (kind, horizon)
                assert (values >= before[kind] * (1 - 1e-9)).all(), (kind, horizon)
                if horizon == 0:
                    assert (values == 0).all(), kind
            before = now
        for endless in (
            model.expected_orders_alive(params, of(model, x, T), np.inf),
            model.expected_lifetime_alive(params, of(model, x, T), np.inf),
        ):
            assert not np.isnan(endless).any()
        assert (
            model.expected_orders_alive(params, of(model, x, T), np.inf) >= before["orders"] * 0.999
        ).all()
        assert (
            model.expected_lifetime_alive(params, of(model, x, T), np.inf) >= before["life"] * 0.999
        ).all()


@models
def test_next_order_is_a_quantile(model):
    x, T = np.array([0.0, 2.0, 9.0]), np.array([10.0, 20.0, 30.0])
    waits = [
        model.next_order_alive(PARAMS[model.name], of(model, x, T), q) for q in (0.05, 0.5, 0.95)
    ]
    assert (np.diff(waits, axis=0) > 0).all()
    assert (np.array(waits) > 0).all()
    assert not np.isnan(
        model.next_order_alive(UNUSUAL[model.name][0], of(model, x, T), 0.999)
    ).any()


@models
def test_simulated_customers_follow_the_story(model):
    params, n = PARAMS[model.name], 60_000 // HEAVY.get(model.name, 1)
    age = np.full(n, 40.0)
    story = model.simulate(params, age, np.random.default_rng(11))
    x, t_x = story.x, story.t_x
    assert (x == np.floor(x)).all()
    assert (age == story.T).all()
    assert ((t_x >= 0) & (t_x <= age)).all()
    assert ((t_x > 0) == (x > 0)).all()
    expected = model.expected_orders_new(params, History.new(age))[0]
    assert x.mean() == pytest.approx(expected, abs=4 * x.std() / np.sqrt(n))


@models
def test_expectations_of_the_seen_add_up_to_those_of_the_new(model):
    """Averaged over histories up to T, x + P(alive) E[orders in h] is E[orders up to T + h]."""
    params, n = PARAMS[model.name], 60_000 // HEAVY.get(model.name, 1)
    T, horizon = 30.0, 45.0
    age = np.full(n, T)
    story = model.simulate(params, age, np.random.default_rng(12))
    alive = model.p_alive(params, story)
    sums = story.x + alive * model.expected_orders_alive(params, story, horizon)
    whole = model.expected_orders_new(params, History.new(np.array([T + horizon])))[0]
    assert sums.mean() == pytest.approx(whole, abs=4 * sums.std() / np.sqrt(n))


@models
def test_sampled_orders_have_the_expected_mean(model):
    n = 40_000
    for x, T in ((0.0, 8.0), (3.0, 25.0)):
        params = PARAMS[model.name]
        drawn = model.sample_orders_alive(
            params, of(model, x, T), 30.0, np.random.default_rng(13), n
        )
        expected = model.expected_orders_alive(
            params, of(model, np.array([x]), np.array([T])), 30.0
        )[0]
        assert drawn.dtype == np.int64
        assert drawn.shape == (n,)
        assert drawn.mean() == pytest.approx(expected, abs=4.5 * drawn.std() / np.sqrt(n))


@models
def test_sampling_takes_draws_of_the_parameters(model):
    params = tuple(np.full(50, value) for value in PARAMS[model.name])
    drawn = model.sample_orders_alive(
        params, of(model, 2.0, 9.0), 20.0, np.random.default_rng(1), 50
    )
    assert drawn.shape == (50,)
    assert (drawn >= 0).all()


@models
def test_the_same_generator_gives_the_same_story(model):
    age = np.linspace(1.0, 50.0, 200)
    one = model.simulate(PARAMS[model.name], age, np.random.default_rng(5))
    two = model.simulate(PARAMS[model.name], age, np.random.default_rng(5))
    assert all((getattr(one, name) == getattr(two, name)).all() for name in ("x", "t_x", "T"))


@pytest.mark.parametrize("model", heavy_apart(ORDER_MODELS))
def test_arrays_of_parameters_give_each_customer_what_scalars_give(model):
    """In every prediction and in the likelihood with derivatives; many rows, so in blocks."""
    few, n = 7, 2100
    rng = np.random.default_rng(21)
    base = np.array(PARAMS[model.name])
    rows = base * np.exp(rng.normal(0, 0.4, (few, len(base))))
    which = np.arange(n) % few
    age = rng.uniform(5.0, 60.0, n)
    history = replace(model.simulate(PARAMS[model.name], age, rng), T=age)
    history.x[:3] = (300.0, 64.0, 65.0)
    history.t_x[:3] = age[:3] * 0.9
    history = suited(model, history)
    each = tuple(rows[which].T)
    future = replace(history, t_x=history.t_x if "t_x" in model.state else np.nan)
    new = History.new(age)
    asked = {
        "likelihood": lambda p, c: model.log_likelihood(p, c(history)),
        "alive": lambda p, c: model.p_alive(p, c(history)),
        "orders": lambda p, c: model.expected_orders_alive(p, c(future), 39.0),
        "endless": lambda p, c: model.expected_lifetime_alive(p, c(future), np.inf),
        "new": lambda p, c: model.expected_orders_new(p, c(new)),
        "life": lambda p, c: model.expected_lifetime_alive(p, c(future), 50.0),
        "next": lambda p, c: model.next_order_alive(p, c(future), 0.5),
    }
    for name, answer in asked.items():
        together = answer(each, lambda h: h)
        assert together.shape == (n,), name
        for k in range(few):
            mine = which == k
            alone = answer(tuple(rows[k].tolist()), lambda h, mine=mine: _only(h, mine))
            np.testing.assert_allclose(together[mine], alone, rtol=1e-9, atol=1e-9, err_msg=name)


@models
def test_jets_of_arrays_carry_each_customers_derivatives(model):
    n = 1700
    rng = np.random.default_rng(22)
    base = np.array(PARAMS[model.name])
    each = (base * np.exp(rng.normal(0, 0.3, (n, len(base))))).T.copy()
    history = model.simulate(PARAMS[model.name], rng.uniform(5.0, 60.0, n), rng)
    history.x[:2], history.t_x[:2] = (90.0, 300.0), history.T[:2] * 0.8
    history = suited(model, history)
    jets = [Jet(value, {i: 1.0}) for i, value in enumerate(each)]
    with np.errstate(all="ignore"):
        whole = model.log_likelihood(jets, history)
        picked = np.r_[0:4, n - 4 : n]
        for i in picked:
            alone = model.log_likelihood(variables(each[:, i].tolist()), history.select([i]))
            value, gradient, hessian = total(alone, None, len(base))
            mine = total(whole[i : i + 1], None, len(base))
            assert mine[0] == pytest.approx(value, rel=1e-11, abs=1e-11)
            np.testing.assert_allclose(mine[1], gradient, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(mine[2], hessian, rtol=1e-6, atol=1e-7)


def _only(history, mine):
    """The customers at a mask; what is one number for all stays so."""
    return replace(
        history,
        **{
            name: values[mine]
            for name in ("x", "t_x", "T", "log_gaps")
            if np.ndim(values := getattr(history, name)) == 1
        },
    )


@models
@pytest.mark.parametrize("which", ["usual", 0, 1])
def test_an_endless_horizon_gives_numbers_for_everybody(model, which):
    """Also for who ordered at the cut-off, or for the first time today; never NaN, no warning."""
    params = PARAMS[model.name] if which == "usual" else UNUSUAL[model.name][which]
    x, t_x, T = (
        np.array(v) for v in ([0.0, 0, 3, 3, 40], [0.0, 0, 52, 10, 52], [0.0, 9, 52, 52, 52])
    )
    history = suited(model, History(x, t_x, T, rhythm(x, t_x)))
    most = model.expected_orders_alive(params, history, np.inf)
    life = model.expected_lifetime_alive(params, history, np.inf)
    assert (most >= model.expected_orders_alive(params, history, 52.0) * (1 - 1e-9)).all()
    assert (life >= model.expected_lifetime_alive(params, history, 52.0) * (1 - 1e-9)).all()
    stay = model.survival_alive(params, history, np.inf)
    chance = model.order_probabilities_alive(params, history, np.inf, 3)
    assert ((stay >= 0) & (stay <= 1)).all()
    assert ((chance >= 0) & (chance.sum(axis=0) <= 1 + 1e-9)).all()

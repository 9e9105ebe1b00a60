"""What a notebook written for lifetimes does: frames in and out, files, plots, mistakes."""

import builtins
import importlib

import numpy as np
import pandas as pd
import pytest

from regulars.compat import lifetimes
from regulars.compat.lifetimes import BetaGeoFitter, GammaGammaFitter, datasets, plotting, utils
from regulars.compat.lifetimes.generate_data import beta_geometric_nbd_model
from regulars.terms.errors import InputError, ModelError

FITTERS = [
    "BetaGeoFitter",
    "ModifiedBetaGeoFitter",
    "ParetoNBDFitter",
    "GammaGammaFitter",
    "BetaGeoBetaBinomFitter",
]


@pytest.fixture(scope="module")
def shop():
    told = beta_geometric_nbd_model(
        np.linspace(20, 60, 400).round(), 0.6, 6.0, 0.8, 2.5, size=400, random_state=1
    )
    return told[["frequency", "recency", "T"]]


@pytest.fixture(scope="module")
def fitter(shop):
    return BetaGeoFitter().fit(
        shop["frequency"], shop["recency"], shop["T"], index=shop.index, tol=1e-6
    )


@pytest.mark.parametrize("name", FITTERS)
def test_module_of_each_fitter(name):
    """`from lifetimes.fitters.beta_geo_fitter import BetaGeoFitter` keeps its path."""
    stem = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")
    stem = stem.replace("n_b_d", "nbd")
    module = importlib.import_module(f"regulars.compat.lifetimes.fitters.{stem}")
    assert getattr(module, name) is getattr(lifetimes, name)
    assert repr(getattr(module, name)()) == f"<lifetimes.{name}>"


def test_a_fitted_fitter_tells(fitter, shop):
    assert repr(fitter).startswith("<lifetimes.BetaGeoFitter: fitted with 400 subjects, a: ")
    assert list(fitter.params_.index) == ["r", "alpha", "a", "b"]
    columns = ["coef", "se(coef)", "lower 95% bound", "upper 95% bound"]
    assert list(fitter.summary.columns) == columns
    variance = fitter.variance_matrix_.to_numpy()
    np.testing.assert_allclose(variance, variance.T)
    pd.testing.assert_index_equal(fitter.data.index, shop.index)
    assert fitter.fitted_.report.verdict == "converged"


def test_shapes_follow_what_is_given(fitter, shop):
    few = shop.iloc[:3]
    told = fitter.predict(5, few["frequency"], few["recency"], few["T"])
    pd.testing.assert_index_equal(told.index, few.index)
    one = fitter.predict(5, *few.iloc[0])
    assert np.ndim(one) == 0
    assert one == pytest.approx(told.iloc[0], rel=1e-14)  # alone or among others
    each = fitter.predict(np.array([5, 6, 7]), *(few[c].to_numpy() for c in few))
    assert each[0] == pytest.approx(told.iloc[0], rel=1e-14)
    assert fitter.conditional_probability_alive(0, 0, 10).tolist() == [1.0]
    assert fitter.probability_of_n_purchases_up_to_time(4.0, np.arange(60)).sum() == pytest.approx(
        1.0, abs=1e-6
    )


def test_weights_are_repeated_rows(shop):
    rows = [shop[name].to_numpy()[:200] for name in shop]
    twice = [np.concatenate([v, v[:50]]) for v in rows]
    weights = np.ones(200)
    weights[:50] = 2
    for kind in ("BetaGeoFitter", "ParetoNBDFitter"):
        once = getattr(lifetimes, kind)(penalizer_coef=0.01).fit(*rows, weights=weights)
        long = getattr(lifetimes, kind)(penalizer_coef=0.01)
        long.fit(*twice)
        if kind == "BetaGeoFitter":  # the loss of lifetimes' Pareto/NBD counts rows otherwise
            np.testing.assert_allclose(once.params_, long.params_, rtol=1e-7)
        half = getattr(lifetimes, kind)(penalizer_coef=0.01).fit(*rows, weights=weights / 2)
        np.testing.assert_allclose(half.params_, once.params_, rtol=1e-6)


def test_a_penalty_shrinks(shop):
    columns = [shop[name] for name in shop]
    sizes = [
        (BetaGeoFitter(penalizer_coef=c).fit(*columns).params_ ** 2).sum() for c in (0, 0.1, 1.0)
    ]
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize("save_data", [True, False])
def test_files(fitter, shop, tmp_path, save_data):
    fitter.save_model(tmp_path / "model.json", save_data=save_data)
    again = BetaGeoFitter()
    again.load_model(tmp_path / "model.json")
    pd.testing.assert_series_equal(again.params_, fitter.params_)
    pd.testing.assert_frame_equal(again.summary, fitter.summary)
    assert again.predict(9, 2, 10.0, 30.0) == fitter.predict(9, 2, 10.0, 30.0)
    assert hasattr(again, "data") is save_data
    with pytest.raises(ModelError, match="holds a BetaGeoFitter"):
        lifetimes.ParetoNBDFitter().load_model(tmp_path / "model.json")
    (tmp_path / "old.pkl").write_bytes(b"\x80\x04\x95")
    with pytest.raises(ModelError, match="pickle of lifetimes"):
        again.load_model(tmp_path / "old.pkl")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([1], [5.0], [4.0]), "last order must lie between 0 and the age"),
        (([0], [5.0], [8.0]), "without a repeat order"),
        (([1.5], [5.0], [8.0]), "whole numbers"),
        (([], [], []), "no customer"),
    ],
)
def test_impossible_histories(columns, words):
    with pytest.raises(ValueError, match=words):
        BetaGeoFitter().fit(*map(np.array, columns))


def test_before_the_fit():
    with pytest.raises(ValueError, match="has not been fit yet"):
        BetaGeoFitter().predict(1, 1, 1, 1)


def test_arguments_of_another_optimiser(shop):
    with pytest.warns(UserWarning, match="needs no initial_params, maxiter"):
        BetaGeoFitter().fit(*(shop[c] for c in shop), initial_params=np.ones(4), maxiter=5)


def test_open_parameters_are_told():
    with pytest.warns(UserWarning, match="not identified"):
        BetaGeoFitter().fit(np.array([0, 0, 0, 0]), np.zeros(4), np.array([3, 4, 5, 6]))


def test_without_pandas(monkeypatch, shop):
    plain = [shop[c].to_numpy() for c in shop]
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr("regulars.compat.extras.import_module", refuse)
    with pytest.raises(InputError, match=r"regulars\[frames\]"):
        BetaGeoFitter().fit(*plain)


def test_spend_with_a_mean():
    """`q_constraint` holds q at 1 where the data want it lower, and p and v are best there."""
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, 300)
    money = rng.gamma(4.0 * x) / rng.gamma(0.7, 1 / 10.0, 300) / x
    free = GammaGammaFitter().fit(x, money)
    held = GammaGammaFitter().fit(x, money, q_constraint=True)
    assert free.params_["q"] < 1.0
    assert held.params_["q"] == 1.0
    assert held._negative_log_likelihood_ > free._negative_log_likelihood_
    assert np.isinf(free.conditional_expected_average_profit(0, 0))
    assert (held.conditional_expected_average_profit(x, money) > 0).all()


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("BetaGeoFitter", {"r": 0.25, "alpha": 4.0, "a": 1.0, "b": 2.5}),
        ("ModifiedBetaGeoFitter", {"r": 0.25, "alpha": 4.0, "a": 1.0, "b": 2.5}),
        ("ParetoNBDFitter", {"r": 0.55, "alpha": 10.6, "s": 1.0, "beta": 11.7}),
    ],
)
def test_where_lifetimes_divides_by_zero(kind, params):
    """Expectations pass smoothly through a = 1 and s = 1."""
    told = []
    for shift in (-1e-6, 0.0, 1e-6):
        fitter = getattr(lifetimes, kind)()
        fitter.params_ = pd.Series({k: v + shift * (v == 1.0) for k, v in params.items()})
        told.append(
            [fitter.expected_number_of_purchases_up_to_time(10.0), fitter.predict(39, 5, 20.0, 30)]
        )
    np.testing.assert_allclose(np.mean([told[0], told[2]], axis=0), told[1], rtol=1e-9)


def test_many_orders():
    """At 200 orders the gamma functions of lifetimes overflow."""
    fitter = BetaGeoFitter()
    fitter.params_ = pd.Series({"r": 0.25, "alpha": 4.0, "a": 0.8, "b": 2.5})
    told = fitter.probability_of_n_purchases_up_to_time(500.0, np.array([169, 170, 200, 201]))
    assert (np.diff(told) < 0).all()
    assert (told > 0).all()


def test_a_week_ends_at_the_cut_off():
    """In lifetimes an order of Saturday counts in a weekly summary up to Wednesday."""
    log = pd.DataFrame(
        {"id": [1, 1, 1], "date": pd.to_datetime(["2024-01-01", "2024-01-09", "2024-01-20"])}
    )
    told = utils.summary_data_from_transaction_data(
        log, "id", "date", observation_period_end="2024-01-17", freq="W"
    )
    assert told.loc[1].tolist() == [1.0, 1.0, 2.0]


def test_alive_path(fitter):
    """P(alive) is 1 until the first repeat order, drops with silence, rises with an order."""
    log = pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-21"])})
    path = utils.calculate_alive_path(fitter, log, "date", 40)
    assert len(path) == 41
    assert path.iloc[0] == 1.0
    assert path.iloc[19] < path.iloc[20] > path.iloc[40]
    assert path.iloc[40] == fitter.conditional_probability_alive(2, 20, 40)[0]


@pytest.mark.parametrize(
    "name", ["load_cdnow_summary", "load_cdnow_summary_data_with_monetary_value", "load_donations"]
)
def test_data_that_are_not_shipped(name):
    with pytest.warns(UserWarning, match="not shipped"):
        frame = getattr(datasets, name)()
    assert "recency" in frame.columns
    assert "frequency" in frame.columns
    assert len(frame) > 15


def test_generated_data_follow_the_seed():
    np.random.seed(4)  # noqa: NPY002
    first = beta_geometric_nbd_model(30, 0.6, 6.0, 0.8, 2.5, size=20)
    np.random.seed(4)  # noqa: NPY002
    again = beta_geometric_nbd_model(30, 0.6, 6.0, 0.8, 2.5, size=20)
    pd.testing.assert_frame_equal(first, again)
    assert list(first.columns) == ["frequency", "recency", "T", "lambda", "p", "alive"]


def test_plots(fitter, orders_frame):
    """Each returns matplotlib's Axes, with something on it."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    split = utils.calibration_and_holdout_data(orders_frame, "id", "date", "2024-06-30")
    one = orders_frame[orders_frame["id"] == orders_frame["id"].mode()[0]]
    log = (orders_frame, "date", "id")
    for draw in (
        lambda: plotting.plot_period_transactions(fitter),
        lambda: plotting.plot_calibration_purchases_vs_holdout_purchases(fitter, split),
        lambda: plotting.plot_frequency_recency_matrix(fitter),
        lambda: plotting.plot_probability_alive_matrix(fitter),
        lambda: plotting.plot_expected_repeat_purchases(fitter),
        lambda: plotting.plot_history_alive(fitter, 300, one, "date"),
        lambda: plotting.plot_cumulative_transactions(fitter, *log, 120, 60),
        lambda: plotting.plot_incremental_transactions(
            fitter, *log, 20, 10, freq="W", set_index_date=True
        ),
        lambda: plotting.plot_transaction_rate_heterogeneity(fitter),
        lambda: plotting.plot_dropout_rate_heterogeneity(fitter),
    ):
        ax = draw()
        assert isinstance(ax, plt.Axes)
        assert ax.lines or ax.patches or ax.images
        plt.close("all")

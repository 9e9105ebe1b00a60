"""What a notebook written for PyMC-Marketing does: models, draws, shapes, mistakes."""

import numpy as np
import pandas as pd
import pytest

from regulars.compat.lifetimes.generate_data import beta_geometric_nbd_model
from regulars.compat.pymc_marketing import Prior, clv
from regulars.terms.errors import InputError


@pytest.fixture(scope="module")
def shop():
    told = beta_geometric_nbd_model(40.0, 0.6, 6.0, 0.8, 2.5, size=300, random_state=1)
    return told.reset_index()[["customer_id", "frequency", "recency", "T"]]


@pytest.fixture(scope="module")
def model(shop):
    found = clv.BetaGeoModel(data=shop)
    found.build_model()
    found.fit(method="map")
    return found


@pytest.mark.parametrize("kind", ["ModifiedBetaGeoModel", "ParetoNBDModel"])
def test_shapes(kind, shop):
    """A posterior of 2 x 25 draws; predictions over chain, draw and customer."""
    model = getattr(clv, kind)(sampler_config={"chains": 2})
    idata = model.fit(shop, method="demz", draws=25, random_seed=5)
    assert idata.posterior.sizes["draw"] == 25
    few = shop.iloc[:4]
    for told in (
        model.expected_purchases(few, future_t=10),
        model.expected_probability_alive(few),
        model.expected_probability_alive(few, future_t=3),
        model.expected_purchases_new_customer(few, t=10),
        model.expected_probability_no_purchase(6, few),
        model.expected_purchase_probability(few, n_purchases=1, future_t=6),
    ):
        assert told.dims == ("chain", "draw", "customer_id")
        assert told.shape == (2, 25, 4)
        assert np.isfinite(told).all()
    new = model.distribution_new_customer(few, T=20, random_seed=1)
    assert new["recency_frequency"].shape == (2, 25, 4, 2)
    assert new["dropout"].shape == (2, 25)
    assert model.thin_fit_result(5).fit_result.sizes["draw"] == 5


def test_a_seed_makes_the_same_draws(shop):
    draws = []
    for _ in range(2):
        model = clv.BetaGeoModel()
        model.fit(shop, method="demz", draws=25, random_seed=5)
        draws.append(model.fit_result["alpha"])
    assert draws[0].equals(draws[1])


def test_map(model, shop):
    told = model.fit_summary()
    assert set(told.index) == {"r", "alpha", "a", "b", "phi_dropout", "kappa_dropout"}
    assert told["phi_dropout"] == pytest.approx(told["a"] / (told["a"] + told["b"]))
    assert model.expected_purchases(future_t=4).shape == (1, 1, 300)
    assert model.distribution_new_customer_dropout(random_seed=1).shape == (1, 1000)
    alone = model.expected_purchases(shop.iloc[7:8], future_t=4)
    assert alone.item() == model.expected_purchases(future_t=4)[0, 0, 7].item()
    assert "Uniform" not in repr(model)
    assert repr(model).startswith("BG/NBD")


def test_priors_are_heard(shop):
    """A tight prior holds its parameter, as an object or as a dict; a and b apart too."""
    tight = {"dist": "LogNormal", "kwargs": {"mu": np.log(20.0), "sigma": 0.001}}
    config = {
        "alpha": tight,
        "a": Prior("HalfNormal", sigma=1),
        "b": Prior("Gamma", alpha=2, beta=1),
    }
    model = clv.BetaGeoModel(model_config=config)
    model.fit(shop, method="map")
    told = model.fit_summary()
    assert told["alpha"] == pytest.approx(20.0, rel=0.01)
    assert "phi_dropout" not in told


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"r": Prior("Wald", mu=1)}, "not known here"),
        ({"r": Prior("Weibull", alpha=1, lam=2)}, "cannot take"),
        ({"r": Prior("Weibull", alpha=Prior("HalfNormal", sigma=1), beta=1)}, "cannot take"),
        ({"purchase_covariate_cols": ["vip"]}, "no covariates"),
    ],
)
def test_configs_that_cannot_be_used(config, words, shop):
    with pytest.raises(InputError, match=words):
        clv.BetaGeoModel(model_config=config).fit(shop, method="map")


def test_mistakes(shop):
    with pytest.raises(ValueError, match=r"required columns are missing.*recency"):
        clv.BetaGeoModel().fit(shop.drop(columns="recency"), method="map")
    with pytest.raises(ValueError, match="duplicate"):
        clv.BetaGeoModel().fit(shop.assign(customer_id=1), method="map")
    with pytest.raises(ValueError, match="'mle' is no method"):
        clv.BetaGeoModel().fit(shop, method="mle")
    with pytest.raises(ValueError, match="no data"):
        clv.BetaGeoModel().fit(method="map")
    with pytest.raises(RuntimeError, match="hasn't been fit yet"):
        clv.BetaGeoModel(data=shop).expected_purchases(future_t=2)


def test_files(model, shop, tmp_path):
    model.save(tmp_path / "model.json")
    again = clv.BetaGeoModel.load(tmp_path / "model.json")
    told = again.expected_purchases(shop, future_t=4)
    assert told.equals(model.expected_purchases(future_t=4))
    with pytest.raises(InputError, match="holds BG/NBD"):
        clv.ParetoNBDModel.load(tmp_path / "model.json")


def test_no_purchase_of_who_never_came_back(model, shop):
    """Who never came back has not left: P(none) is (alpha + T)^(r) / (alpha + T + t)^(r)."""
    once = shop[shop["frequency"] == 0].iloc[:1]
    r, alpha = (model.posterior[name].item() for name in ("r", "alpha"))
    age = once["T"].item()
    told = model.expected_probability_no_purchase(8, once).item()
    assert told == pytest.approx(((alpha + age) / (alpha + age + 8)) ** r)


def test_spend(shop):
    buyers = shop[shop["frequency"] > 0]
    rng = np.random.default_rng(2)
    money = rng.gamma(20.0, 1.0, len(buyers))
    buyers = buyers.assign(monetary_value=money)
    before = buyers.copy()
    spend, orders = clv.GammaGammaModel(), clv.ParetoNBDModel()
    spend.fit(buyers, method="map")
    orders.fit(buyers)
    value = spend.expected_customer_lifetime_value(orders, buyers, future_t=3, time_unit="W")
    assert value.dims == ("chain", "draw", "customer_id")
    simple = orders.expected_purchases(buyers, future_t=3 * 4.345) * spend.expected_customer_spend(
        buyers
    )
    np.testing.assert_allclose(value, simple)
    pd.testing.assert_frame_equal(buyers, before)  # theirs adds a column to it
    own = spend.distribution_customer_spend(buyers, random_seed=1)
    assert own.shape == (1, 1, len(buyers))
    assert spend.distribution_new_customer_spend(5, random_seed=1).dims[-1] == "new_customer_id"


def test_contracts_of_one_cohort():
    rng = np.random.default_rng(8)
    left = rng.geometric(rng.beta(2.0, 5.0, 4000))
    data = pd.DataFrame({"customer_id": range(4000), "T": 8, "t_churn": np.minimum(left, 8)})
    model = clv.ShiftedBetaGeoModelIndividual()
    model.fit(data, method="map")
    told = model.fit_summary()
    assert told["alpha"] / (told["alpha"] + told["beta"]) == pytest.approx(2 / 7, abs=0.02)
    churn = model.distribution_new_customer_churn_time(4000, random_seed=1)
    assert float((churn == 1).mean()) == pytest.approx(2 / 7, abs=0.03)


def test_contracts_without_a_discount():
    """The residual lifetime is the sum of survival ratios; infinite where alpha <= 1."""
    frame = pd.DataFrame({"customer_id": [1, 2], "cohort": ["a", "b"], "T": [3, 3]})
    model = clv.ShiftedBetaGeoModel()
    model.data = frame
    model._posterior = {"alpha": np.array([[[3.0, 0.5]]]), "beta": np.array([[[5.0, 2.0]]])}
    told = model.expected_residual_lifetime(frame).to_numpy().reshape(-1)
    assert told.tolist() == [7.0 / 2.0, np.inf]
    k = np.arange(4000.0)
    kept = np.cumprod((7.0 + k) / (10.0 + k))
    discounted = model.expected_residual_lifetime(frame, discount_rate=0.1)
    assert discounted[0, 0, 0].item() == pytest.approx((kept * 1.1**-k).sum(), rel=1e-12)


@pytest.mark.slow
def test_chains(shop):
    pytest.importorskip("nutpie")
    model = clv.BetaGeoModel()
    model.fit(shop, draws=100, chains=2, tune=500, random_seed=2)
    assert model.fit_result.sizes["chain"] >= 2
    assert "r_hat" in model.fit_summary()

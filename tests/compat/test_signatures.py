"""Every argument that a name takes in the peer, it takes here, in the same place."""

import pytest

from compat.conftest import asked
from compat.peers.signatures import arguments
from regulars.compat.lifetimes import plotting

ORDERS = (
    "fit",
    "conditional_expected_number_of_purchases_up_to_time",
    "conditional_probability_alive",
    "conditional_probability_alive_matrix",
    "expected_number_of_purchases_up_to_time",
    "save_model",
    "load_model",
)
FITTERS = {
    "BetaGeoFitter": (*ORDERS, "probability_of_n_purchases_up_to_time"),
    "ModifiedBetaGeoFitter": (*ORDERS, "probability_of_n_purchases_up_to_time"),
    "ParetoNBDFitter": (*ORDERS, "conditional_probability_of_n_purchases_up_to_time"),
    "GammaGammaFitter": (
        "fit",
        "conditional_expected_average_profit",
        "customer_lifetime_value",
    ),
    "BetaGeoBetaBinomFitter": (
        "fit",
        "conditional_expected_number_of_purchases_up_to_time",
        "conditional_probability_alive",
        "expected_number_of_transactions_in_first_n_periods",
    ),
}
HELPERS = {
    "utils": (
        "summary_data_from_transaction_data",
        "calibration_and_holdout_data",
        "calculate_alive_path",
        "expected_cumulative_transactions",
        "_find_first_transactions",
        "_customer_lifetime_value",
    ),
    "plotting": tuple(name for name in vars(plotting) if name.startswith("plot_")),
    "generate_data": (
        "beta_geometric_nbd_model",
        "modified_beta_geometric_nbd_model",
        "pareto_nbd_model",
        "beta_geometric_beta_binom_model",
        "beta_geometric_nbd_model_transactional_data",
    ),
}
LIFETIMES = [
    *(f":{kind}.{method}" for kind, methods in FITTERS.items() for method in methods),
    *(f":{kind}" for kind in FITTERS),
    *(f"{module}:{name}" for module, names in HELPERS.items() for name in names),
]
MODELS = (
    "expected_purchases",
    "expected_probability_alive",
    "expected_purchases_new_customer",
    "distribution_new_customer_dropout",
    "distribution_new_customer_purchase_rate",
    "distribution_new_customer_recency_frequency",
)
CLV = [
    *(
        f":{kind}.{method}"
        for kind in ("BetaGeoModel", "ModifiedBetaGeoModel", "ParetoNBDModel")
        for method in (*MODELS, "build_model", "fit", "distribution_new_customer")
    ),
    *(f":BetaGeoBetaBinomModel.{method}" for method in MODELS),
    ":BetaGeoModel.expected_probability_no_purchase",
    ":ParetoNBDModel.expected_purchase_probability",
    *(
        f":GammaGammaModel.{method}"
        for method in (
            "expected_customer_spend",
            "expected_new_customer_spend",
            "distribution_customer_spend",
            "distribution_new_customer_spend",
            "expected_customer_lifetime_value",
        )
    ),
    *(
        f":ShiftedBetaGeoModel.{method}"
        for method in (
            "expected_retention_rate",
            "expected_probability_alive",
            "expected_residual_lifetime",
            "expected_retention_elasticity",
        )
    ),
    *(
        f":ShiftedBetaGeoModelIndividual.{method}"
        for method in (
            "distribution_customer_churn_time",
            "distribution_new_customer_churn_time",
            "distribution_new_customer_theta",
        )
    ),
    *(
        f"utils:{name}"
        for name in (
            "to_xarray",
            "customer_lifetime_value",
            "rfm_summary",
            "rfm_train_test_split",
            "rfm_segments",
        )
    ),
]


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("lifetimes", LIFETIMES),
        pytest.param("pymc_marketing.clv", CLV, marks=pytest.mark.slow),
    ],
    ids=["lifetimes", "pymc_marketing"],
)
def test_arguments(prefix, names, tmp_path):
    told = asked("signatures.py", {"prefix": prefix, "names": names}, tmp_path)
    for name, theirs in told.items():
        ours = arguments(f"regulars.compat.{prefix}", name)
        assert ours[: len(theirs)] == theirs, name

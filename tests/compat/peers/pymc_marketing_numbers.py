"""Print what PyMC-Marketing says, as JSON; runs in the environment of the peers."""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from pymc_marketing import clv  # noqa: E402


def plain(values):
    return np.asarray(values, dtype=float).reshape(-1).tolist()


def fitted(kind, frame, **options):
    model = getattr(clv, kind)(**options)
    model.fit(frame, method="map", progressbar=False, tol=1e-12)
    return model, {k: plain(v.values) for k, v in model.fit_result.data_vars.items()}


def orders(kind, frame):
    model, params = fitted(kind, frame)
    few = frame.iloc[:40]
    told = {
        "params": params,
        "orders": plain(model.expected_purchases(few, future_t=12)),
        "new": plain(model.expected_purchases_new_customer(few, t=20)),
    }
    if kind == "BetaGeoBetaBinomModel":
        told["alive"] = plain(model.expected_probability_alive(few, future_t=3))
    else:
        told["alive"] = plain(model.expected_probability_alive(few))
    if kind == "BetaGeoModel":
        told["none"] = plain(model.expected_probability_no_purchase(8, few))
    if kind == "ParetoNBDModel":
        told["later"] = plain(model.expected_probability_alive(few, future_t=5))
        told["two"] = plain(model.expected_purchase_probability(few, n_purchases=2, future_t=8))
    return model, told


def main():
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    told = {}
    for kind, data in given["fits"].items():
        name = kind.replace("Fitter", "Model")
        frame = pd.DataFrame(dict(zip(("frequency", "recency", "T"), data, strict=True)))
        frame["customer_id"] = range(len(frame))
        _, told[name] = orders(name, frame)
    frame = pd.DataFrame(dict(zip(("frequency", "recency", "T"), given["donations"], strict=True)))
    frame["customer_id"] = range(len(frame))
    _, told["BetaGeoBetaBinomModel"] = orders("BetaGeoBetaBinomModel", frame)
    buyers = pd.DataFrame(given["spend"]).rename(
        columns={"x": "frequency", "t_x": "recency", "money": "monetary_value"}
    )
    buyers["customer_id"] = range(len(buyers))
    model, _ = orders("BetaGeoModel", buyers)
    spend, params = fitted("GammaGammaModel", buyers)
    few = buyers.iloc[:40].copy()
    told["spend"] = {
        "params": params,
        "expected": plain(spend.expected_customer_spend(few)),
        "new": plain(spend.expected_new_customer_spend()),
        "value": plain(
            spend.expected_customer_lifetime_value(
                model, few, future_t=6, discount_rate=0.02, time_unit="W"
            )
        ),
    }
    plans = pd.DataFrame(given["plans"])
    model, params = fitted("ShiftedBetaGeoModel", plans)
    told["plans"] = {
        "params": params,
        "retention": plain(model.expected_retention_rate(plans, future_t=2)),
        "alive": plain(model.expected_probability_alive(plans, future_t=2)),
        "residual": plain(model.expected_residual_lifetime(plans, discount_rate=0.1)),
        "elasticity": plain(model.expected_retention_elasticity(plans, discount_rate=0.1)),
    }
    log = pd.DataFrame(given["frames"])
    log["date"] = pd.to_datetime(log["date"])
    names = ("id", "date", "amount")
    for name, frame in {
        "summary": clv.rfm_summary(log, *names),
        "weekly": clv.rfm_summary(log, *names, time_unit="W"),
        "split": clv.rfm_train_test_split(
            log, "id", "date", "2024-06-30", monetary_value_col="amount"
        ),
        "segments": clv.rfm_segments(log, *names),
    }.items():
        told[name] = frame.to_dict("list")
    print(json.dumps(told))


main()

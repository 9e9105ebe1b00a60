"""Print what lifetimes says, as JSON; runs in the environment of the peers, given a JSON file."""

import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import lifetimes  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from lifetimes import utils  # noqa: E402

TIMES = [0.5, 1.0, 10.0, 52.0]


def plain(values):
    return np.asarray(values, dtype=float).tolist()


def orders(kind, data, penalty, grid, weights=None):
    fitter = getattr(lifetimes, kind)(penalizer_coef=penalty)
    if kind == "ParetoNBDFitter":
        fitter.fit(*data, weights=weights, tol=1e-9, initial_params=np.ones(4), maxiter=4000)
    else:
        fitter.fit(*data, weights=weights, tol=1e-7)
    x, t_x, T = (np.array(v) for v in grid)
    told = {
        "params": fitter.params_.to_dict(),
        "loss": float(fitter._negative_log_likelihood_),
        "alive": plain(fitter.conditional_probability_alive(x, t_x, T)),
        "new": plain(fitter.expected_number_of_purchases_up_to_time(np.array(TIMES))),
        "matrix": plain(fitter.conditional_probability_alive_matrix(5, 12)),
        "orders": [
            plain(fitter.conditional_expected_number_of_purchases_up_to_time(t, x, t_x, T))
            for t in TIMES
        ],
    }
    if kind == "ParetoNBDFitter":
        chance = fitter.conditional_probability_of_n_purchases_up_to_time
        told["chances"] = [plain(chance(n, 8.0, x, t_x, T)) for n in range(5)]
    else:
        told["errors"] = fitter.standard_errors_.to_dict()
        told["chances"] = [
            [float(fitter.probability_of_n_purchases_up_to_time(t, n)) for n in range(8)]
            for t in TIMES
        ]
    return told


def donations(data):
    fitter = lifetimes.BetaGeoBetaBinomFitter().fit(*map(np.array, data), tol=1e-7)
    x, t_x, n = (np.array(v) for v in data)
    return {
        "params": fitter.params_.to_dict(),
        "loss": float(fitter._negative_log_likelihood_),
        "errors": fitter.standard_errors_.to_dict(),
        "orders": plain(fitter.conditional_expected_number_of_purchases_up_to_time(5, x, t_x, n)),
        "alive": plain(fitter.conditional_probability_alive(3, x, t_x, n)),
        "first": plain(fitter.expected_number_of_transactions_in_first_n_periods(6)["model"]),
    }


def spend(given):
    x, money = np.array(given["x"]), np.array(given["money"])
    told = {}
    for name, penalty in (("free", 0.0), ("penalised", 0.01)):
        fitter = lifetimes.GammaGammaFitter(penalizer_coef=penalty).fit(x, money, tol=1e-7)
        told[name] = {
            "params": fitter.params_.to_dict(),
            "loss": float(fitter._negative_log_likelihood_),
            "errors": fitter.standard_errors_.to_dict(),
            "profit": plain(fitter.conditional_expected_average_profit(x, money)),
        }
    columns = [pd.Series(given[name]) for name in ("x", "t_x", "T")]
    model = lifetimes.BetaGeoFitter()
    model.params_ = pd.Series({"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 2.4})
    model.predict = model.conditional_expected_number_of_purchases_up_to_time
    fitter = lifetimes.GammaGammaFitter().fit(x, money, tol=1e-7)
    told["value"] = {
        freq: plain(
            fitter.customer_lifetime_value(
                model, *columns, pd.Series(given["money"]), time=7, discount_rate=0.02, freq=freq
            )
        )
        for freq in ("D", "W", "M")
    }
    told["model"] = model.params_.to_dict()
    return told


def frames(given):
    log = pd.DataFrame(given)
    log["date"] = pd.to_datetime(log["date"])
    told = {}
    for name, options in {
        "daily": {},
        "weekly": {"freq": "W"},
        "sevenths": {"freq": "D", "freq_multiplier": 7},
        "all": {"include_first_transaction": True, "observation_period_end": "2024-06-30"},
    }.items():
        table = utils.summary_data_from_transaction_data(log, "id", "date", "amount", **options)
        told[name] = table.reset_index().astype(float).to_dict("list")
    table = utils.calibration_and_holdout_data(
        log, "id", "date", "2024-06-30", monetary_value_col="amount"
    )
    told["split"] = table.reset_index().astype(float).to_dict("list")
    model = lifetimes.BetaGeoFitter()
    model.params_ = pd.Series({"r": 0.6, "alpha": 20.0, "a": 0.8, "b": 2.4})
    for name, options in {
        "tracked": {"freq": "D", "t": 300},
        "by_week": {"freq": "D", "t": 300, "freq_multiplier": 7},
        "weeks": {"freq": "W", "t": 40, "set_index_date": True},
    }.items():
        found = utils.expected_cumulative_transactions(model, log, "date", "id", **options)
        told[name] = {
            **{c: plain(found[c]) for c in found},
            "index": [str(label) for label in found.index],
        }
    return told


def main():
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    told = {"spend": spend(given["spend"]), "frames": frames(given["frames"])}
    told["donations"] = donations(given["donations"])
    for kind, data in given["fits"].items():
        columns = [np.array(v) for v in data]
        told[kind] = {
            "free": orders(kind, columns, 0.0, given["grid"]),
            "penalised": orders(kind, columns, 0.05, given["grid"]),
        }
    half = np.array(given["weights"])
    columns = [np.array(v) for v in given["fits"]["BetaGeoFitter"]]
    told["weighted"] = orders("BetaGeoFitter", columns, 0.0, given["grid"], weights=half)
    print(json.dumps(told))


main()

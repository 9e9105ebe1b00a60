"""Data to try things on: simulated shops in the columns of the files that `lifetimes` ships.

The CDNOW and donation records are not ours to ship. Each function says so and gives a simulated
shop of about their size, the same at every call.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from regulars.compat.extras import need
from regulars.compat.lifetimes import generate_data

_CDNOW = (0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee 2005
_DONATIONS = (1.204, 0.750, 0.657, 2.783)  # Fader, Hardie & Shang 2010
_CUSTOMERS, _DONORS = 2357, 11_104


def load_cdnow_summary(**kwargs: Any) -> Any:
    """ID, frequency, recency, T in weeks; `index_col` as in `pandas.read_csv`."""
    _say("CDNOW", "https://www.brucehardie.com/datasets/")
    frame = _shop()
    frame.insert(0, "ID", np.arange(1, len(frame) + 1))
    index = kwargs.get("index_col")
    if index is None:
        return frame
    return frame.set_index(frame.columns[index[0] if isinstance(index, list) else index])


def load_cdnow_summary_data_with_monetary_value(**kwargs: Any) -> Any:
    """Frequency, recency, T in weeks and monetary_value by customer_id."""
    _say("CDNOW", "https://www.brucehardie.com/datasets/")
    frame, rng = _shop(), np.random.default_rng(2013)
    x = frame["frequency"].to_numpy()
    shape = 6.25 * np.maximum(x, 1.0)
    mean = rng.gamma(shape) / rng.gamma(3.74, 1.0 / 15.44, len(x)) / np.maximum(x, 1.0)
    frame["monetary_value"] = np.where(x > 0, np.round(mean, 2), 0.0)
    frame.index = need("pandas").Index(np.arange(1, len(frame) + 1), name="customer_id")
    return frame


def load_donations(**kwargs: Any) -> Any:
    """Frequency, recency, periods and weights: how many donors share each history."""
    _say("donation", "https://www.brucehardie.com/datasets/")
    told = generate_data.beta_geometric_beta_binom_model(
        6, *_DONATIONS, size=_DONORS, random_state=2010
    )
    columns = ["frequency", "recency", "n_periods"]
    found = told[columns].astype(int).value_counts(sort=False).rename("weights").reset_index()
    return found.rename(columns={"n_periods": "periods"})


def load_transaction_data(**kwargs: Any) -> Any:
    """Orders of a simulated shop in 2014: date, id."""
    rng = np.random.default_rng(2014)
    size = 1000
    log = generate_data.beta_geometric_nbd_model_transactional_data(
        rng.integers(30, 365, size), 0.9, 20.0, 0.5, 2.5, "2014-12-31", size=size, random_state=rng
    )
    dates = log["date"].dt.floor("D").dt.strftime("%Y-%m-%d %H:%M:%S")
    return need("pandas").DataFrame({"date": dates, "id": log["customer_id"]})


def _shop() -> Any:
    rng = np.random.default_rng(2005)
    age = np.round(rng.integers(27 * 7, 39 * 7, _CUSTOMERS) / 7, 2)
    told = generate_data.beta_geometric_nbd_model(age, *_CDNOW, size=_CUSTOMERS, random_state=rng)
    frame = told[["frequency", "recency", "T"]].reset_index(drop=True)
    return frame.assign(
        frequency=frame["frequency"].astype(int), recency=np.minimum(frame["recency"].round(2), age)
    )


def _say(name: str, where: str) -> None:
    warnings.warn(
        f"The {name} records are not shipped; this is a simulated shop of their size. The "
        f"originals: {where}",
        UserWarning,
        stacklevel=3,
    )

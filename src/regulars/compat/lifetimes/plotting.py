"""The plots of `lifetimes.plotting`: each draws with matplotlib and returns its Axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.compat.extras import need
from regulars.compat.lifetimes import utils
from regulars.compat.transactions import alias, moments
from regulars.terms.errors import InputError

Floats = NDArray[np.float64]

_AXES = {
    "frequency_cal": "Purchases in calibration period",
    "recency_cal": "Age of customer at last purchase",
    "T_cal": "Age of customer at the end of calibration period",
    "time_since_last_purchase": "Time since user made last purchase",
}
_SHARE, _DRAWS = 0.99, 100_000  # an axis ends where this share of customers lies below


def plot_period_transactions(
    model: Any,
    max_frequency: int = 7,
    title: str = "Frequency of Repeat Transactions",
    xlabel: str = "Number of Calibration Period Transactions",
    ylabel: str = "Customers",
    **kwargs: Any,
) -> Any:
    """Bars: customers by repeat orders, actual and of a shop simulated from the model."""
    pd = need("pandas")
    labels = kwargs.pop("label", ["Actual", "Model"])
    drawn = model.generate_new_data(size=len(model.data))
    counts = [
        frame["frequency"].astype(int).value_counts().reindex(range(max_frequency), fill_value=0)
        for frame in (model.data, drawn)
    ]
    table = pd.DataFrame(dict(zip(labels, counts, strict=True)))
    return _told(table.plot(kind="bar", **kwargs), title, xlabel, ylabel)


def plot_calibration_purchases_vs_holdout_purchases(
    model: Any,
    calibration_holdout_matrix: Any,
    kind: str = "frequency_cal",
    n: int = 7,
    **kwargs: Any,
) -> Any:
    """Lines: orders in the holdout, actual and predicted, by what `kind` tells of the past.

    Raises:
        InputError: for another kind.
    """
    if kind not in _AXES:
        raise InputError(f"'{kind}' is no kind.", f"Use {', '.join(_AXES)}.")
    table = calibration_holdout_matrix
    past = [table[name] for name in ("frequency_cal", "recency_cal", "T_cal")]
    table = table.assign(
        model_predictions=model.predict(table["duration_holdout"].iloc[0], *past),
        time_since_last_purchase=table["T_cal"] - table["recency_cal"],
    )
    means = table.groupby(kind)[["frequency_holdout", "model_predictions"]].mean().iloc[:n]
    title = "Actual Purchases in Holdout Period vs Predicted Purchases"
    label = "Average of Purchases in Holdout Period"
    return _told(means.plot(**kwargs), title, _AXES[kind], label)


def plot_frequency_recency_matrix(
    model: Any,
    T: float = 1,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str | None = None,
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Heat map: expected orders in the next T units by frequency and recency."""
    most = int(model.data["frequency"].max() if max_frequency is None else max_frequency)
    oldest = int(model.data["T"].max() if max_recency is None else max_recency)
    x, t_x = np.arange(most + 1.0), np.arange(oldest + 1.0)[:, None]
    values = model.predict(T, x, t_x, float(oldest))
    units = f"{T} Unit{'' if T == 1 else 's'}"
    told = f"Expected Number of Future Purchases for {units} of Time,\n"
    told += "by Frequency and Recency of a Customer"
    return _heat(values, title or told, xlabel, ylabel, kwargs)


def plot_probability_alive_matrix(
    model: Any,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str = "Probability Customer is Alive,\nby Frequency and Recency of a Customer",
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Heat map: P(alive) by frequency and recency."""
    values = model.conditional_probability_alive_matrix(max_frequency, max_recency)
    return _heat(values, title, xlabel, ylabel, kwargs)


def plot_expected_repeat_purchases(
    model: Any,
    title: str = "Expected Number of Repeat Purchases per Customer",
    xlabel: str = "Time Since First Purchase",
    ax: Any = None,
    label: str | None = None,
    **kwargs: Any,
) -> Any:
    """A line: orders of a new customer up to the largest age in the data, dashed beyond."""
    ax = _axes(ax)
    longest = float(model.data["T"].max())
    expected = model.expected_number_of_purchases_up_to_time
    color = kwargs.pop("c", None) or kwargs.pop("color", None)
    known = np.linspace(0.0, longest, 100)
    (line,) = ax.plot(known, expected(known), color=color, label=label, **kwargs)
    beyond = np.linspace(longest, 1.5 * longest, 100)
    ax.plot(beyond, expected(beyond), color=line.get_color(), ls="--", **kwargs)
    return _told(ax, title, xlabel, legend="lower right" if label else None)


def plot_history_alive(
    model: Any,
    t: int,
    transactions: Any,
    datetime_col: str,
    freq: str = "D",
    start_date: Any = None,
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """A line: P(alive) of one customer over t units of time, their orders marked."""
    pd, ax = need("pandas"), _axes(ax)
    path = utils.calculate_alive_path(model, transactions, datetime_col, t, freq)
    bought = moments(transactions, datetime_col).dt.to_period(alias(freq))
    days = pd.period_range(bought.min(), periods=len(path), freq=alias(freq)).to_timestamp()
    ax.plot(days, path.to_numpy(), "-", label="P_alive", **kwargs)
    marks = bought.drop_duplicates().dt.to_timestamp()
    look = {"colors": "r", "linestyles": "dashed", "label": "purchases"}
    ax.vlines(marks.to_numpy(), ymin=0, ymax=1, **look)
    ax.set_ylim(0, 1.0)
    ax.set_yticks(np.arange(0, 1.1, 0.1))
    begin = days[0] if start_date is None else pd.to_datetime(start_date)
    ax.set_xlim(begin, days[-1])
    return _told(ax, "History of P_alive", ylabel="P_alive", legend="lower left")


def plot_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Cumulative Transactions",
    xlabel: str = "day",
    ylabel: str = "Cumulative Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Lines: repeat orders so far, actual and predicted, and where the calibration ends."""
    table = utils.expected_cumulative_transactions(
        model,
        transactions,
        datetime_col,
        customer_id_col,
        t,
        datetime_format,
        freq,
        set_index_date=set_index_date,
    )
    return _track(table, t_cal, title, xlabel, ylabel, ax, kwargs)


def plot_incremental_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Daily Transactions",
    xlabel: str = "day",
    ylabel: str = "Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Lines: repeat orders by period, actual and predicted, and where the calibration ends."""
    table = utils.expected_cumulative_transactions(
        model,
        transactions,
        datetime_col,
        customer_id_col,
        t,
        datetime_format,
        freq,
        set_index_date=set_index_date,
    )
    return _track(table.diff(), t_cal, title, xlabel, ylabel, ax, kwargs)


def plot_transaction_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Transaction Rate",
    xlabel: str = "Transaction Rate",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """A line: the Gamma density of customers' order rates."""
    r, alpha = model._unload_params("r", "alpha")
    end = _upper(np.random.default_rng(0).gamma(r, 1.0 / alpha, _DRAWS))
    x = np.linspace(0.0, end, 101)[1:]
    density = np.exp(r * math.log(alpha) - math.lgamma(r) + (r - 1) * np.log(x) - alpha * x)
    told = f"mean: {r / alpha:.3f}, var: {r / alpha**2:.3f}"
    return _density(x, density, told, suptitle, suptitle_fontsize, xlabel, ylabel, kwargs)


def plot_dropout_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Dropout Probability",
    xlabel: str = "Dropout Probability p",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """A line: the Beta density of customers' chances to leave after an order."""
    a, b = model._unload_params("a", "b")
    end = _upper(np.random.default_rng(0).beta(a, b, _DRAWS))
    x = np.linspace(0.0, end, 102)[1:-1]
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    density = np.exp(constant + (a - 1) * np.log(x) + (b - 1) * np.log1p(-x))
    both = a + b
    told = f"mean: {a / both:.3f}, var: {a * b / both**2 / (both + 1):.3f}"
    return _density(x, density, told, suptitle, suptitle_fontsize, xlabel, ylabel, kwargs)


def _axes(ax: Any = None) -> Any:
    return need("matplotlib.pyplot").gca() if ax is None else ax


def _told(
    ax: Any, title: str, xlabel: str = "", ylabel: str = "", legend: str | None = "best"
) -> Any:
    ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if legend:
        ax.legend(loc=legend)
    return ax


def _heat(values: Floats, title: str, xlabel: str, ylabel: str, kwargs: dict[str, Any]) -> Any:
    ax = _axes()
    picture = ax.imshow(values, **{"interpolation": "none", "aspect": "auto", **kwargs})
    ax.figure.colorbar(picture, ax=ax)
    return _told(ax, title, xlabel, ylabel, legend=None)


def _track(
    table: Any, t_cal: float, title: str, xlabel: str, ylabel: str, ax: Any, kwargs: dict[str, Any]
) -> Any:
    ax, index, dated = _axes(ax), table.index, hasattr(table.index, "to_timestamp")
    index = index.to_timestamp() if dated else index
    for name in table.columns:
        ax.plot(index, table[name].to_numpy(), label=name, **kwargs)
    ax.axvline(x=index[int(t_cal)] if dated else t_cal, color="r", linestyle="--")
    return _told(ax, title, "date" if dated else xlabel, ylabel)


def _upper(draws: Floats) -> float:
    return float(np.quantile(draws, _SHARE))


def _density(
    x: Floats, density: Floats, told: str, over: str, size: float, xlabel: str, ylabel: str,
    kwargs: dict[str, Any],
) -> Any:  # fmt: skip
    figure, ax = need("matplotlib.pyplot").subplots(1)
    figure.suptitle(over, fontsize=size, fontweight="bold")
    ax.plot(x, density, **kwargs)
    return _told(ax, told, xlabel, ylabel, legend=None)

"""What all fitters share: parameters as a Series, their spread as frames, and files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.compat.extras import need
from regulars.compat.lifetimes.ridge import Ridge
from regulars.compat.lifetimes.utils import ConvergenceError
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.models.base import Likelihood
from regulars.terms.errors import FileError, InputError, ModelError
from regulars.terms.summary import Summary

Floats = NDArray[np.float64]

_FORMAT = "regulars-compat-lifetimes"
_TWO_SIDED = 1.96  # standard deviations to either side of a 95 % interval


class BaseFitter:
    """A fitter before and after `fit`; what ends in an underscore is there only after it.

    Attributes:
        penalizer_coef: strength of the penalty on the squares of the parameters.
        params_: Series of the parameters by letter.
        variance_matrix_, standard_errors_, confidence_intervals_: how sure they are.
        data: the frame that was fitted.
        fitted_: the same fit as `regulars.fit` returns it, with its verdict.
    """

    _letters: tuple[str, ...] = ()

    params_: Any
    data: Any
    fitted_: Fitted

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def __repr__(self) -> str:
        name = f"lifetimes.{type(self).__name__}"
        if not hasattr(self, "params_"):
            return f"<{name}>"
        subjects = ""
        if getattr(self, "data", None) is not None:
            subjects = f" fitted with {len(self.data)} subjects,"
        letters = ", ".join(f"{key}: {value:.2f}" for key, value in sorted(self.params_.items()))
        return f"<{name}:{subjects} {letters}>"

    @property
    def summary(self) -> Any:
        """A frame of coef, se(coef) and the 95 % bounds of each parameter."""
        self._params()
        table = need("pandas").DataFrame({"coef": self.params_, "se(coef)": self.standard_errors_})
        return table.join(self.confidence_intervals_)

    def save_model(
        self,
        path: Any,
        save_data: bool = True,
        save_generate_data_method: bool = True,
        values_to_save: Any = None,
    ) -> None:
        """Write the fitter to a JSON file, with its data unless `save_data` is False.

        `save_generate_data_method` and `values_to_save` are for pickles and change nothing here.
        """
        values = self._params()
        kept: dict[str, Any] = {
            "format": _FORMAT,
            "class": type(self).__name__,
            "penalizer_coef": self.penalizer_coef,
            "params": dict(zip(self._letters, values, strict=True)),
            "variance": self.variance_matrix_.to_numpy().tolist(),
            "negative_log_likelihood": self._negative_log_likelihood_,
            "data": None,
        }
        if save_data and getattr(self, "data", None) is not None:
            kept["data"] = {name: self.data[name].tolist() for name in self.data.columns}
            kept["index"] = self.data.index.tolist()
        Path(path).write_text(json.dumps(kept, default=str) + "\n", encoding="utf-8")

    def load_model(self, path: Any) -> None:
        """Read a file that `save_model` wrote.

        Raises:
            FileError: where it cannot be read.
            ModelError: where it is no such file, as a pickle of `lifetimes`, or of another class.
        """
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
        except ValueError as error:
            raise ModelError(
                f"{path} is no file of this package.", "A pickle of lifetimes must be fitted anew."
            ) from error
        if not isinstance(found, dict) or found.get("format") != _FORMAT:
            raise ModelError(f"{path} is no file of this package.", "Write one with save_model.")
        if found["class"] != type(self).__name__:
            raise ModelError(f"{path} holds a {found['class']}.", f"Load it with {found['class']}.")
        pd = need("pandas")
        self.penalizer_coef = found["penalizer_coef"]
        self._negative_log_likelihood_ = found["negative_log_likelihood"]
        self._hold([found["params"][letter] for letter in self._letters], found["variance"])
        if found["data"] is not None:
            self.data = pd.DataFrame(found["data"], index=found["index"])

    def _params(self, *letters: str) -> list[float]:
        """Parameters by letter, all of them unless some are named.

        Raises:
            ValueError: before `fit`.
        """
        if not hasattr(self, "params_"):
            raise InputError("The model has not been fit yet.", "Call its fit method first.")
        return [float(self.params_[letter]) for letter in letters or self._letters]

    _unload_params = _params

    def _fit(
        self,
        model: Likelihood,
        summary: Summary,
        *,
        scales: tuple[float, ...],
        mass: float,
        told: Mapping[str, Any],
    ) -> Fitted:
        """The fit under the penalty, whose strength is that of `mass` customers.

        Raises:
            ConvergenceError: where no maximum was reached.
        """
        _left_out(told)
        if self.penalizer_coef:
            ridge = Ridge(self.penalizer_coef * mass, scales)
            found = fit(model, summary, method="map", priors={", ".join(self._letters): ridge})
        else:
            found = fit(model, summary)
        report = found.report
        if report.verdict == "failed":
            raise ConvergenceError(report.explanation, "A larger penalizer_coef may help.")
        if report.verdict != "converged":
            text = f"{report.title}: {report.verdict}. {report.explanation}"
            warnings.warn(text, UserWarning, stacklevel=3)
        if told.get("verbose"):
            print(report.explanation)
        self.fitted_ = found
        penalty = self.penalizer_coef * sum(
            (value * scale) ** 2 for value, scale in zip(found.params, scales, strict=True)
        )
        self._negative_log_likelihood_ = -report.log_likelihood / mass + penalty
        values = np.array(found.params)
        self._hold(values, found.covariance * np.multiply.outer(values, values))
        return found

    def _hold(self, values: Iterable[float], variance: Any) -> None:
        """Keep the parameters and what follows from their variance."""
        pd = need("pandas")
        letters = list(self._letters)
        self.params_ = pd.Series(list(values), index=letters, dtype=float)
        self.variance_matrix_ = pd.DataFrame(
            np.asarray(variance, dtype=np.float64), index=letters, columns=letters
        )
        spread = np.sqrt(np.diag(self.variance_matrix_.to_numpy()))
        self.standard_errors_ = pd.Series(spread, index=letters)
        away = _TWO_SIDED * self.standard_errors_
        self.confidence_intervals_ = pd.DataFrame(
            {"lower 95% bound": self.params_ - away, "upper 95% bound": self.params_ + away}
        )


def like(values: Any, *given: Any) -> Any:
    """The values as a Series on the first index among those given; as they are without one."""
    if np.ndim(values) != 1:
        return values
    for one in given:
        index = getattr(one, "index", None)
        if index is not None and not callable(index) and len(one) == len(values):
            return need("pandas").Series(values, index=index)
    return values


def summary_of(
    frequency: Any,
    recency: Any,
    T: Any,
    weights: Any = None,
    monetary_value: Any = None,
) -> Summary:
    """The columns of `lifetimes` as a summary, with weights that may be fractions.

    Raises:
        InputError: (a ValueError) for what no history of orders can be.
    """
    age = np.asarray(T, dtype=np.float64)
    if not age.size:
        raise InputError("There is no customer in frequency, recency and T.", "Check the filters.")
    unit = "day" if (age == np.rint(age)).all() else "week"
    summary = Summary.from_rfm(frequency, recency, age, monetary_value, unit=unit)
    if weights is None:
        return summary
    weight = np.asarray(weights, dtype=np.float64)
    if len(weight) != len(summary) or not (np.isfinite(weight) & (weight >= 0)).all():
        raise InputError("Weights must be finite, 0 or more, and one for each row.")
    kept = weight > 0
    summary, weight = summary.select(kept), weight[kept]
    if (weight == np.rint(weight)).all():
        return replace(summary, weight=weight.astype(np.int64))
    loose: Any = weight
    return replace(summary, weight=loose, step=None)


def _left_out(told: Mapping[str, Any]) -> None:
    """Say which arguments steer a search that does not take place."""
    known = {"verbose", "tol"}  # a tolerance is always met: the search ends at 1e-10
    idle = sorted(name for name, value in told.items() if name not in known and value is not None)
    if idle:
        warnings.warn(
            f"Newton's method needs no {', '.join(idle)}: left out.", UserWarning, stacklevel=4
        )

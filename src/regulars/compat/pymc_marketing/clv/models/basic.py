"""What all models share: data, priors, the fit and its draws as xarray."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.compat.extras import need
from regulars.compat.pymc_marketing.prior import Prior, density
from regulars.inference.priors import Prior as Density
from regulars.inference.priors import Split
from regulars.terms.errors import ColumnError, InputError

Floats = NDArray[np.float64]

_METHODS = {"mcmc": "nuts", "map": "map", "demz": "laplace", "advi": "laplace"}
_METHODS["fullrank_advi"] = "laplace"
_DRAWS, _CHAINS = 1000, 4  # as pm.sample has them
_STEERING = [
    "cores",
    "tune",
    "target_accept",
    "progressbar",
    "progressbar_theme",
    "return_inferencedata",
    "nuts_sampler",
    "nuts_sampler_kwargs",
    "init",
    "step",
    "compute_convergence_checks",
    "discard_tuned_samples",
    "idata_kwargs",
    "nuts",
    "maxeval",
    "start",
    "method",
    "include_transformed",
    "n",
]
_COVARIATES = ("purchase_covariate_cols", "dropout_covariate_cols")


class CLVModel:
    """A model before and after `fit`.

    Attributes:
        data: the frame that was given.
        model_config: a `Prior` for each parameter, or for mean and size of two of them.
        sampler_config: arguments of `fit` that hold unless it is told otherwise.
    """

    _model_type = "CLVModel"
    _letters: tuple[str, ...] = ()
    _columns: tuple[str, ...] = ()
    _pairs: ClassVar[Mapping[tuple[str, str], tuple[str, str]]] = {}
    _method = "mcmc"

    data: Any = None
    _chains = _CHAINS

    def __init__(
        self,
        data: Any = None,
        *,
        model_config: Mapping[str, Any] | None = None,
        sampler_config: Mapping[str, Any] | None = None,
    ) -> None:
        given = {key.removesuffix("_prior"): value for key, value in (model_config or {}).items()}
        self.model_config: dict[str, Any] = {**self.default_model_config, **given}
        self.sampler_config = {**self.default_sampler_config, **(sampler_config or {})}
        self._posterior: dict[str, Floats] | None = None
        asked = [name for name in _COVARIATES if len(self.model_config.get(name, ()))]
        if asked:
            raise InputError(
                f"{self._model_type} takes no covariates under this name ({', '.join(asked)}).",
                "rg.fit(model, summary, method='map', purchase=[...], dropout=[...]) does.",
            )
        if data is not None:
            self.data = self._checked(data)

    def __repr__(self) -> str:
        priors = self._densities()
        told = "\n".join(f"{name:>12} ~ {prior.says()}" for name, prior in priors.items())
        return f"{self._model_type}\n{told}"

    @property
    def default_model_config(self) -> dict[str, Any]:
        """The priors that PyMC-Marketing has."""
        return {}

    @property
    def default_sampler_config(self) -> dict[str, Any]:
        """No settings."""
        return {}

    def build_model(self, data: Any = None) -> None:
        """Take and check the data.

        Raises:
            ValueError: without data, or where a column is missing or a customer comes twice.
        """
        if data is not None:
            self.data = self._checked(data)
        if self.data is None:
            raise InputError(f"{self._model_type} has no data.", "Use build_model(data=...).")

    def fit(
        self,
        data: Any = None,
        method: str | None = None,
        fit_method: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Infer the parameters, and return the draws as ArviZ has them (needs ArviZ).

        Args:
            data: the customers, unless they were given before.
            method: `map`; `mcmc`, by nutpie (extra `regulars[nuts]`); `demz`, `advi` and
                `fullrank_advi`, for which a Laplace posterior with importance sampling stands.
            fit_method: the same under its older name.
            kwargs: `draws` (1,000) for each of `chains` (4), `random_seed`; those that steer
                samplers of PyMC have no meaning here.

        Raises:
            ValueError: for another method, or without data.
        """
        chosen = fit_method or method or self._method
        if chosen not in _METHODS:
            raise InputError(f"'{chosen}' is no method.", f"Methods: {', '.join(_METHODS)}.")
        self.build_model(data)
        told = {**self.sampler_config, **kwargs}
        seed, each = told.pop("random_seed", None), int(told.pop("draws", _DRAWS))
        chains = int(told.pop("chains", _CHAINS))
        strange = sorted(set(told).difference(_STEERING))
        if strange:
            text = f"{', '.join(strange)}: no such setting here, left out."
            warnings.warn(text, UserWarning, stacklevel=2)
        way, self._chains = _METHODS[chosen], chains  # independent draws are dealt out to them
        draws = None if way == "map" else each * chains
        self._posterior = self._infer(way, draws, 0 if seed is None else int(np.ravel(seed)[0]))
        return self.idata if _installed("arviz") else None

    def _infer(self, way: str, draws: int | None, seed: int) -> dict[str, Floats]:
        """Parameters by letter, (chain, draw, ...)."""
        raise InputError(f"{self._model_type} has no likelihood.", "Use one of the clv models.")

    def _checked(self, data: Any) -> Any:
        self._need(data, *self._columns)
        return data

    def _need(self, data: Any, *columns: str) -> None:
        """See to it that columns are there and customers come once.

        Raises:
            ColumnError: (a ValueError) where they are not.
        """
        missing = sorted(set(columns).difference(data.columns))
        if missing:
            raise ColumnError(
                f"The following required columns are missing from the input data: {missing}.",
                f"Columns found: {', '.join(map(str, data.columns))}.",
            )
        if "customer_id" in columns and data["customer_id"].duplicated().any():
            raise InputError("Column customer_id has duplicate entries.", "Give each one row.")

    def _densities(self) -> dict[str, Density]:
        """A log-density for each letter, or for two of them."""
        found: dict[str, Density] = {}
        paired: set[str] = set()
        for (first, second), (share, size) in self._pairs.items():
            if not {first, second} <= set(self.model_config):
                found[f"{first}, {second}"] = Split(self._prior(share), self._prior(size))
                paired |= {first, second}
        return found | {k: self._prior(k) for k in self._letters if k not in paired}

    def _prior(self, name: str) -> Density:
        return density(name, self.model_config[name])

    @property
    def posterior(self) -> dict[str, Floats]:
        """Draws by name, (chain, draw, ...).

        Raises:
            RuntimeError: before `fit`.
        """
        if self._posterior is None:
            raise RuntimeError("The model hasn't been fit yet, call .fit() first")
        found = dict(self._posterior)
        for (first, second), (share, size) in self._pairs.items():
            if not {first, second} <= set(self.model_config):
                found[size] = found[first] + found[second]
                found[share] = found[first] / found[size]
        return found

    @property
    def fit_result(self) -> Any:
        """The draws, an xarray Dataset over chain and draw."""
        dims = ("chain", "draw", *self._own_dims())
        arrays = {name: (dims[: v.ndim], v) for name, v in self.posterior.items()}
        some = next(iter(self.posterior.values()))
        coords = {"chain": np.arange(some.shape[0]), "draw": np.arange(some.shape[1])}
        return need("xarray").Dataset(arrays, coords={**coords, **self._own_coords()})

    def _own_dims(self) -> tuple[str, ...]:
        return ()

    def _own_coords(self) -> dict[str, Any]:
        return {}

    @property
    def idata(self) -> Any:
        """The draws as ArviZ has them: an InferenceData, from ArviZ 1.0 on a DataTree."""
        arviz = need("arviz")
        if hasattr(arviz, "InferenceData"):
            return arviz.InferenceData(posterior=self.fit_result)
        return need("xarray").DataTree.from_dict({"posterior": self.fit_result})

    def fit_summary(self, **kwargs: Any) -> Any:
        """ArviZ's table of the draws; after `map` a Series of the values."""
        result = self.fit_result
        if result.sizes["chain"] * result.sizes["draw"] == 1:
            series: dict[str, float] = {}
            for name, values in self.posterior.items():
                labels = [f"{name}[{label}]" for label in self._labels()] or [name]
                series.update(zip(labels, values.reshape(-1).tolist(), strict=True))
            return need("pandas").Series(series, name="value")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of few draws
            return need("arviz").summary(result, **kwargs)

    def _labels(self) -> Sequence[Any]:
        return ()

    def thin_fit_result(self, keep_every: int) -> Any:
        """A copy of the model with every k-th draw."""
        thinned = copy.copy(self)
        thinned._posterior = {
            name: values[:, ::keep_every]
            for name, values in self.posterior.items()
            if name in (self._posterior or {})
        }
        return thinned

    def _each(self, ids: Any, tell: Callable[[list[float]], Floats]) -> Any:
        """What each draw of the parameters says of the customers, (chain, draw, customer_id)."""
        draws = np.stack([self.posterior[letter] for letter in self._letters], axis=-1)
        told = [tell(params) for params in draws.reshape(-1, draws.shape[-1]).tolist()]
        values = np.stack(told).reshape(*draws.shape[:2], -1)
        coords = {
            "chain": np.arange(values.shape[0]),
            "draw": np.arange(values.shape[1]),
            "customer_id": np.asarray(ids),
        }
        return need("xarray").DataArray(values, coords, ("chain", "draw", "customer_id"))


def share_and_size(first: str, second: str) -> dict[str, Any]:
    """PyMC-Marketing's priors for two shapes: their mean anywhere, their sum at least 1."""
    return {
        first: Prior("Uniform", lower=0, upper=1),
        second: Prior("Pareto", alpha=1, m=1),
    }


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None

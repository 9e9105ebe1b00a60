"""NUTS: the no-U-turn sampler of nutpie, fed by our density and slope, in whitened coordinates."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

import numpy as np

from regulars.inference.base import Draws, Floats, Target
from regulars.inference.diagnostics import ess_bulk, ess_tail, r_hat
from regulars.inference.maximum_likelihood import maximise
from regulars.terms.errors import InputError

Density = Callable[[Floats], tuple[float, Floats]]

CHAINS = 4
_WARM_UP = 200  # per chain: whitened by the curvature at the top, only the step is left to learn
_LEAST = 1000  # draws per chain, for diagnostics that mean something
_ACCEPT = 0.8
_LARGEST_R_HAT = 1.01
_LEAST_ESS = 400.0  # 100 for each chain (Vehtari et al. 2021, sec. 4)


@runtime_checkable
class Sloped(Protocol):
    """A target that gives its gradient without the Hessian."""

    def slope(self, point: Floats) -> tuple[float, Floats]:
        """The log-density and its gradient at a point (k,)."""
        ...


class Nuts:
    """Draws from the log-density itself, by four chains of Hamiltonian trajectories.

    Exact in the limit, whatever the shape; the slowest method. `r_hat` near 1 says that the
    chains agree, `ess_bulk` and `ess_tail` what the draws are worth, `divergences` where the
    density bends too sharply to follow. Needs the extra `regulars[nuts]`.
    """

    name = "nuts"

    def draw(self, target: Target, start: Floats, count: int, seed: int) -> Draws:
        """Draw `count` points, thinned from four chains of at least 1,000.

        Raises:
            InputError: where nutpie is not installed.
            FitError: where the log-density is not finite at the start.
        """
        sample = _sampler()
        top = maximise(target, start)
        variance, directions = np.linalg.eigh(top.covariance())
        white = directions * np.sqrt(variance)
        slope = target.slope if isinstance(target, Sloped) else _slope_of(target)

        def density(z: Floats) -> tuple[float, Floats]:
            value, gradient = slope(top.point + white @ z)
            height = value - top.evaluation.value
            return (height if math.isfinite(height) else -math.inf), white.T @ gradient

        each = max(math.ceil(count / CHAINS), _LEAST)
        points, diverged = sample(density, len(top.point), each, seed)
        return _report(top.point + points @ white.T, diverged, count)


def _slope_of(target: Target) -> Density:
    def slope(point: Floats) -> tuple[float, Floats]:
        here = target.evaluate(point)
        return here.value, here.gradient

    return slope


def load_nutpie() -> tuple[Any, Any]:
    """The package and its way in for Python functions; it is imported only here.

    Raises:
        InputError: where it is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ArviZ announces its next version on import
        try:
            return (
                import_module("nutpie"),
                import_module("nutpie.compiled_pyfunc").from_pyfunc,
            )
        except ImportError as error:
            raise InputError(
                "method 'nuts' needs nutpie, which is not installed.",
                "pip install 'regulars[nuts]', or use method='laplace'.",
            ) from error


def _sampler() -> Callable[[Density, int, int, int], tuple[Floats, int]]:
    """The sampler of nutpie behind one function."""
    nutpie, from_pyfunc = load_nutpie()

    def sample(density: Density, size: int, each: int, seed: int) -> tuple[Floats, int]:
        def expand(point: Floats) -> dict[str, Floats]:
            return {"point": point}

        def begin(chain_seed: int) -> Floats:
            return np.random.default_rng(chain_seed).standard_normal(size)

        def expansion(*seeds: int) -> Callable[[Floats], dict[str, Floats]]:
            return expand

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = from_pyfunc(
                size,
                lambda: density,
                expansion,
                [np.dtype(np.float64)],
                [(size,)],
                ["point"],
                make_initial_point_fn=begin,
            )
            trace = nutpie.sample(
                compiled,
                draws=each,
                tune=_WARM_UP,
                chains=CHAINS,
                cores=1,
                seed=seed,
                target_accept=_ACCEPT,
                progress_bar=False,
                save_warmup=False,
            )
        points = np.asarray(trace["posterior"]["point"].values, dtype=np.float64)
        return points, int(trace["sample_stats"]["diverging"].values.sum())

    return sample


def _report(chains: Floats, diverged: int, count: int) -> Draws:
    """Thin chains (m, n, k) to `count` draws and say how far they can be trusted."""
    many, each, size = chains.shape
    found = {
        "r_hat": r_hat(chains),
        "ess_bulk": ess_bulk(chains),
        "ess_tail": ess_tail(chains),
        "divergences": float(diverged),
    }
    agree = found["r_hat"] <= _LARGEST_R_HAT
    enough = min(found["ess_bulk"], found["ess_tail"]) >= _LEAST_ESS
    trusted = agree and enough and diverged <= 0.01 * many * each
    thin = max(count // many, 1)
    kept = [turn * each // thin for turn in range(thin)]
    return Draws(
        chains[:, kept].reshape(-1, size),
        chains=many,
        diagnostics=found,
        trusted=trusted,
        words=(
            f"{many} chains of {each:,} draws, worth {found['ess_bulk']:,.0f} independent ones in "
            f"the centre and {found['ess_tail']:,.0f} in the tails; R-hat {found['r_hat']:.3f}, "
            f"{diverged} divergences."
            + ("" if trusted else " That is not enough to trust them: give a prior that says more.")
        ),
    )

"""Diagnostics of chains: R-hat and effective sample sizes, by ranks.

Vehtari, Gelman, Simpson, Carpenter & Bürkner, "Rank-Normalization, Folding, and Localization: An
Improved R-hat", Bayesian Analysis 16 (2021).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from regulars.inference.base import Floats

_SHIFT = 0.375  # of Blom's ranks
_TAILS = (0.05, 0.95)


def r_hat(chains: Floats) -> float:
    """Largest rank-normalised split R-hat of chains (m, n, k) over their k parameters."""
    worst = 1.0
    for draws in np.moveaxis(chains, -1, 0):
        halves = _split(draws)
        folded = np.abs(halves - np.median(halves))
        worst = max(worst, _ratio(_normalised(halves)), _ratio(_normalised(folded)))
    return worst


def ess_bulk(chains: Floats) -> float:
    """Smallest effective sample size for the centre, of chains (m, n, k) over k parameters."""
    return min(_effective(_normalised(_split(draws))) for draws in np.moveaxis(chains, -1, 0))


def ess_tail(chains: Floats) -> float:
    """Smallest effective sample size of the 5 % and 95 % quantiles, over k parameters."""
    return min(
        _effective(_split((draws <= np.quantile(draws, level)).astype(np.float64)))
        for draws in np.moveaxis(chains, -1, 0)
        for level in _TAILS
    )


def _split(draws: Floats) -> Floats:
    """Both halves of each chain (m, n) as chains (2 m, n // 2)."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _normalised(draws: Floats) -> Floats:
    """Normal scores of the ranks, ties at their mean rank."""
    values, place, counts = np.unique(draws, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * (counts - 1.0)
    normal = NormalDist()
    share = (ranks - _SHIFT) / (draws.size + 1.0 - 2.0 * _SHIFT)
    scores = np.array([normal.inv_cdf(q) for q in share.tolist()])
    return scores[place].reshape(draws.shape) if len(values) > 1 else np.zeros_like(draws)


def _ratio(chains: Floats) -> float:
    """Root of pooled over within-chain variance."""
    n = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1))
    return float(np.sqrt((n - 1) / n + between / within)) if within > 0 else 1.0


def _effective(chains: Floats) -> float:
    """Effective sample size of chains (m, n): Geyer's initial monotone sequence."""
    m, n = chains.shape
    covariance = _autocovariance(chains)
    within = float(covariance[:, 0].mean()) * n / (n - 1.0)
    pooled = within * (n - 1.0) / n + (float(chains.mean(axis=1).var(ddof=1)) if m > 1 else 0.0)
    if pooled <= 0:
        return float(m * n)
    correlation = 1.0 - (within - covariance.mean(axis=0) * n / (n - 1.0)) / pooled
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 0)
    kept = np.minimum.accumulate(pairs[: int(ends[0]) if len(ends) else len(pairs)])
    last = 2 * len(kept)
    extra = max(float(correlation[last]), 0.0) if last < n else 0.0
    length = -1.0 + 2.0 * float(kept.sum()) + extra
    return m * n / max(length, 1.0 / np.log10(m * n))


def _autocovariance(chains: Floats) -> Floats:
    """Biased autocovariance of each chain at every lag, by Fourier transform."""
    n = chains.shape[1]
    away = chains - chains.mean(axis=1, keepdims=True)
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(away, size)) ** 2
    return np.fft.irfft(spectrum, size)[:, :n] / n

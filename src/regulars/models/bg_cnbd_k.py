"""BG/CNBD-k: customers order regularly and may leave right after a repeat order."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.models.regular import Regular


@dataclass(frozen=True)
class BGCNBDk(Regular):
    """Beta-geometric / condensed NBD with k stages.

    Reutterer, Platzer & Schroeder 2021, Leveraging Purchase Regularity for Predicting Customer
    Behavior the Easy Way; Platzer 2008. Gaps between orders are Erlang-k at
    a rate lambda ~ Gamma(r, alpha), and a customer leaves after a repeat order
    with chance p ~ Beta(a, b). With k = 1 it is BG/NBD.
    """

    stem = "bg-cnbd"
    prose = "BG/CNBD"
    at_first = False

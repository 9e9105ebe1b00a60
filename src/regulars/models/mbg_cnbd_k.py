"""MBG/CNBD-k: customers order regularly and may leave right after any order, the first included."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.models.regular import Regular


@dataclass(frozen=True)
class MBGCNBDk(Regular):
    """Modified beta-geometric / condensed NBD with k stages.

    Reutterer, Platzer & Schroeder 2021, Leveraging Purchase Regularity for Predicting Customer
    Behavior the Easy Way; after Batislam, Denizel & Filiztekin 2007. Gaps between orders are
    Erlang-k at a rate lambda ~ Gamma(r, alpha), and a customer leaves after any order, the first
    included, with chance p ~ Beta(a, b). With k = 1 it is MBG/NBD.
    """

    stem = "mbg-cnbd"
    prose = "MBG/CNBD"
    at_first = True

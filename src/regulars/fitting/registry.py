"""The models by name: a new one is one file in `models` and one line here.

A model is imported when it is first asked for: fitting one costs no more than that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Generic, TypeVar

from regulars.models.base import Likelihood, Model
from regulars.terms.errors import ModelError

_Kind = TypeVar("_Kind")


class Registry(Mapping[str, _Kind], Generic[_Kind]):
    """Models by name, each made once, when it is first asked for."""

    def __init__(self, homes: Mapping[str, str], **given: Any) -> None:
        """Say where each class is in `models`, `bg_nbd:BGNBD`, and what those like it are given."""
        self._homes, self._given, self._made = dict(homes), given, dict[str, _Kind]()

    def __getitem__(self, name: str) -> _Kind:
        if name not in self._made:
            home = self._homes[name]
            self._made[name] = class_at(home)(**self._given.get(home.partition(":")[0], {}))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def __contains__(self, name: object) -> bool:
        return name in self._homes


def class_at(home: str) -> Any:
    """The class at `module:Class` of `models`."""
    module, _, kind = home.partition(":")
    return getattr(import_module(f"regulars.models.{module}"), kind)


_OPEN: dict[str, Any] = {"bg_cnbd_k": {"open": True}, "mbg_cnbd_k": {"open": True}}
_ORDERS = {
    "nbd": "nbd:NBD",
    "bg-nbd": "bg_nbd:BGNBD",
    "mbg-nbd": "mbg_nbd:MBGNBD",
    "bg-cnbd-k": "bg_cnbd_k:BGCNBDk",
    "mbg-cnbd-k": "mbg_cnbd_k:MBGCNBDk",
    "pareto-nbd": "pareto_nbd:ParetoNBD",
    "ggom-nbd": "ggom_nbd:GGomNBD",
    "bg-bb": "bg_bb:BGBB",
    "pareto-ggg": "pareto_ggg:ParetoGGG",
    "abe": "abe:Abe",
}
_SPEND = {
    "gamma-gamma": "gamma_gamma:GammaGamma",
    "log-normal-spend": "log_normal_spend:LogNormalSpend",
}
_CONTRACTS = frozenset({"sbg", "bdw", "weibull-gamma", "exponential-gamma"})
_REGULAR = {"bg-cnbd": "bg_cnbd_k:BGCNBDk", "mbg-cnbd": "mbg_cnbd_k:MBGCNBDk"}
ORDER_MODELS: Registry[Model] = Registry(_ORDERS, **_OPEN)
LIKELIHOODS: Registry[Likelihood] = Registry({**_ORDERS, **_SPEND}, **_OPEN)
PERIODIC = frozenset({"bg-bb"})  # their time is whole periods with one chance to order in each


def find_model(name: str) -> Model | None:
    """The model of orders of that name, `mbg-cnbd-3` for three stages of gaps; None without one."""
    if name in ORDER_MODELS:
        return ORDER_MODELS[name]
    stem, _, stages = name.rpartition("-")
    if stem not in _REGULAR or not stages.isdecimal():
        return None
    return class_at(_REGULAR[stem])(int(stages))


def likelihood(name: str) -> Likelihood:
    """The model of that name, `mbg-cnbd-3` for three stages of gaps.

    Raises:
        ModelError: for a name that is not in the registry; the text lists those that are.
    """
    found = LIKELIHOODS.get(name) or find_model(name)
    if found is None:
        raise ModelError(f"'{name}' is no model.", _advice(name, list(LIKELIHOODS)))
    return found


def orders_model(name: str) -> Model:
    """The model of orders of that name.

    Raises:
        ModelError: for a name that is not one of them; the text lists those that are.
    """
    found = find_model(name)
    if found is None:
        raise ModelError(f"'{name}' is no model of orders.", _advice(name, ["auto", *ORDER_MODELS]))
    return found


def _advice(name: str, known: list[str]) -> str:
    """The nearest name, and all names that there are."""
    if name in _CONTRACTS:
        return "It is one of contracts: regulars subscriptions, or fit_contract in Python."
    wanted = name.lower().replace("/", "-").replace("_", "-").replace(" ", "-")
    near = get_close_matches(wanted, known, 1, 0.5)
    meant = f"Did you mean {near[0]}? " if near else ""
    return f"{meant}Models: {', '.join(known)}; mbg-cnbd-2 is mbg-cnbd-k with two stages."

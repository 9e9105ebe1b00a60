"""Design: attributes of customers, numbers or labels, as columns that coefficients multiply."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import InputError

Floats = NDArray[np.float64]
Known = Mapping[str, NDArray[Any]]

AVERAGE = ""  # the level without a column where groups are pooled: a group like the average
MOST_LEVELS = 50  # of labels with a coefficient each
_NARROW = 0.02  # standard deviation below which a coefficient would be too large to search


@dataclass(frozen=True, slots=True)
class Column:
    """One column: an attribute's number, moved and scaled, or 1 where a label is `level`."""

    attribute: str
    level: str | None = None
    centre: float = 0.0
    scale: float = 1.0

    @property
    def name(self) -> str:
        """`age`, or `gender=F` for the contrast of a label."""
        return self.attribute if self.level is None else f"{self.attribute}={self.level}"

    @property
    def meaning(self) -> str:
        """What a unit of the column is, in words."""
        if self.level is not None:
            return f"{self.attribute} is {self.level}"
        if (self.centre, self.scale) == (0.0, 1.0):
            return f"a unit of {self.attribute}"
        return f"{self.scale:.6g} of {self.attribute}, counted from {self.centre:.6g}"


@dataclass(frozen=True)
class Design:
    """Which attributes make which columns, fixed when a model is fitted.

    Attributes:
        columns: all of them, one attribute after the other.
        levels: of each attribute that holds labels, the most frequent first: it has no column,
            the others are measured against it.
    """

    columns: tuple[Column, ...]
    levels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        known: Known,
        names: Sequence[str],
        weight: NDArray[Any] | None = None,
        *,
        standardise: bool = False,
    ) -> Design:
        """Read the columns off the attributes that customers have.

        Args:
            known: attribute -> value of each customer.
            names: the attributes to use, in this order.
            weight: customers that each entry stands for, or None.
            standardise: measure numbers in standard deviations from their mean.

        Raises:
            InputError: for an attribute that is absent, incomplete, constant, has too many
                labels, or varies too little to be searched.
        """
        columns: list[Column] = []
        levels: dict[str, tuple[str, ...]] = {}
        for name in names:
            values = _attribute(known, name)
            if _is_number(values):
                columns.append(_number(name, values.astype(np.float64), weight, standardise))
                continue
            levels[name] = _levels(name, values, weight)
            columns += [Column(name, level) for level in levels[name][1:]]
        return cls(tuple(columns), levels)

    def grouped_by(
        self, known: Known, name: str, weight: NDArray[Any] | None = None, *, most: int = 200
    ) -> Design:
        """The design with a column for every label of an attribute, none of them the base.

        Raises:
            InputError: for an attribute that is absent, incomplete, the same for everybody, has
                more than `most` labels, or holds numbers that are no labels.
        """
        values = _attribute(known, name)
        if _is_number(values) and not _numbered(values):
            raise InputError(
                f"'{name}' holds numbers, and groups need labels, or at most {MOST_LEVELS} whole "
                "numbers.",
                f"Leave it out of groups and use it as a number: purchase='{name}'.",
            )
        labels = sorted(_levels(name, values, weight, most))
        columns = (*self.columns, *(Column(name, label) for label in labels))
        return Design(columns, {**self.levels, name: (AVERAGE, *labels)})

    def pick(self, names: Sequence[str]) -> tuple[int, ...]:
        """Indices of the columns of some attributes, in their order."""
        return tuple(i for name in names for i, c in enumerate(self.columns) if c.attribute == name)

    def values(self, known: Known) -> list[Floats]:
        """Each column for every customer, of the attributes' shape.

        A label that the fit did not see counts as the most frequent one, with a warning.

        Raises:
            InputError: for an attribute that is absent, incomplete or of another kind.
        """
        found: dict[str, Any] = {}
        out: list[Floats] = []
        for column in self.columns:
            name = column.attribute
            if name not in found:
                values = _attribute(known, name)
                found[name] = self._codes(name, values) if name in self.levels else values
            if column.level is None:
                out.append(_moved(name, found[name], column))
            else:
                place = self.levels[name].index(column.level)
                out.append((found[name] == place).astype(np.float64))
        return out

    def _codes(self, name: str, values: NDArray[Any]) -> NDArray[np.int64]:
        """Place of each label among the levels; 0, with a warning, for one not among them."""
        place = {level: i for i, level in enumerate(self.levels[name])}
        flat: list[Any] = values.reshape(-1).tolist()
        known = {value: place.get(_label(value), -1) for value in set(flat)}
        codes = np.fromiter(map(known.__getitem__, flat), np.int64, len(flat))
        if (codes < 0).any():
            unseen = sorted(str(value) for value, code in known.items() if code < 0)
            base = self.levels[name][0]
            standing = "an average group" if base == AVERAGE else f"the most frequent one, {base}"
            warnings.warn(
                f"{name} has labels that the fit did not see ({', '.join(unseen[:5])}); they are "
                f"scored as {standing}.",
                stacklevel=2,
            )
            codes = np.maximum(codes, 0)
        return codes.reshape(values.shape)


def _attribute(known: Known, name: str) -> NDArray[Any]:
    if name not in known:
        have = ", ".join(known) or "none"
        raise InputError(
            f"The customers have no attribute '{name}'. Attributes: {have}.",
            "Join it to the summary, or leave it out.",
        )
    values = np.asarray(known[name])
    missing = _missing(values)
    if missing.any():
        raise InputError(
            f"'{name}' is missing for {int(missing.sum()):,} of {values.size:,} customers.",
            f"Fill it in (a label such as 'unknown' is one), or leave '{name}' out.",
        )
    return values


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return ~np.isfinite(values)
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=np.bool_)
    flat: list[Any] = values.reshape(-1).tolist()
    gaps = {v for v in set(flat) if v is None or v != v or v == ""}
    if not gaps:
        return np.zeros(values.shape, dtype=np.bool_)
    return np.fromiter((v in gaps for v in flat), np.bool_, len(flat)).reshape(values.shape)


def _is_number(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biuf"


def _numbered(values: NDArray[Any]) -> bool:
    """Whether numbers are few and whole, so that they can be labels of groups."""
    distinct = np.unique(values.astype(np.float64))
    return len(distinct) <= MOST_LEVELS and bool((distinct == np.rint(distinct)).all())


def _label(value: Any) -> str:
    """A label as text; 1 and 1.0 are one."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _moved(name: str, values: NDArray[Any], column: Column) -> Floats:
    if not _is_number(values):
        raise InputError(
            f"'{name}' holds labels here and held numbers in the fit.", "Give it as numbers."
        )
    numbers = values.astype(np.float64)
    if (column.centre, column.scale) == (0.0, 1.0):
        return numbers
    return (numbers - column.centre) / column.scale


def _number(name: str, values: Floats, weight: NDArray[Any] | None, standardise: bool) -> Column:
    mean = float(np.average(values, weights=weight))
    spread = float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))
    if spread <= 1e-12 * abs(mean):
        raise InputError(f"'{name}' is {mean:g} for every customer: it explains nothing.")
    if standardise:
        return Column(name, None, mean, spread)
    if spread < _NARROW:
        raise InputError(
            f"'{name}' varies by {spread:.2g} only, so its coefficient would be huge.",
            "Count it in a smaller unit, or set standardise=True.",
        )
    return Column(name)


def _levels(
    name: str, values: NDArray[Any], weight: NDArray[Any] | None, most: int = MOST_LEVELS
) -> tuple[str, ...]:
    flat: list[Any] = values.tolist()
    labels = {value: _label(value) for value in set(flat)}
    place = {label: i for i, label in enumerate(sorted(set(labels.values())))}
    known = {value: place[label] for value, label in labels.items()}
    codes = np.fromiter(map(known.__getitem__, flat), np.int64, len(flat))
    sizes = np.bincount(codes, weights=weight, minlength=len(place))
    counts = dict(zip(place, sizes.tolist(), strict=True))
    if len(counts) < 2:
        raise InputError(f"'{name}' is {next(iter(counts))} for everybody: it explains nothing.")
    if len(counts) > most:
        raise InputError(
            f"'{name}' has {len(counts):,} labels, and {most} is the most.",
            f"Join rare ones to 'other', or use groups='{name}', which pools them.",
        )
    base = min(counts, key=lambda text: (-counts[text], text))
    return base, *sorted(text for text in counts if text != base)

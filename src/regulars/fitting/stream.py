"""Stream: score a summary of any size, Parquet to Parquet, in constant memory, resumable."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from regulars.data.parts import Block, SummaryFiles, open_summary, read_summary, unit_of, write_part
from regulars.data.scores import whole_file
from regulars.fitting.columns import score_columns
from regulars.fitting.fitted import Fitted
from regulars.fitting.grouped import grouped_summary
from regulars.fitting.predict import predict
from regulars.fitting.question import Question
from regulars.fitting.registry import find_model
from regulars.fitting.store import as_object
from regulars.terms.errors import InputError, OutputError
from regulars.terms.period import DAYS, Period
from regulars.terms.summary import Summary
from regulars.terms.version import VERSION

PROGRESS = "progress.json"
BLOCK = 262_144  # customers in memory at a time
PART = 4 * BLOCK  # customers of a file
_DIFFERENCES = {
    "input": "the customers (names, sizes or contents of the files)",
    "model": "the model",
    "settings": "horizon, discount, level or until",
    "part_rows": "the customers of a file",
    "version": "the version of this package",
}


@dataclass(frozen=True)
class Scored:
    """What a run of `score_summary` left.

    Attributes:
        folder: where the part files are.
        customers: how many are scored, all parts together.
        parts: how many files there are; kept: how many of them an earlier run had made.
        about: what the scores stand on, as in the metadata of every file.
    """

    folder: Path
    customers: int
    parts: int
    kept: int
    about: dict[str, str]


def score_summary(
    fitted: Fitted,
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    horizon: str | Period = "12mo",
    discount: str | float = "10%/year",
    level: float = 0.9,
    until: str | dt.date | None = None,
    resume: bool = True,
    progress: Callable[[str], None] | None = None,
    part_rows: int = PART,
) -> Scored:
    """Score the customers of a summary in Parquet files, into a folder of Parquet files.

    Memory does not grow with the number of customers. Each part is written whole or not at all;
    a run that was cut off goes on where it stood, and ends with the same bytes.

    Args:
        fitted: an orders model.
        source: a Parquet file, or a folder of them: `customer_id`, `repeat_orders`,
            `last_order_age`, `age` in the model's unit, and what else the model reads.
        out: the folder, for `part-00000.parquet` and so on and `progress.json`.
        horizon: how far to look: `52w`, `12mo`, `forever`.
        discount: yearly discount of future orders.
        level: coverage of the interval of the next order.
        until: day of the cut-off where the files do not say one; without any there are no dates.
        resume: keep the parts that the same run has finished; False makes all anew.
        progress: called with a line after each part.
        part_rows: customers of a file, a multiple of 262,144 unless smaller.

    Raises:
        InputError: for a setting or a source that cannot be used, or where `out` holds scores of
            another model, other settings or other customers.
        OutputError: where a file cannot be written; finished parts stay.
    """
    question = Question.of(horizon, discount, until=until, level=level)
    files = open_summary(source)
    unit_of(files, fitted.unit)
    day = files.until or question.until
    about = {
        "model": fitted.model.name,
        "horizon": str(question.horizon),
        "discount": f"{question.discount:g}/year",
        "unit": fitted.unit,
        "data_date": "" if day is None else str(day),
        "data_hash": str(files.identity["footers"]),
    }
    folder = Path(out)
    parts = -(-files.customers // part_rows)
    run = {
        "format": "regulars-scores",
        "version": VERSION,
        "input": files.identity,
        "model": _model_hash(fitted),
        "settings": about | {"level": question.level},
        "customers": files.customers,
        "part_rows": part_rows,
        "parts": parts,
    }
    _open(folder, run, resume)
    missing = [n for n in range(parts) if not _part(folder, n).exists()]

    def columns(block: Block) -> dict[str, Any]:
        summary = block.summary(fitted.unit, day)
        seen = predict(fitted, summary, question.horizon, question.discount, question.level)
        return score_columns(summary, seen) | {"customer_id": block.customer_ids()}

    rows = min(BLOCK, part_rows)
    for first, last in _runs(missing):
        blocks = files.blocks(rows, fitted.attributes, first * part_rows)
        for number in range(first, last):
            some = islice(blocks, -(-part_rows // rows))
            write_part(_part(folder, number), map(columns, some), about)
            if progress is not None:
                done = min((number + 1) * part_rows, files.customers)
                progress(f"{done:,} of {files.customers:,} customers scored")
    return Scored(folder, files.customers, parts, parts - len(missing), about)


def load_summary(
    source: str | os.PathLike[str],
    model: str,
    unit: str = "week",
    attributes: Sequence[str] = (),
) -> Summary:
    """A summary to fit: equal customers as one entry where the model reads no more than ages.

    Whole days of age are counted block by block, in memory that does not grow with the number of
    customers; for continuous ages, spend, rhythm or attributes all of it is read.

    Raises:
        InputError: where it is no summary, or counts in another unit.
        DataError: where it has no row.
    """
    files = open_summary(source)
    unit_of(files, unit)
    known = find_model(model)
    plain = known is not None and set(known.reads) <= {"x", "t_x", "T"} and not attributes
    if plain and files.step in (None, 1.0 / DAYS[unit]):
        try:
            return grouped_summary(_days(files, unit), unit, files.until)
        except _ContinuousError:
            pass
    return read_summary(source, unit=unit, attributes=attributes)


class _ContinuousError(Exception):
    """Ages are no whole days."""


def _days(files: SummaryFiles, unit: str) -> Iterator[tuple[Any, ...]]:
    fields = ("repeat_orders", "last_order_age", "age", "weight")
    for block in files.blocks(BLOCK, fields=fields):
        x, *ages, weight = (block.array(field) for field in fields)
        days = [_whole_days(age, unit) for age in ages]
        yield (x, *days) if weight is None else (x, *days, weight)


def _whole_days(ages: Any, unit: str) -> Any:
    days = ages * DAYS[unit]
    whole = np.rint(days)
    if not (np.abs(days - whole) < 1e-6).all():
        raise _ContinuousError
    return whole


def _open(folder: Path, run: dict[str, Any], resume: bool) -> None:
    """Make the folder, or make sure that it is of the same run; the manifest comes first."""
    manifest = folder / PROGRESS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob("part-*.parquet"))
        if resume and (manifest.exists() or old):
            _same(manifest, run)
            return
        manifest.unlink(missing_ok=True)
        for path in old:
            path.unlink()
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be used: {error.strerror or error}.", "Name another folder."
        ) from error
    with whole_file(manifest) as partial:
        partial.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")


def _same(manifest: Path, run: dict[str, Any]) -> None:
    advice = "Name another folder, or give --again (resume=False) to write all anew."
    try:
        found: Any = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{manifest.parent} holds part files, but no {PROGRESS} that tells of what.", advice
        ) from error
    known = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    other = [words for key, words in _DIFFERENCES.items() if known.get(key) != run[key]]
    if other:
        raise InputError(
            f"{manifest.parent} holds scores of another run; what differs: {'; '.join(other)}.",
            advice,
        )


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05d}.parquet"


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches (first, one past the last) of numbers that follow one another."""
    for place, number in enumerate(numbers):
        if place == 0 or numbers[place - 1] != number - 1:
            first = number
        if place + 1 == len(numbers) or numbers[place + 1] != number + 1:
            yield first, number + 1  # pyright: ignore[reportPossiblyUnboundVariable]


def _model_hash(fitted: Fitted) -> str:
    text = json.dumps(as_object(fitted), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""The result files: all of them appear, or none of them does."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.aside import set_aside as set_aside
from regulars.reports.objects import plain, summary_object
from regulars.reports.page import write_report
from regulars.terms.answer import Answer
from regulars.terms.errors import OutputError


@dataclass(frozen=True)
class Written:
    """Where the results are."""

    folder: Path
    report: Path
    files: tuple[Path, ...]


def write_results(answer: Answer, orders: data.Orders, folder: str | Path) -> Written:
    """Write customers, summary, audit, rejected rows, model, report and charts to a folder.

    Everything is first written beside the folder's files and moved in place at the end, so a
    full disk leaves the results of an earlier run as they were.

    Raises:
        OutputError: when the folder cannot be written.
    """
    folder = check_folder(folder)
    with set_aside(folder) as aside:
        about = metadata(answer)
        data.write_parquet(answer.customers, aside / "customers.parquet", about)
        data.write_csv(rounded(answer.customers), aside / "customers.csv")
        write_json(aside / "summary.json", summary_object(answer))
        write_audit_into(aside, orders)
        if answer.model_document is not None:
            write_json(aside / "model.json", dict(answer.model_document))
        write_report(answer, aside)
        names = {path.relative_to(aside) for path in aside.rglob("*") if path.is_file()}
    remove_stale(folder, names)
    return Written(folder, folder / "report.html", tuple(folder / n for n in sorted(names)))


def write_audit(orders: data.Orders, folder: str | Path) -> Path:
    """Write audit.json and rejected.csv to a folder.

    Raises:
        OutputError: when the folder cannot be written.
    """
    folder = check_folder(folder)
    with set_aside(folder) as aside:
        write_audit_into(aside, orders)
    return folder


def check_folder(folder: str | Path) -> Path:
    """See that a folder can be written, before any work is done; nothing is made yet.

    Raises:
        OutputError: when it is a file or cannot be written.
    """
    folder = Path(folder)
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise OutputError(f"{there} is a file, not a folder.", "Choose a folder with --out.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"{there} may not be written to.", "Choose another folder with --out.")
    return folder


def write_audit_into(folder: Path, orders: data.Orders) -> None:
    """Write audit.json and rejected.csv into a folder that is there."""
    write_json(folder / "audit.json", plain(orders.audit.as_dict()))
    data.write_rejected(orders, folder / "rejected.csv")


def rounded(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same columns without the noise of floats: six decimals are more than anyone reads."""
    return {
        name: np.round(values, 6) if values.dtype.kind == "f" else values
        for name, values in columns.items()
    }


def remove_stale(folder: Path, written: set[Path]) -> None:
    """Take away what an earlier run wrote and this one did not: its model and its charts."""
    candidates = [folder / "model.json", *folder.glob("charts/*.svg"), *folder.glob("charts/*.png")]
    for path in candidates:
        if path.relative_to(folder) not in written:
            path.unlink(missing_ok=True)


def metadata(answer: Answer) -> dict[str, str]:
    """The key-value metadata of a result file."""
    about = answer.about
    return {
        "regulars": about.version,
        "horizon": about.horizon,
        "discount": f"{about.discount:g}/year",
        "unit": about.unit,
        "currency": about.currency,
        "level": f"{about.level:g}",
        "model": "" if answer.orders_fit is None else answer.orders_fit.model,
        "data_date": about.data_date.isoformat(),
        "data_hash": about.data_hash,
        "seed": str(about.seed),
    }


def write_json(path: Path, value: Any) -> None:
    """Write one object as JSON, indented, without anything that JSON lacks."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")

"""Workbook: tables as one Excel file, each column with its format, and no text taken for code."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import InputError

Columns = Mapping[str, NDArray[Any]]
ROWS = 1_048_576  # of an Excel sheet, its head among them
TEXT = 32_767  # signs in a cell
EXACT = 2**53  # whole numbers beyond lose digits in Excel
CONTENTS = "Contents"
_SHARE = re.compile(r"^p_(?!value$)|(?:^|_)(?:share|probability|chance)$|_share_|^share_of_")
_ID = re.compile(r"(?:^|_)(?:id|ids|hash|phone|sku|code)$")
_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNSHOWN = re.compile("[\ud800-\udfff]")
_CODE_LIKE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was written: which table it holds, how many of its rows, what to know of it."""

    name: str
    table: str
    rows: int
    columns: int
    note: str = ""


def write_workbook(
    tables: Mapping[str, Columns],
    path: str | os.PathLike[str],
    *,
    percent: Collection[str] = (),
    most: int | None = None,
    made: dt.date = dt.date(2000, 1, 1),
) -> list[Sheet]:
    """Write tables to an Excel file: a sheet each, and one in front that lists them.

    The head is frozen and filtered; dates, whole numbers, amounts and shares have their formats;
    ids are text, and no text is ever a formula or a link. A table longer than a sheet goes on to
    the next, which the list says. The same tables give the same bytes.

    Args:
        tables: name -> columns, each column name -> array (rows,).
        path: the file, replaced if there.
        percent: further names of columns whose numbers are shares.
        most: of a longer table only so many rows are written, which the list says.
        made: the date that the file carries: the data's.

    Returns:
        The sheets in order, without the list of contents.

    Raises:
        InputError: without the `excel` extra.
        OSError: where the file cannot be written.
    """
    book = _open(os.fspath(path), made)
    formats = _Formats(book)
    parts = [part for name, columns in tables.items() for part in _parts(name, columns, most)]
    names = _sheet_names([part.name for part in parts])
    contents = book.add_worksheet(CONTENTS)
    done = [
        _write(book.add_worksheet(sheet), sheet, part, formats, frozenset(percent))
        for sheet, part in zip(names, parts, strict=True)
    ]
    _list(contents, done, formats)
    book.close()
    return done


@dataclass(frozen=True)
class _Part:
    """The rows of a table that stand on one sheet."""

    name: str
    table: str
    columns: Columns
    start: int
    stop: int
    note: str


def _open(path: str, made: dt.date) -> Any:
    try:
        import xlsxwriter
    except ImportError:
        raise InputError(
            "An Excel file needs the package xlsxwriter, which is not installed.",
            "pip install 'regulars[excel]'",
        ) from None
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book: Any = xlsxwriter.Workbook(path, options)
    book.set_properties({"author": "regulars", "created": dt.datetime.combine(made, dt.time())})
    return book


class _Formats:
    """The formats of a workbook, by what a column holds."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top"}
        self.head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E9F4F3", "text_wrap": True, "valign": "top"}
        )
        self.text = book.add_format(top)
        self.kept = book.add_format({**top, "quote_prefix": True})
        self.date = book.add_format({**top, "num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({**top, "num_format": "yyyy-mm-dd hh:mm:ss"})
        self.whole = book.add_format({**top, "num_format": "#,##0"})
        self.amount = book.add_format({**top, "num_format": "#,##0.00"})
        self.share = book.add_format({**top, "num_format": "0.0%"})


def _parts(table: str, columns: Columns, most: int | None) -> list[_Part]:
    whole = max((len(column) for column in columns.values()), default=0)
    rows = whole if most is None else min(whole, most)
    cut = f"the first {rows:,} of {whole:,} rows" if rows < whole else ""
    held = ROWS - 1
    pieces = max(-(-rows // held), 1)
    parts: list[_Part] = []
    for i in range(pieces):
        start, stop = i * held, min((i + 1) * held, rows)
        note = f"rows {start + 1:,} to {stop:,} of {rows:,}" if pieces > 1 else cut
        name = table if i == 0 else f"{table} {i + 1}"
        parts.append(_Part(name, table, columns, start, stop, note))
    return parts


def _sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names that Excel takes: at most 31 signs, none reserved, all different."""
    taken, names = {CONTENTS.lower(), "history"}, list[str]()
    for name in wanted:
        plain = _UNSHOWN.sub("", _UNFIT.sub(" ", name)).strip().strip("'")[:31] or "Table"
        found, i = plain, 2
        while found.lower() in taken:
            tail = f" {i}"
            found, i = plain[: 31 - len(tail)] + tail, i + 1
        taken.add(found.lower())
        names.append(found)
    return names


def _write(
    sheet: Any, name: str, part: _Part, formats: _Formats, percent: Collection[str]
) -> Sheet:
    writers: list[Callable[[int, int, Any], None]] = []
    lists: list[list[Any]] = []
    for j, (title, column) in enumerate(part.columns.items()):
        values = np.asarray(column)[part.start : part.stop]
        write, width = _writer(sheet, title, values, formats, percent)
        sheet.set_column(j, j, width)
        writers.append(write)
        lists.append(values.tolist() if values.dtype.kind != "M" else list(_days(values)))
    for j, title in enumerate(part.columns):
        sheet.write_string(0, j, _plain(title), formats.head)
    for i, row in enumerate(zip(*lists, strict=True), start=1):
        for j, value in enumerate(row):
            if value is not None:
                writers[j](i, j, value)
    sheet.freeze_panes(1, 0)
    rows = part.stop - part.start
    if lists:
        sheet.autofilter(0, 0, max(rows, 1), len(lists) - 1)
    return Sheet(name, part.table, rows, len(lists), part.note)


def _writer(
    sheet: Any, title: str, values: NDArray[Any], formats: _Formats, percent: Collection[str]
) -> tuple[Callable[[int, int, Any], None], float]:
    """How a value of the column is written, and how wide the column is."""
    kind = values.dtype.kind
    head = min(max(len(title) + 3, 9), 24)
    if kind == "M":
        moments = values.dtype != np.dtype("M8[D]")
        form = formats.moment if moments else formats.date
        return (lambda i, j, v: _moment(sheet, i, j, v, form)), max(head, 20 if moments else 12)
    if kind == "b":
        return (lambda i, j, v: sheet.write_boolean(i, j, v, formats.text)), head
    if kind in "iuf" and not _ID.search(title):
        share = title in percent or (kind == "f" and bool(_SHARE.search(title)))
        form = formats.share if share else formats.whole if kind in "iu" else formats.amount

        def number(i: int, j: int, value: Any) -> None:
            if not math.isfinite(value):
                return
            if abs(value) > EXACT and isinstance(value, int):
                sheet.write_string(i, j, str(value), formats.text)
            else:
                sheet.write_number(i, j, value, form)

        return number, max(head, 12)
    sample = [len(_plain(value)) for value in values[:1000].tolist() if value is not None]
    return (lambda i, j, v: _any(sheet, i, j, v, formats)), min(max([head, *sample]) + 1, 60)


def _any(sheet: Any, i: int, j: int, value: Any, formats: _Formats) -> None:
    """A value of a column of mixed things: its own kind where Excel has one, else text."""
    if isinstance(value, bool):
        sheet.write_boolean(i, j, value, formats.text)
    elif isinstance(value, dt.datetime):
        _moment(sheet, i, j, value.replace(tzinfo=None), formats.moment)
    elif isinstance(value, dt.date):
        _moment(sheet, i, j, dt.datetime.combine(value, dt.time()), formats.date)
    elif isinstance(value, float) and not math.isfinite(value):
        return
    else:
        text = _plain(value)
        form = formats.kept if text.startswith(_CODE_LIKE) else formats.text
        sheet.write_string(i, j, text, form)


def _moment(sheet: Any, i: int, j: int, value: dt.datetime, form: Any) -> None:
    """A date; one before Excel's calendar begins stands as text."""
    if value.year < 1900:
        sheet.write_string(i, j, value.date().isoformat(), form)
    else:
        sheet.write_datetime(i, j, value, form)


def _days(values: NDArray[Any]) -> Sequence[dt.datetime | None]:
    return values.astype("M8[us]").tolist()


def _plain(value: Any) -> str:
    return _UNSHOWN.sub("\ufffd", str(value))[:TEXT]


def _list(sheet: Any, done: Sequence[Sheet], formats: _Formats) -> None:
    for j, (title, width) in enumerate(
        (("Sheet", 34), ("Rows", 12), ("Columns", 10), ("Note", 44))
    ):
        sheet.set_column(j, j, width)
        sheet.write_string(0, j, title, formats.head)
    for i, made in enumerate(done, start=1):
        place = made.name.replace("'", "''")
        sheet.write_url(i, 0, f"internal:'{place}'!A1", string=made.name)
        sheet.write_number(i, 1, made.rows, formats.whole)
        sheet.write_number(i, 2, made.columns, formats.whole)
        sheet.write_string(i, 3, made.note, formats.text)
    sheet.freeze_panes(1, 0)

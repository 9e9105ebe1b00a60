"""Excel and OpenDocument sheets through python-calamine, every cell as text."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from regulars.data.engine import DuckDB
from regulars.data.readers.base import RawTable, unique_names
from regulars.data.readers.cells import as_text, text_table
from regulars.data.readers.files import check_file, hash_file
from regulars.data.readers.store import Store, text_schema
from regulars.terms.errors import DataError, FileError, InputError

_ROWS = 1 << 16


def read_excel(engine: DuckDB, path: Path, sheet: str | None = None) -> RawTable:
    """Read one sheet: the named one, else the one with the most rows.

    The first row with something in it is the header; empty rows are skipped. Dates become ISO
    text, whole numbers lose their ".0". `_line` is the sheet's row number.
    InputError when python-calamine is not installed or there is no such sheet, FileError when the
    workbook cannot be read, DataError when the sheet has no rows.
    """
    check_file(path)
    try:
        import python_calamine as calamine
    except ImportError as error:
        raise InputError(
            f"{path.name} is a workbook, and reading one needs python-calamine.",
            "Install it: pip install 'regulars[excel]'; or save the sheet as CSV.",
        ) from error
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            chosen, cells, start = _sheet(book, sheet, path.name)
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise FileError(
            f"{path} cannot be read as a workbook: {reason}.",
            "Remove its password if it has one, save it again, or save the sheet as CSV.",
        ) from error
    rows = ((number, row) for number, row in enumerate(cells, start) if _filled(row))
    _, header = next(rows, (0, []))
    names = unique_names(_trimmed([as_text(cell) or "" for cell in header]))
    if not names:
        raise DataError(f"Sheet {chosen!r} of {path.name} is empty.", "Choose one: --table NAME.")
    store = Store(engine, text_schema(names))
    for part in iter(lambda: list(islice(rows, _ROWS)), []):
        columns = [[row[k] if k < len(row) else "" for _, row in part] for k in range(len(names))]
        store.write(text_table(names, columns, [number for number, _ in part]))
    if store.rows == 0:
        raise DataError(
            f"Sheet {chosen!r} of {path.name} has a header and no rows.",
            "Choose one: --table NAME.",
        )
    return RawTable.of_text(
        names,
        relation=store.relation(),
        name=path.name,
        kind="excel",
        hasher=lambda: hash_file(path),
        rows_read=store.rows,
        notes=(f"Read the sheet {chosen!r}.",),
    )


def _sheet(book: Any, wanted: str | None, name: str) -> tuple[str, list[list[Any]], int]:
    """The sheet's name, its cells, and the row number of the first of them."""
    names: list[str] = book.sheet_names
    if wanted is not None and wanted not in names:
        raise InputError(
            f"{name} has no sheet {wanted!r}. Sheets found: {', '.join(names)}.", "Choose one."
        )
    if wanted is not None:
        sheet = book.get_sheet_by_name(wanted)
    else:
        sheets = [book.get_sheet_by_name(each) for each in names]
        if not sheets:
            raise DataError(f"{name} has no sheets.", "Save the orders as a sheet.")
        sheet = max(sheets, key=lambda each: each.height)
    start = sheet.start
    return sheet.name, sheet.to_python(), start[0] + 1 if start else 1


def _filled(row: list[Any]) -> bool:
    return any(cell not in ("", None) for cell in row)


def _trimmed(names: list[str]) -> Iterator[str]:
    """The header without the empty cells at its end."""
    last = max((place for place, name in enumerate(names) if name.strip()), default=-1)
    return iter(names[: last + 1])

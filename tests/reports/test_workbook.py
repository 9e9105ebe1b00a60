"""The Excel file, read back: kinds, formats, no formulas, long tables over several sheets."""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np
import openpyxl
import pytest

from regulars.reports import workbook
from regulars.reports.workbook import write_workbook
from regulars.terms.errors import InputError

DAY = dt.date(2025, 11, 23)
TABLE = {
    "customer_id": np.array([7, 8, 9]),
    "name": np.array(["=HYPERLINK(1)", "+41 79", None], object),
    "first_order": np.array(["2025-01-31", "NaT", "1820-01-01"], "datetime64[D]"),
    "orders": np.array([3, 2**60, 0]),
    "net_revenue": np.array([12.5, np.nan, np.inf]),
    "p_alive": np.array([0.25, 1.0, 0.0]),
    "paid": np.array([True, False, True]),
}


def written(tables, path, **options):
    write_workbook(tables, path, **options)
    return openpyxl.load_workbook(path)


@pytest.fixture
def sheet(tmp_path):
    return written({"customers": TABLE}, tmp_path / "book.xlsx")["customers"]


def test_the_head_is_frozen_and_filtered(sheet):
    assert [cell.value for cell in sheet[1]] == list(TABLE)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:G4"


def test_each_kind_of_column_has_its_format(sheet):
    formats = {name: sheet.cell(2, j).number_format for j, name in enumerate(TABLE, start=1)}
    assert formats["first_order"] == "yyyy-mm-dd"
    assert formats["orders"] == "#,##0"
    assert formats["net_revenue"] == "#,##0.00"
    assert formats["p_alive"] == "0.0%"
    assert sheet["C2"].value == dt.datetime(2025, 1, 31)
    assert sheet["G2"].value is True


def test_money_and_rates_of_exchange_are_no_shares_and_named_shares_are(tmp_path):
    names = ("margin", "churn", "exchange_rate", "p_value", "share_of_revenue", "retention")
    table = {name: np.array([0.5]) for name in names}
    book = written({"months": table}, tmp_path / "book.xlsx", percent=("retention",))
    formats = {name: book["months"].cell(2, j).number_format for j, name in enumerate(names, 1)}
    shares = {name for name, form in formats.items() if form == "0.0%"}
    assert shares == {"share_of_revenue", "retention"}


def test_ids_and_what_looks_like_a_formula_are_text(sheet):
    assert sheet["A2"].value == "7"
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["B2"].quotePrefix
    assert (sheet["B3"].value, sheet["B3"].data_type) == ("+41 79", "s")


def test_what_is_unknown_is_empty_and_what_excel_cannot_hold_is_text(sheet):
    assert sheet["B4"].value is None
    assert sheet["C3"].value is None
    assert sheet["C4"].value == "1820-01-01"
    assert sheet["D3"].value == str(2**60)
    assert sheet["E3"].value is None
    assert sheet["E4"].value is None


def test_a_long_table_goes_on_to_the_next_sheet_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 5)
    book = written({"months": {"n": np.arange(10)}}, tmp_path / "long.xlsx")
    assert book.sheetnames == ["Contents", "months", "months 2", "months 3"]
    found = [row[0].value for name in book.sheetnames[1:] for row in book[name].iter_rows(2)]
    assert found == list(range(10))
    assert [cell.value for cell in book["Contents"][2]] == ["months", 4, 1, "rows 1 to 4 of 10"]


def test_only_the_first_rows_where_so_many_are_wanted_and_that_is_said(tmp_path):
    found = write_workbook({"n": {"n": np.arange(10)}}, tmp_path / "few.xlsx", most=4)
    assert (found[0].rows, found[0].note) == (4, "the first 4 of 10 rows")


def test_names_of_sheets_are_made_to_fit(tmp_path):
    names = ["History", "a/b:c", "x" * 40, "X" * 40, "", "contents"]
    book = written({name: {"n": np.arange(2)} for name in names}, tmp_path / "names.xlsx")
    assert len({name.lower() for name in book.sheetnames}) == 7
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_workbook({"customers": TABLE}, tmp_path / name, made=DAY)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_empty_tables_and_hostile_text_are_written(tmp_path):
    hostile = np.array(["\x00\x07", "\ud800", "x" * 40_000, "https://x.y", "<b>&"], object)
    book = written(
        {"none": {}, "empty": {"a": np.array([])}, "text": {"t": hostile}}, tmp_path / "b.xlsx"
    )
    assert book["text"]["A5"].value == "https://x.y"
    assert book["text"]["A5"].hyperlink is None
    assert book["text"]["A6"].value == "<b>&"


def test_without_the_extra_the_error_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(InputError, match=r"regulars\[excel\]"):
        write_workbook({}, tmp_path / "b.xlsx")

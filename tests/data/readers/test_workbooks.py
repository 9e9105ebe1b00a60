"""Sheets: the fullest one, header wherever it starts, numbers and dates as a person types them."""

import builtins
import datetime as dt

import openpyxl
import pytest

from regulars.data.readers import read_source
from regulars.terms.errors import DataError, InputError


@pytest.fixture
def book(tmp_path):
    def save(**sheets):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for place, row in enumerate(rows, 1):
                for column, cell in enumerate(row, 1):
                    sheet.cell(place, column, cell)
        made.save(tmp_path / "orders.xlsx")
        return tmp_path / "orders.xlsx"

    return save


def rows(engine, raw):
    return engine.query(f"SELECT * FROM {raw.relation} ORDER BY _line").to_pylist()


def test_cells_as_text(engine, book):
    path = book(
        Notes=[["made by the shop"]],
        Orders=[
            [],
            ["Customer ID", "When", "Amount", "Ok", None],
            [13085.0, dt.datetime(2020, 1, 2, 3, 4, 5), 6.95, True],
            [],
            ["x1", dt.date(2020, 1, 2), 1e-3, None],
        ],
    )
    raw = read_source(engine, path)
    assert raw.notes == ("Read the sheet 'Orders'.",)
    assert rows(engine, raw) == [
        {
            "Customer ID": "13085",
            "When": "2020-01-02 03:04:05",
            "Amount": "6.95",
            "Ok": "true",
            "_line": 3,
        },
        {"Customer ID": "x1", "When": "2020-01-02", "Amount": "0.001", "Ok": "", "_line": 5},
    ]


def test_a_sheet_by_name(engine, book):
    path = book(A=[["x"], [1]], B=[["y"], [2], [3]])
    assert read_source(engine, path, sheet="A").columns == ("x",)
    assert read_source(engine, f"{path}::A").columns == ("x",)
    with pytest.raises(InputError, match=r"no sheet 'C'. Sheets found: A, B"):
        read_source(engine, path, sheet="C")


def test_sheets_without_orders(engine, book):
    with pytest.raises(DataError, match="header and no rows"):
        read_source(engine, book(A=[["x", "y"]]))
    with pytest.raises(DataError, match="is empty"):
        read_source(engine, book(A=[]))


def test_without_the_extra(engine, book, monkeypatch):
    path = book(A=[["x"], [1]])
    whole = builtins.__import__

    def missing(name, *rest):
        if name == "python_calamine":
            raise ImportError(name)
        return whole(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"pip install 'regulars\[excel\]'"):
        read_source(engine, path)

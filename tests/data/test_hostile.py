"""Files that mean harm: no traceback, nothing lost, every row accounted for."""

import contextlib
import csv
import datetime as dt
import random
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.shop import TODAY, csv_of, read_text
from regulars.data import Orders, read_orders, summarise, write_rejected
from regulars.terms.errors import DataError, InputError, OutputError, RegularsError

HEAD = "customer_id,date,order_id,amount\n"


def _accounted(orders: Orders) -> dict[str, Any]:
    audit = orders.audit.as_dict()
    assert audit["rows_read"] == audit["rows_kept"] + audit["rows_refused"]
    assert audit["rows_refused"] == sum(audit["refused"].values())
    assert audit["rows_refused"] == len(list(orders.rejected()))
    return audit


def test_a_header_alone_is_no_data(tmp_path) -> None:
    with pytest.raises((DataError, InputError)):
        summarise(read_text(tmp_path, HEAD))


def test_an_empty_file_and_a_folder_are_named(tmp_path) -> None:
    with pytest.raises(InputError, match="empty"):
        read_text(tmp_path, "")
    with pytest.raises(InputError):
        read_orders(tmp_path)
    with pytest.raises(InputError):
        read_orders(tmp_path / "absent.csv")
    with pytest.raises(InputError):
        read_orders([])
    with pytest.raises(InputError):
        read_orders(object())


def test_a_quote_that_never_closes_loses_no_other_line(tmp_path) -> None:
    lines = [f"c{i},2025-01-{i + 1:02d},{i},{i}.5" for i in range(20)]
    lines[7] = 'c7,"2025-01-08,7,7.5'
    audit = _accounted(read_text(tmp_path, HEAD + "\n".join(lines) + "\n"))
    assert audit["rows_read"] == 20
    assert audit["rows_kept"] == 19


def test_rows_with_too_few_or_many_fields_are_refused(tmp_path) -> None:
    text = HEAD + "a,2025-01-01,1,2\nb,2025-01-02\nc,2025-01-03,3,4,5,6\n\nd,2025-01-04,4,1\n"
    audit = _accounted(read_text(tmp_path, text))
    assert audit["rows_kept"] == 2
    assert audit["rows_refused"] == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le"])
def test_encodings(tmp_path, encoding: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes((HEAD + "Zoë,2025-01-01,1,2\nMüller,2025-01-02,2,3\n").encode(encoding))
    orders = read_orders(path, today=TODAY)
    assert summarise(orders).customer_id.tolist() == ["Müller", "Zoë"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found(tmp_path, delimiter: str) -> None:
    text = (HEAD + "a,2025-01-01,1,2\nb,2025-01-02,2,3\n").replace(",", delimiter)
    assert _accounted(read_text(tmp_path, text))["rows_kept"] == 2


def test_names_and_values_never_become_sql(tmp_path) -> None:
    text = '"customer_id","date","am""ount\'); DROP TABLE x; --",kind\n'
    text += '"\'; DROP TABLE lines; --",2025-01-01,5,sale\n'
    orders = read_text(tmp_path, text, map={"amount": "am\"ount'); DROP TABLE x; --"})
    assert summarise(orders).customer_id.tolist() == ["'; DROP TABLE lines; --"]
    assert orders.audit["net_revenue"] == "5.00"


def test_rejected_rows_become_a_file(tmp_path) -> None:
    text = HEAD + 'a,2025-01-01,1,2\nb,soon,2,"1,5"\n"c, and\nmore",2025-01-03,3,x\nd,2025-01-04\n'
    orders = read_text(tmp_path, text)
    assert write_rejected(orders, tmp_path / "rejected.csv") == orders.audit["rows_refused"]
    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["reason"], row["value"]) for row in rows] == [
        ("3", "bad_date", "soon"),
        ("4", "bad_amount", "x"),
        ("6", rows[2]["reason"], ""),
    ]
    assert rows[0]["text"] == "b,soon,2,1,5"
    with pytest.raises(OutputError, match="could not be written"):
        write_rejected(orders, tmp_path / "absent" / "rejected.csv")


def test_a_file_without_permission_is_named(tmp_path) -> None:
    path = csv_of(tmp_path, HEAD + "a,2025-01-01,1,2\n")
    path.chmod(0)
    try:
        if path.stat().st_mode & stat.S_IRUSR or _readable(path):
            pytest.skip("this user may read every file")
        with pytest.raises(InputError):
            read_orders(path)
    finally:
        path.chmod(0o600)


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path, seed: int) -> None:
    rng = random.Random(seed)
    lines = [
        f'"c{i % 9}",2025-0{1 + i % 9}-1{i % 9},{i},"{rng.randrange(9999) / 100:,.2f}"'
        for i in range(60)
    ]
    text = list(HEAD + "\n".join(lines))
    for _ in range(rng.randrange(1, 12)):
        place = rng.randrange(len(HEAD), len(text))
        text[place] = rng.choice(['"', ",", "\n", "\x00", "é", "€", "-", "9", "'", "\\", " "])
    with contextlib.suppress(RegularsError):
        orders = read_text(tmp_path, "".join(text))
        _accounted(orders)
        summarise(orders, dt.date(2025, 12, 31))

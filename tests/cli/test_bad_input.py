"""Whatever the file: words instead of a traceback, and every row accounted for."""

import csv
import datetime as dt
import errno
import gzip
import json
import os

import pytest

HEADER = "customer_id,date,amount\n"
ROWS = "".join(f"c{i % 7},2024-0{1 + i % 9}-1{i % 9},{10 + i}.50\n" for i in range(40))


@pytest.fixture
def write(tmp_path):
    """Write text or bytes as orders.csv and return its path."""

    def save(content, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save


@pytest.fixture
def audit(run):
    """The audit of a file, as an object; it must succeed and reconcile."""

    def call(path, *options):
        ran = run("audit", path, "--json", "--quiet", *options)
        assert ran.code == 0, ran.err
        found = json.loads(ran.out)
        assert found["rows_read"] == found["rows_kept"] + found["rows_refused"]
        assert sum(found["refused"].values()) == found["rows_refused"]
        return found

    return call


def refused(run, path, *options):
    """The message of a command that cannot read its input."""
    ran = run("value", path, "--out", path.parent / "out", *options)
    assert ran.code in (3, 4), ran.err
    assert ran.out == ""
    return " ".join(ran.err.split())


def test_an_empty_file(run, write):
    assert "empty" in refused(run, write(""))


def test_a_gz_of_no_bytes(run, write):
    assert "empty" in refused(run, write(b"", "orders.csv.gz"))


def test_a_gz_that_ends_early(run, write):
    whole = gzip.compress((HEADER + ROWS * 200).encode())
    message = refused(run, write(whole[: len(whole) // 2], "orders.csv.gz"))
    assert "orders.csv.gz" in message


def test_a_header_and_nothing_else(run, write):
    assert "no row" in refused(run, write(HEADER)).lower()


def test_a_missing_column_lists_what_was_found_and_how_to_map_it(run, write):
    message = refused(run, write("who,date,amount\nc1,2024-01-01,5\n", "o.csv"))
    assert "customer_id" in message
    assert "who, date, amount" in message
    assert "--map customer_id=" in message


def test_a_mapped_column_that_does_not_exist(run, write):
    message = refused(run, write(HEADER + ROWS), "--map", "amount=Total")
    assert "Total" in message
    assert "customer_id, date, amount" in message


def test_a_map_that_is_no_pair(run, write):
    assert "--map" in refused(run, write(HEADER + ROWS), "--map", "amount")


def test_a_delimiter_that_nobody_uses(run, write):
    message = refused(run, write((HEADER + ROWS).replace(",", "~")))
    assert "--delimiter" in message or "--map" in message


def test_a_delimiter_that_is_named(audit, write):
    found = audit(write((HEADER + ROWS).replace(",", "~")), "--delimiter", "~")
    assert found["rows_kept"] == 40


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_are_found(audit, write, encoding):
    text = HEADER + ROWS.replace("c1", "Zoë Müller")
    found = audit(write(text.encode(encoding)))
    assert found["rows_kept"] == 40
    assert found["customers"] == 7


def test_an_open_quote_in_the_middle_swallows_nothing(audit, write):
    rows = ROWS.splitlines(keepends=True)
    rows[20] = 'c1,"2024-01-05,12.00\n'
    found = audit(write(HEADER + "".join(rows)))
    assert found["rows_read"] == 40
    assert found["rows_refused"] == 1


def test_rejected_rows_are_kept_with_line_and_reason(run, write, tmp_path):
    path = write(HEADER + "c1,2024-01-01,5\nc2,not a day,5\nc3,2024-01-02,much\n")
    assert run("audit", path, "--out", tmp_path / "out").code == 0
    with (tmp_path / "out" / "rejected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("3", "bad_date"),
        ("4", "bad_amount"),
    ]
    assert "not a day" in rows[0]["text"]


def test_dates_in_three_formats_in_one_file(audit, write):
    rows = "c1,2024-03-25,5\nc2,25/03/2024,5\nc3,25 Mar 2024 10:30,5\n"
    found = audit(write(HEADER + rows))
    assert found["rows_kept"] == 3
    assert found["first_date"] == found["last_date"] == "2024-03-25"


def test_dates_that_could_be_either_ask(run, write):
    message = refused(run, write(HEADER + "c1,03/04/2024,5\nc2,05/06/2024,5\n"))
    assert "--date-format" in message


def test_dates_in_the_future_are_refused_and_counted(audit, write):
    later = (dt.date.today() + dt.timedelta(days=400)).isoformat()
    found = audit(write(HEADER + ROWS + f"c1,{later},5\n"))
    assert found["refused"] == {"future_date": 1}


def test_negative_quantities_are_refunds(audit, write):
    rows = "c1,2024-01-01,3,10\nc1,2024-01-09,-1,10\n"
    found = audit(write("customer_id,date,quantity,price\n" + rows))
    assert (found["gross_revenue"], found["refunds"], found["net_revenue"]) == (
        "30.00",
        "10.00",
        "20.00",
    )
    assert found["orders"] == 1


def test_thousands_separators_and_decimal_commas(audit, write):
    rows = 'c1;2024-01-01;"1.234,50"\nc2;2024-01-02;€ 12,00\nc3;2024-01-03;1.000.000,01\n'
    found = audit(write(HEADER.replace(",", ";") + rows))
    assert found["net_revenue"] == "1001246.51"


def test_thousands_separators_the_other_way(audit, write):
    rows = 'c1,2024-01-01,"1,234.50"\nc2,2024-01-02,"$2,000"\nc3,2024-01-03,(10.00)\n'
    assert audit(write(HEADER + rows))["net_revenue"] == "3224.50"


def test_amounts_of_a_million_millions_are_refused(audit, write):
    found = audit(write(HEADER + ROWS + "c1,2024-01-01,1000000000000\nc1,2024-01-01,1e12\n"))
    assert found["refused"] == {"amount_too_large": 2}


def valued(run, path):
    """The summary of a file too small to predict from."""
    ran = run("value", path, "--out", path.parent / "out", "--json")
    assert ran.code == 0, ran.err
    assert (path.parent / "out" / "report.html").exists()
    return json.loads(ran.out)


@pytest.mark.parametrize(
    "rows",
    [
        "c1,2024-01-01,5\nc1,2024-02-01,7\nc1,2024-03-01,9\n",
        "".join(f"c{i},2024-01-{1 + i % 28:02},10\n" for i in range(600)),
        "".join(f"c{i % 300},2024-01-01,10\n" for i in range(900)),
    ],
    ids=["one customer", "everyone bought once", "all on one day"],
)
def test_too_little_is_said_and_what_is_known_still_given(run, write, rows):
    found = valued(run, write(HEADER + rows))
    assert found["notes"][0].startswith("Too little data")
    assert found["expected_value"]["total"]["value"] is None
    assert found["historic_value"]["total"]["value"] > 0
    assert found["formula"]["purchase_value"] > 0
    assert found["model"] is None


def test_a_directory(run, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert "directory" in refused(run, tmp_path / "folder.csv")


def test_a_file_that_is_not_there(run, tmp_path):
    assert "nothing.csv" in refused(run, tmp_path / "nothing.csv")


def test_a_file_without_permission(run, write, audit, tmp_path):
    path = write(HEADER + ROWS)
    audit(path)  # everything is imported before this process gives up its rights
    path.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o777)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        ran = run("audit", path)
    finally:
        os.seteuid(user)
        path.chmod(0o644)
    assert ran.code == 3
    assert "permission" in ran.err.lower()


def test_a_picture(run, write):
    refused(run, write(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "orders.csv"))


def test_two_currencies_without_rates_ask_for_them(run, write):
    text = "customer_id,date,amount,currency\nc1,2024-01-01,5,EUR\nc2,2024-01-02,5,USD\n"
    message = refused(run, write(text))
    assert "EUR" in message
    assert "USD" in message
    assert "--rate" in message


def test_two_currencies_with_a_rate_are_joined_exactly(audit, write):
    text = "customer_id,date,amount,currency\nc1,2024-01-01,5,EUR\nc2,2024-01-02,5,USD\n"
    found = audit(write(text), "--currency", "EUR", "--rate", "USD=0.5")
    assert found["net_revenue"] == "7.50"
    assert found["currency"] == "EUR"


def test_a_disk_that_fills_leaves_the_earlier_results(run, shop, tmp_path, monkeypatch):
    asked = ("value", shop, "--out", tmp_path, "--quiet", "--model", "bg-nbd")
    assert run(*asked).code == 0
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    from regulars.reports import results

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(results, "write_report", full)
    ran = run(*asked, "--seed", "1")
    assert ran.code == 6
    assert "No space left" in ran.err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
    assert not list(tmp_path.glob(".writing-*"))


def test_an_output_folder_that_is_a_file(run, shop, tmp_path):
    (tmp_path / "out").write_text("")
    ran = run("value", shop, "--out", tmp_path / "out", "--quiet")
    assert ran.code == 6
    assert "not a folder" in ran.err


def test_a_run_that_fails_leaves_no_folder_behind(run, write, tmp_path):
    assert run("value", write(HEADER), "--out", tmp_path / "new").code == 4
    assert not (tmp_path / "new").exists()


def test_a_wrong_setting_is_said_before_the_file_is_read(run, tmp_path):
    ran = run("value", tmp_path / "not-there.csv", "--out", tmp_path, "--horizon", "soon")
    assert "no period" in ran.err

"""Delimiters, headers and encodings are found, or the error says what was found instead."""

import codecs
import gzip

import pytest
import zstandard

from regulars.terms.errors import DataError, FileError, FormatError, InputError

TEXT = "customer,when,amount\nC1,2020-01-02,1.50\nC2,2020-01-03,2.00\n"
VALUES = [("C1", "2020-01-02", "1.50"), ("C2", "2020-01-03", "2.00")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    assert read(TEXT.replace(",", delimiter)).values == VALUES


def test_semicolons_with_decimal_commas(read):
    found = read("customer;when;amount, EUR\nC1;02.01.2020;1.234,50\nC2;03.01.2020;2,00\n")
    assert found.table.columns == ("customer", "when", "amount, EUR")
    assert found.values[0] == ("C1", "02.01.2020", "1.234,50")


def test_commas_with_quoted_decimal_commas(read):
    found = read('customer,amount\nC1,"1.234,50"\nC2,"2,00"\n')
    assert found.values == [("C1", "1.234,50"), ("C2", "2,00")]


@pytest.mark.parametrize("line", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_excels_declaration_of_the_delimiter(read, line):
    found = read(line + "customer;amount\nC1;1,5\n")
    assert found.rows == [(3, "C1", "1,5")]


def test_a_delimiter_may_be_given(read):
    assert read(TEXT.replace(",", "^"), delimiter="^").values == VALUES
    assert read(TEXT.replace(",", "\t"), delimiter="tab").values == VALUES
    assert read(TEXT.replace(",", "\t"), delimiter="\\t").values == VALUES


def test_an_unusual_delimiter_shows_the_header_and_the_flag(read):
    with pytest.raises(FormatError, match=r"customer:when:amount.*--delimiter ':'"):
        read(TEXT.replace(",", ":").replace("-", ""))


def test_a_wrong_delimiter_shows_the_header(read):
    with pytest.raises(FormatError, match=r"With the delimiter ';'.*customer,when,amount"):
        read(TEXT, delimiter=";")


@pytest.mark.parametrize("delimiter", ["", ",,", "é", '"', "\n"])
def test_a_delimiter_is_one_ascii_character(read, delimiter):
    with pytest.raises(FormatError, match="cannot be a delimiter"):
        read(TEXT, delimiter=delimiter)


def test_rows_that_use_another_delimiter_than_the_header(read):
    with pytest.raises(FormatError, match=r"None of the 2 rows.*customer,when,amount.*3 fields"):
        read("customer,when,amount\nC1;2020;1\nC2;2020;1\n")


@pytest.mark.parametrize(
    "line", ["C1,2020-01-02,1.50", "17,5,9.99", "a@b.org,x,y", "17,02/03/2020 10:11,GB"]
)
def test_a_missing_header_is_said(read, line):
    with pytest.raises(FormatError, match="no header row"):
        read(f"{line}\n{line}\n")


def test_a_header_without_names(read):
    with pytest.raises(FormatError, match="names no column"):
        read(",,\n1,2,3\n")


def test_header_only(read):
    with pytest.raises(DataError, match="no rows"):
        read("customer,when,amount\n")
    with pytest.raises(DataError, match="no rows"):
        read("customer,when,amount\n\n\n")


def test_names_are_stripped_and_made_unique(read):
    found = read('\ufeff Price ,price,,"Two\nlines",_line\n1,2,3,4,5\n')
    assert found.table.columns == ("Price", "price_2", "column_3", "Two\nlines", "_line_2")
    assert found.rows == [(3, "1", "2", "3", "4", "5")]


def test_a_delimiter_at_the_end_of_every_line(read):
    assert read("customer,amount,\nC1,1,\nC2,2,\n").table.columns == (
        "customer",
        "amount",
        "column_3",
    )
    assert read("customer,amount,\nC1,1\nC2,2\n").values == [("C1", "1"), ("C2", "2")]
    assert read("customer,amount\nC1,1,\nC2,2,\n").values == [("C1", "1"), ("C2", "2")]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(read, encoding, end):
    text = "customer,name\nC1,Zoë\nC2,Łódź\nC3,日本\nC4,“€”\n".replace("\n", end)
    found = read(text.encode(encoding))
    assert [row[1] for row in found.values] == ["Zoë", "Łódź", "日本", "“€”"]
    assert [row[0] for row in found.rows] == [2, 3, 4, 5]


def test_big_endian_with_its_mark(read):
    found = read(codecs.BOM_UTF16_BE + "customer,name\nC1,Zoë\n".encode("utf-16-be"))
    assert found.values == [("C1", "Zoë")]
    assert "Read as UTF-16-BE." in found.table.notes


def test_windows_1252_for_the_lines_that_are_not_utf8(read):
    lines = [b"customer,name", "C1,Zoë".encode(), "C2,José €“".encode("cp1252"), b"C3,\x81"]
    found = read(b"\n".join(lines))
    assert [row[1] for row in found.values] == ["Zoë", "José €“", "\x81"]
    assert "2 lines are not UTF-8 and were read as Windows-1252." in found.table.notes


def test_a_given_encoding_is_obeyed(read):
    found = read("customer,name\nC1,Łódź\n".encode("cp1250"), encoding="cp1250")
    assert found.values == [("C1", "Łódź")]
    assert "Read as CP1250." in found.table.notes
    with pytest.raises(InputError, match="is no encoding"):
        read(TEXT, encoding="klingon")


def test_nul_bytes_are_removed_and_counted(read):
    found = read("customer,name\nC1,a\0b\n" + "C2,x\n" * 50)
    assert found.values[0] == ("C1", "ab")
    assert "1 NUL byte was removed." in found.table.notes


def test_packed_files(read):
    data = TEXT.encode()
    assert read(gzip.compress(data), "orders.csv.gz").values == VALUES
    assert read(gzip.compress(data) + gzip.compress(b"C3,x,y\n"), "o.csv.gz").rows[-1][0] == 4
    assert read(zstandard.compress(data), "orders.csv.zst").values == VALUES
    assert read(gzip.compress(data), "orders.csv").values == VALUES


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("orders.csv", b"", "is empty"),
        ("orders.csv", b"\n\n", "blank lines"),
        ("orders.csv.gz", b"", "is empty"),
        ("orders.csv.gz", gzip.compress(b"", mtime=0), "0 bytes after unpacking"),
        (
            "orders.csv.gz",
            gzip.compress(TEXT.encode() * 99, mtime=0)[:-20],
            "cannot be read to its end",
        ),
        ("orders.csv.gz", TEXT.encode(), "does not hold gzip"),
        ("orders.csv.zst", TEXT.encode(), "does not hold zstd"),
        ("orders.csv.zst", zstandard.compress(TEXT.encode() * 99)[:-9], "cannot be read to its"),
        ("orders.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG picture"),
        ("orders.csv", b"%PDF-1.7\n", "a PDF document"),
        ("orders.csv", b"PK\x03\x04" + bytes(100), "Excel workbook"),
        ("orders.csv", b"<!doctype html><html>", "a web page"),
        ("orders.csv", bytes(range(256)) * 40, "is binary data"),
        ("orders.csv", b"\x00" * 5000, "is binary data"),
    ],
)
def test_files_that_are_no_table(read, name, content, message):
    with pytest.raises((FileError, FormatError), match=message) as caught:
        read(content, name)
    assert name in str(caught.value)
    assert caught.value.fix


def test_a_line_without_end_is_bounded(read, monkeypatch):
    monkeypatch.setattr("regulars.data.readers.encoding._LONGEST_LINE", 1000)
    monkeypatch.setattr("regulars.data.readers.files.BLOCK", 100)
    with pytest.raises(FormatError, match="longer than"):
        read("customer,name\n" + "x" * 5000)

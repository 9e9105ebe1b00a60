"""Which lines of a CSV file become records, and which are refused, with which line number."""

import pytest

from regulars.data.readers import files

HEADER = "invoice,product,quantity,price\n"


def test_first_record_is_on_line_two(read):
    found = read(HEADER + "1,cup,2,3.50\n2,pot,1,9.00\n")
    assert found.rows == [(2, "1", "cup", "2", "3.50"), (3, "2", "pot", "1", "9.00")]
    assert found.table.columns == ("invoice", "product", "quantity", "price")
    assert found.table.text
    assert found.table.numbered
    assert set(found.table.types.values()) == {"VARCHAR"}


def test_fields_stay_exactly_as_written(read):
    found = read(HEADER + " 1 ,NA,null,\n2,NaN,#N/A,007\n")
    assert found.values == [(" 1 ", "NA", "null", ""), ("2", "NaN", "#N/A", "007")]


def test_last_line_needs_no_line_end(read):
    assert read(HEADER + "1,cup,2,3").values == [("1", "cup", "2", "3")]


def test_quoted_delimiters_quotes_and_line_breaks(read):
    found = read(
        HEADER + '1,"cup, blue",2,3\n2,"the ""big"" pot",1,9\n3,"two\nlines\n\n",1,1\n4,x,1,1\n'
    )
    assert found.rows == [
        (2, "1", "cup, blue", "2", "3"),
        (3, "2", 'the "big" pot', "1", "9"),
        (4, "3", "two\nlines\n\n", "1", "1"),
        (8, "4", "x", "1", "1"),
    ]
    assert "3 more lines than records" in " ".join(found.table.notes)


def test_a_record_may_start_with_a_field_of_several_lines(read):
    found = read(HEADER + '"ACME\nLtd",cup,2,3\n"a\nb\nc","d\ne",1,1\n')
    assert found.rows == [(2, "ACME\nLtd", "cup", "2", "3"), (4, "a\nb\nc", "d\ne", "1", "1")]


def test_one_open_quote_costs_one_line(read):
    lines = [f"{n},cup,1,2\n" for n in range(1000)]
    lines[10] = '10,"cup,1,2\n'
    found = read(HEADER + "".join(lines))
    assert found.refused == [(12, "broken_quote", '10,"cup,1,2')]
    assert len(found.rows) == 999
    assert found.rows[10] == (13, "11", "cup", "1", "2")


@pytest.mark.parametrize("closing", ['14,PLATE 7",1,2\n', '14,"plate, 7 inch",1,2\n'])
def test_an_open_quote_closed_by_a_later_stray_one_swallows_nothing(read, closing):
    lines = [f"{n},cup,1,2\n" for n in range(20)]
    lines[10], lines[14] = '10,"OPEN,1,2\n', closing
    found = read(HEADER + "".join(lines))
    assert found.reasons == {12: "broken_quote"}
    assert len(found.rows) == 19


def test_two_stray_quotes_on_neighbouring_lines_are_two_records(read):
    found = read(HEADER + '1,"OPEN,1,2\n2,PLATE 7",1,2\n3,cup,1,2\n')
    assert found.reasons == {2: "broken_quote"}
    assert found.values == [("2", 'PLATE 7"', "1", "2"), ("3", "cup", "1", "2")]


def test_an_open_quote_cut_short_swallows_nothing(read):
    found = read(HEADER + '1,"cut\n2,cup,1,2\n3,PLATE 7",1,2\n')
    assert found.reasons == {2: "broken_quote"}
    assert len(found.rows) == 2


def test_every_line_with_an_open_quote(read):
    found = read(HEADER + '1,"cup,1,2\n' * 500 + "2,pot,1,2\n")
    assert len(found.refused) == 500
    assert found.values == [("2", "pot", "1", "2")]


def test_a_field_may_not_span_two_hundred_lines(read):
    long = '1,"' + "x\n" * 250 + '",1,2\n'
    found = read(HEADER + long + "2,pot,1,2\n")
    assert found.values == [("2", "pot", "1", "2")]
    assert found.reasons[2] == "broken_quote"
    assert found.reasons[252] == "broken_quote"
    assert found.reasons[100] == "wrong_number_of_fields"


def test_a_field_of_150_lines_is_read(read):
    text = "x\n" * 150
    assert read(HEADER + f'1,"{text}",1,2\n').values == [("1", text, "1", "2")]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ('1,7" SINGLE,2,3', ("1", '7" SINGLE', "2", "3")),
        ('1,7" OR 8" PLATE,2,3', ("1", '7" OR 8" PLATE', "2", "3")),
        ('1,"7" SINGLE",2,3', ("1", '7" SINGLE', "2", "3")),
        ('1,"PARTY" SIGN,2,3', ("1", '"PARTY" SIGN', "2", "3")),
        ('1,"PARTY" SIGN,2,"3"', ("1", '"PARTY" SIGN', "2", "3")),
        ('1,"A "big, red" cup",2,3', ("1", 'A "big, red" cup', "2", "3")),
        ('1, "cup, red" ,2,3', ("1", "cup, red", "2", "3")),
        ('7",8",9",10"', ('7"', '8"', '9"', '10"')),
        ('1,7" x,"a, b",3', ("1", '7" x', "a, b", "3")),
        ("1,cup,2,3,,", ("1", "cup", "2", "3")),
        ('1,"""",2,""', ("1", '"', "2", "")),
        ('"1","","",""', ("1", "", "", "")),
        ("1,a\rb,2,3", ("1", "a\rb", "2", "3")),
        ('1,"a\rb",2,3', ("1", "a\rb", "2", "3")),
    ],
)
def test_quotes_not_by_the_book_are_data_where_the_field_count_works_out(read, line, fields):
    found = read(HEADER + "0,a,b,c\n" + line + "\n9,z,z,z\n")
    assert found.values == [("0", "a", "b", "c"), fields, ("9", "z", "z", "z")]
    assert not found.refused


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,cup,2", "wrong_number_of_fields"),
        ("1,cup,2,3,4", "wrong_number_of_fields"),
        ("1", "wrong_number_of_fields"),
        ('1,"cup, red",2', "wrong_number_of_fields"),
        ('1,"cup,2,3', "broken_quote"),
        ('1,2,3,"', "broken_quote"),
        ("invoice,product,quantity,price", "repeated_header"),
    ],
)
def test_a_line_that_is_no_record_is_kept_with_its_reason(read, line, reason):
    found = read(HEADER + "0,a,b,c\n" + line + "\n9,z,z,z\n")
    assert found.refused == [(3, reason, line)]
    assert [row[0] for row in found.rows] == [2, 4]


def test_blank_lines_are_skipped_and_counted(read):
    found = read("\n" + HEADER + "\n1,a,b,c\n\n,,,\n   \n2,a,b,c\n\n\n")
    assert [row[0] for row in found.rows] == [4, 8]
    assert not found.refused
    assert "6 blank lines were skipped." in found.table.notes


def test_the_text_kept_of_a_refused_line_is_bounded(read):
    found = read(HEADER + "1,a,b,c\n" + "x" * 100_000 + "\n")
    assert len(found.refused[0][2]) == 501


def test_results_do_not_depend_on_the_size_of_blocks(read, monkeypatch):
    lines = [f'{n},"cup\n{n}",{n},"a ""b"""\n' for n in range(60)]
    lines[7], lines[20], lines[33] = '7,"open,1,2\n', "short\n", '33,7" PLATE,1,2\r\n'
    text = HEADER + "".join(lines)
    whole = read(text)
    assert len(whole.rows) == 58
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(files, "BLOCK", size)
        parts = read(text)
        assert parts.rows == whole.rows
        assert parts.refused == whole.refused
        assert parts.table.digest == whole.table.digest


def test_delimiters_too_many_at_the_end_of_some_lines(read):
    found = read(
        HEADER + "1,a,b,c,,\n"
        '2,"a,",b,"c,,",\n'
        "3,a,b,c\n"
        "4,a,b,,,\n"
        "5,a,b,c,d,\n"
        "6,a,b,c,,d\n"
        ",,,,,,\n"
        '7,"a\nb",b,c\n'
        "8,a,b,c" + "," * 20 + "\n"
    )
    assert found.rows == [
        (2, "1", "a", "b", "c"),
        (3, "2", "a,", "b", "c,,"),
        (4, "3", "a", "b", "c"),
        (5, "4", "a", "b", ""),
        (9, "7", "a\nb", "b", "c"),
        (11, "8", "a", "b", "c"),
    ]
    assert found.reasons == {6: "wrong_number_of_fields", 7: "wrong_number_of_fields"}
    assert "1 blank line was skipped." in found.table.notes


def test_a_monstrous_line_costs_no_more_than_its_size(read):
    started = '"a"x,' * 40_000
    found = read(HEADER + "1,a,b,c\n" + started + "\n2,a,b,c\n" + "1,a,b,c" + "," * 99 + "\n")
    assert found.values == [("1", "a", "b", "c"), ("2", "a", "b", "c")]
    assert found.reasons == {3: "wrong_number_of_fields", 5: "wrong_number_of_fields"}

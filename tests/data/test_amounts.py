"""Amounts as people write them, read exactly or not at all."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.shop import read_text
from regulars.data.amounts import amount_sql, currency_sql, read_amounts
from regulars.data.engine import connect
from regulars.terms.errors import FormatError


def _read(*texts: str, decimal: str | None = None) -> list[str | None]:
    with connect(threads=1) as engine:
        relation = engine.relation(pa.table({"paid": list(texts)}))
        how = read_amounts(engine, relation, {"amount": "paid"}, decimal)["amount"]
        found = engine.query(f"SELECT {amount_sql('paid', how)} AS x FROM {relation}")
        return [None if x is None else f"{x.normalize():f}" for x in found["x"].to_pylist()]


def test_signs_currencies_and_brackets() -> None:
    texts = ["12", "-3.10", "+4.5", "(5.00)", "5.00-", "-$3.2", "$-3.20", "−7.5", "£.5", "5."]
    texts += ["12.5 EUR", "USD 12.1", "R$ 3.25", "kr. 8", "Rs. 9.5", "1e3", "1.5E+3"]
    expected = ["12", "-3.1", "4.5", "-5", "-5", "-3.2", "-3.2", "-7.5", "0.5", "5"]
    expected += ["12.5", "12.1", "3.25", "8", "9.5", "1000", "1500"]
    assert _read(*texts) == expected


def test_thousands_of_every_kind() -> None:
    assert _read("1,234.50", "1,234", "1,234,567", "1,23,456.78") == [
        *("1234.5", "1234", "1234567", "123456.78"),
    ]
    assert _read("1.234,50", "1.234", "12,5", "1\u00a0234,5", "1'234,5", "1 234 567,5") == [
        *("1234.5", "1234", "12.5", "1234.5", "1234.5", "1234567.5"),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12 apples", "--5", "(5", "5)", "1,2,3", "1 2 3", "1.2.3", "nan", "inf", "0x10"],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert _read(text, "1.25") == [None, "1.25"]


def test_one_reading_of_a_column_settles_the_unclear_ones() -> None:
    assert _read("1,234", "0.99") == ["1234", "0.99"]
    assert _read("1,234", "0,99") == ["1.234", "0.99"]
    assert _read("1,234", decimal=",") == ["1.234"]
    assert _read("1,234", decimal=".") == ["1234"]


def test_two_conventions_in_a_column_are_read_by_their_own_shape() -> None:
    assert _read("1.234,50", "1,234.50", "7", "1,234") == ["1234.5", "1234.5", "7", None]


def test_an_undecidable_column_names_both_readings_and_the_flag() -> None:
    with pytest.raises(FormatError, match=r"can be 1234 or 1\.234") as caught:
        _read("1,234", "12")
    assert "--decimal" in caught.value.fix
    with pytest.raises(FormatError, match="no decimal sign"):
        _read("1", decimal=";")


@settings(max_examples=15)
@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]),
)
def test_written_and_read_again(amounts: list[Decimal], signs: tuple[str, str]) -> None:
    thousands, decimal = signs
    texts = [
        f"{a:,.2f}".replace(",", "t").replace(".", decimal).replace("t", thousands) for a in amounts
    ]
    read = _read(*texts)
    assert [Decimal(text or "nan") for text in read] == amounts


def test_currency_beside_the_number() -> None:
    with connect(threads=1) as engine:
        texts = ["€5", "5 EUR", "$3", "US$4", "R$ 4", "7", "12 zł"]
        relation = engine.relation(pa.table({"paid": texts}))
        found = engine.query(f"SELECT {currency_sql('paid')} AS x FROM {relation}")["x"].to_pylist()
    assert found == ["EUR", "EUR", "USD", "USD", "BRL", None, "PLN"]


def test_large_absent_and_broken_amounts_are_refused_by_name(tmp_path) -> None:
    text = "customer_id,date,amount\na,2025-01-01,5\nb,2025-01-02,1000000000000\n"
    text += "c,2025-01-03,\nd,2025-01-04,five\ne,2025-01-05,NaN\nf,2025-01-06,-inf\n"
    orders = read_text(tmp_path, text)
    assert orders.audit["refused"] == {
        "amount_too_large": 1,
        "bad_amount": 1,
        "missing_amount": 1,
        "not_a_number": 2,
    }
    assert [row["line"] for row in orders.rejected()] == [3, 4, 5, 6, 7]
    assert orders.audit["net_revenue"] == "5.00"


def test_decimals_add_up_exactly(tmp_path) -> None:
    lines = "\n".join(f"c{i},2025-01-01,0.10" for i in range(1000))
    orders = read_text(tmp_path, f"customer_id,date,amount\n{lines}\nx,2025-01-01,0.0005\n")
    assert orders.audit["net_revenue"] == "100.0005"

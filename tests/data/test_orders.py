"""Refunds, duplicates, several sources, currencies: what rows are, and what they are worth."""

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.shop import TODAY, csv_of, orders_of, read_text
from regulars.data import customer_table, read_orders, summarise
from regulars.terms.errors import ColumnError, CurrencyError, DataError, InputError

HEAD = "customer_id,date,order_id,amount\n"


def _money(orders: Any) -> tuple[str, str, str]:
    audit = orders.audit
    return audit["gross_revenue"], audit["refunds"], audit["net_revenue"]


def test_refunds_written_as_positive_numbers_are_subtracted(tmp_path) -> None:
    text = "customer_id,date,kind,amount\na,2025-01-01,sale,10\na,2025-01-05,Refund,4\n"
    text += "a,2025-01-06,Charge-Back,1\n"
    orders = read_text(tmp_path, text)
    assert _money(orders) == ("10.00", "5.00", "5.00")
    assert orders.audit["chargeback_rows"] == 1
    assert summarise(orders).repeat_orders.tolist() == [0]


def test_refunds_below_zero_keep_their_sign_where_the_file_has_any(tmp_path) -> None:
    text = "customer_id,date,type,amount\na,2025-01-01,order,10\na,2025-01-05,return,-4\n"
    text += "a,2025-01-06,return,1\n"
    assert _money(read_text(tmp_path, text)) == ("10.00", "3.00", "7.00")


def test_unknown_kinds_are_refused_by_name_and_foreign_types_ignored(tmp_path) -> None:
    text = "customer_id,date,kind,amount\na,2025-01-01,sale,10\nb,2025-01-05,gift,4\n"
    orders = read_text(tmp_path, text)
    assert orders.audit["refused"] == {"unknown_kind": 1}
    (row,) = orders.rejected()
    assert (row["line"], row["column"], row["value"]) == (3, "kind", "gift")
    text = "customer_id,date,type,amount\na,2025-01-01,online,10\nb,2025-01-05,store,4\n"
    orders = read_text(tmp_path, text)
    assert orders.audit["rows_refused"] == 0
    assert "not used" in orders.audit["notes"][0]


def test_c_before_a_number_cancels_only_beside_plain_numbers(tmp_path) -> None:
    orders = read_text(tmp_path, HEAD + "a,2025-01-01,100,10\na,2025-01-05,C100,-10\n")
    assert _money(orders) == ("10.00", "10.00", "0.00")
    orders = read_text(tmp_path, HEAD + "a,2025-01-01,100,10\na,2025-01-05,C100,4\n")
    assert _money(orders) == ("10.00", "4.00", "6.00")
    orders = read_text(tmp_path, HEAD + "a,2025-01-01,C1,10\na,2025-01-05,C2,4\n")
    assert _money(orders) == ("14.00", "0.00", "14.00")


def test_a_refund_column_is_subtracted_and_a_whole_refund_undoes_the_order() -> None:
    rows = [
        {"customer_id": 1, "date": dt.date(2025, 1, 1), "amount": 10.0, "refund": 0.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 9), "amount": 8.0, "refund": 3.0},
        {"customer_id": 1, "date": dt.date(2025, 1, 20), "amount": 5.0, "refund": 5.0},
    ]
    orders = orders_of(rows)
    assert _money(orders) == ("23.00", "8.00", "15.00")
    summary = summarise(orders)
    assert summary.repeat_orders.tolist() == [1]
    assert summary.mean_spend is not None
    assert summary.mean_spend.tolist() == [5.0]


def test_discount_tax_shipping_and_costs(tmp_path) -> None:
    text = "customer_id,date,quantity,unit_price,discount,tax,shipping,unit_cost\n"
    text += "a,2025-01-01,3,10,5,2,4,6\na,2025-01-08,-1,10,,,,6\n"
    orders = read_text(tmp_path, text)
    assert _money(orders) == ("25.00", "10.00", "15.00")
    assert customer_table(orders).cost.tolist() == [12.0]
    assert _money(read_text(tmp_path, text, exclude=("tax", "shipping")))[0] == "19.00"
    with pytest.raises(InputError, match="cannot be excluded"):
        read_text(tmp_path, text, exclude=["cost"])


def test_copies_of_whole_orders_are_refused(tmp_path) -> None:
    lines = "a,2025-01-01,1,10\nb,2025-01-02,2,4\na,2025-01-01,1,10\na,2025-01-01,1,10\n"
    orders = read_text(tmp_path, HEAD + lines)
    assert orders.audit["refused"] == {"duplicate_order": 2}
    assert [row["line"] for row in orders.rejected()] == [4, 5]
    assert orders.audit["net_revenue"] == "14.00"
    table = pa.table({"customer_id": [1, 1, 2], "date": [dt.date(2025, 1, 1)] * 3})
    table = table.append_column("order_id", pa.array([7, 7, 8]))
    table = table.append_column("amount", pa.array([1.0, 1.0, 2.0]))
    typed = read_orders(table, today=TODAY)
    assert typed.audit["refused"] == {"duplicate_order": 1}
    assert typed.audit["net_revenue"] == "3.00"


def test_equal_lines_of_an_order_are_kept_and_counted(tmp_path) -> None:
    lines = "a,2025-01-01,1,10\na,2025-01-01,1,10\na,2025-01-01,1,3\nb,2025-01-02,2,4\n"
    orders = read_text(tmp_path, HEAD + lines)
    assert orders.audit["rows_refused"] == 0
    assert orders.audit["orders"] == 2
    assert orders.audit["equal_rows"] == 1
    assert any("another row exactly" in text for text in orders.audit.warnings)
    assert customer_table(orders).orders.tolist() == [1, 1]


def test_a_refund_of_an_order_is_no_copy_of_it(tmp_path) -> None:
    orders = read_text(tmp_path, HEAD + "a,2025-01-01,1,10\na,2025-01-09,1,-10\n")
    assert orders.audit["rows_refused"] == 0


def test_several_files_are_one_table(tmp_path) -> None:
    one = csv_of(tmp_path, HEAD + "a,2025-01-01,1,10\nb,2025-01-02,2,4\n", "jan.csv")
    two = csv_of(
        tmp_path, HEAD + "b,2025-01-02,2,4\nb,2025-02-02,3,x\nc,2025-02-03,4,1\n", "feb.csv"
    )
    orders = read_orders([one, two], today=TODAY)
    assert orders.audit["rows_read"] == 5
    assert orders.audit["refused"] == {"bad_amount": 1, "duplicate_order": 1}
    assert [(row["file"], row["line"]) for row in orders.rejected()] == [
        ("feb.csv", 2),
        ("feb.csv", 3),
    ]
    assert orders.audit["net_revenue"] == "15.00"
    assert orders.data_hash != read_orders(one, today=TODAY).data_hash


def test_files_and_frames_with_different_keys_join(tmp_path) -> None:
    text = csv_of(tmp_path, "customer_id,date,amount\n1,2025-01-01,10\n")
    frame = pa.table(
        {"customer_id": [1, 2], "date": [dt.date(2025, 2, 1)] * 2, "amount": [1.0, 2.0]}
    )
    summary = summarise(read_orders([text, frame], today=TODAY))
    assert summary.customer_id is not None
    assert summary.customer_id.tolist() == ["1", "2"]
    assert summary.repeat_orders.tolist() == [1, 0]


def test_a_file_of_refunds_finds_its_customers_by_order(tmp_path) -> None:
    sales = csv_of(tmp_path, HEAD + "a,2025-01-01,1,10\nb,2025-01-02,2,4\n")
    back = csv_of(tmp_path, "order_id,date,amount\n1,2025-01-05,3\n9,2025-01-06,1\n", "back.csv")
    orders = read_orders(sales, refunds=back, today=TODAY)
    assert _money(orders) == ("14.00", "4.00", "10.00")
    assert customer_table(orders).value.tolist() == [7.0, 4.0]
    assert orders.audit["unowned_revenue"] == "-1.00"
    loose = csv_of(tmp_path, "date,amount\n2025-01-05,3\n", "loose.csv")
    with pytest.raises(ColumnError, match=r"refunds in loose\.csv lack customer_id and"):
        read_orders(sales, refunds=loose, today=TODAY)


def test_rows_without_a_customer_are_revenue_without_an_owner(tmp_path) -> None:
    lines = "".join(
        f"{who},2025-01-01,{i},1\n" for i, who in enumerate(["a", "", " ", "NaN", "NULL"])
    )
    orders = read_text(tmp_path, HEAD + lines)
    assert orders.audit["rows_kept"] == 5
    assert orders.audit["unowned_rows"] == 4
    assert orders.audit["unowned_revenue"] == "4.00"
    assert orders.audit["customers"] == 1


def test_ids_that_a_spreadsheet_made_floats_are_mended(tmp_path) -> None:
    summary = summarise(
        read_text(tmp_path, HEAD + "13085.0,2025-01-01,1,1\n 7.0 ,2025-01-01,2,1\n")
    )
    assert summary.customer_id is not None
    assert summary.customer_id.tolist() == ["13085", "7"]
    kept = summarise(read_text(tmp_path, HEAD + "13085.0,2025-01-01,1,1\nx7,2025-01-01,2,1\n"))
    assert kept.customer_id is not None
    assert kept.customer_id.tolist() == ["13085.0", "x7"]


def test_two_currencies_need_rates(tmp_path) -> None:
    text = "customer_id,date,amount,currency\na,2025-01-01,10,EUR\nb,2025-01-02,10,usd\n"
    text += "c,2025-01-03,10,EUR\n"
    with pytest.raises(CurrencyError, match=r"EUR 2, USD 1"):
        read_text(tmp_path, text)
    with pytest.raises(CurrencyError, match="no rate from USD"):
        read_text(tmp_path, text, rates={"GBP": 1.2})
    with pytest.raises(CurrencyError, match="no number above 0"):
        read_text(tmp_path, text, rates={"USD": "-1"})
    orders = read_text(tmp_path, text, rates={"USD": "0.915"})
    assert orders.currency == "EUR"
    assert orders.audit["net_revenue"] == "29.15"
    assert orders.audit["currencies"] == {"EUR": 2, "USD": 1}
    other = read_text(tmp_path, text, rates={"EUR": 1.1}, currency="usd")
    assert (other.currency, other.audit["net_revenue"]) == ("USD", "32.00")


def test_currency_signs_beside_amounts_count_as_currencies(tmp_path) -> None:
    text = "customer_id,date,amount\na,2025-01-01,€10\nb,2025-01-02,$10\n"
    with pytest.raises(CurrencyError, match="several currencies"):
        read_text(tmp_path, text)
    assert read_text(tmp_path, text.replace("$", "€")).currency == "EUR"
    with pytest.raises(CurrencyError, match="not in USD"):
        read_text(tmp_path, text.replace("$", "€"), currency="USD")


def test_typed_sources_refuse_what_is_no_number() -> None:
    amounts = [1.0, float("nan"), float("inf"), -float("inf"), None, 1e12, -1e12, 999999999999.0]
    rows = [
        {"customer_id": i, "date": dt.date(2025, 1, 1), "amount": amount}
        for i, amount in enumerate(amounts)
    ]
    orders = orders_of(rows)
    assert orders.audit["rows_read"] == 8
    assert orders.audit["refused"] == {
        "amount_too_large": 2,
        "missing_amount": 1,
        "not_a_number": 3,
    }
    assert len(summarise(orders)) == 2
    rejected = list(orders.rejected())
    assert [row["line"] for row in rejected] == [2, 3, 4, 5, 6, 7]
    assert rejected[-1]["value"] == "-1000000000000.0"


def test_orders_that_are_all_refused_say_so_when_asked(tmp_path) -> None:
    orders = read_text(tmp_path, HEAD + "a,x,1,1\n")
    assert orders.audit["rows_kept"] == 0
    assert orders.audit["first_date"] is None
    with pytest.raises(DataError, match="no order that could be read"):
        summarise(orders)


def test_one_customer_and_one_day() -> None:
    day = dt.date(2025, 1, 1)
    one = summarise(orders_of([{"customer_id": 1, "date": day, "amount": 2.0}]))
    assert (one.repeat_orders[0], one.age[0], one.last_order_age[0]) == (0, 0.0, 0.0)
    many = orders_of([{"customer_id": i, "date": day, "amount": 2.0} for i in range(50)])
    assert np.all(summarise(many).repeat_orders == 0)
    assert many.audit["one_time_share"] == 1.0

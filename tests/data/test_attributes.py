"""Attributes of customers: read from any table, joined by id, first touch and cohorts."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import (
    Attributes,
    first_order_labels,
    first_touch,
    read_attributes,
    read_orders,
    summarise,
    summary_with,
    unmatched,
    with_known,
)
from regulars.terms.errors import ColumnError, InputError

ORDERS = """customer_id,date,amount,country,source
17,2024-03-02,10,CH,ads
17,2024-01-05,12,DE,search
18,2024-02-01,8,FR,ads
19,2024-02-10,9,,search
"""
TABLE = """Customer ID,gender,age,zip,vip
17,f,31,01234,true
18,m,44,80331,false
19,f,,10115,true
99,m,20,20095,false
"""


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    return read_orders(path)


def table(tmp_path, text=TABLE):
    path = tmp_path / "customers.csv"
    path.write_text(text)
    return read_attributes(path)


def test_numbers_and_labels_are_told_apart(tmp_path):
    found = table(tmp_path)
    assert found.customer_id.tolist() == ["17", "18", "19", "99"]
    assert found.columns["gender"].tolist() == ["f", "m", "f", "m"]
    np.testing.assert_array_equal(found.columns["age"], [31, 44, np.nan, 20])
    assert found.columns["zip"].tolist()[0] == "01234"


def test_a_frame_keeps_its_types():
    frame = pa.table({"customer_id": [1, 2], "vip": [True, False], "plan": ["a", None]})
    found = read_attributes(frame)
    assert found.columns["vip"].tolist() == [1.0, 0.0]
    assert found.columns["plan"].tolist() == ["a", None]


def test_joined_by_id_whatever_its_type(tmp_path, orders):
    summary = summarise(orders)
    numbers = Attributes(np.array([19, 17, 18]), {"size": np.array([9.0, 7.0, 8.0])})
    assert summary_with(summary, numbers).covariates["size"].tolist() == [7, 8, 9]
    both = summary_with(summary_with(summary, numbers), table(tmp_path))
    assert both.covariates["gender"].tolist() == ["f", "m", "f"]
    assert set(both.covariates) == {"size", "gender", "age", "zip", "vip"}


def test_who_is_missing_is_counted_and_left_blank(tmp_path, orders):
    summary = summarise(orders)
    assert unmatched(summary, table(tmp_path)) == (0, 1)
    few = Attributes(np.array(["17"]), {"kind": np.array(["a"], dtype=object), "n": np.ones(1)})
    assert unmatched(summary, few) == (2, 0)
    known = summary_with(summary, few).covariates
    assert known["kind"].tolist() == ["a", None, None]
    np.testing.assert_array_equal(known["n"], [1, np.nan, np.nan])


def test_first_touch_is_the_first_row(orders):
    found = first_touch(orders, ["country", "source"])
    assert found.customer_id.tolist() == ["17", "18", "19"]
    assert found.columns["country"].tolist() == ["DE", "FR", None]
    assert found.columns["source"].tolist() == ["search", "ads", "search"]


def test_first_touch_of_a_typed_source():
    frame = pa.table(
        {
            "customer_id": [1, 1, 2],
            "date": [dt.date(2024, 2, 1), dt.date(2024, 1, 1), dt.date(2024, 1, 5)],
            "amount": [1.0, 2.0, 3.0],
            "country": ["CH", "DE", "FR"],
        }
    )
    found = first_touch(read_orders(frame), ["country"])
    assert dict(zip(found.customer_id.tolist(), found.columns["country"], strict=True)) == {
        1: "DE",
        2: "FR",
    }


def test_each_name_comes_from_where_it_is_known(tmp_path, orders):
    summary = with_known(summarise(orders), orders, ["gender", "source", "cohort"], table(tmp_path))
    assert {k: v.tolist() for k, v in summary.covariates.items()} == {
        "gender": ["f", "m", "f"],
        "source": ["search", "ads", "search"],
        "cohort": ["2024-01", "2024-02", "2024-02"],
    }


def test_cohorts_are_the_same_in_any_unit(orders):
    for unit in ("day", "week", "month"):
        labels = first_order_labels(summarise(orders, until=dt.date(2024, 3, 10), unit=unit))
        assert labels.tolist() == ["2024-01", "2024-02", "2024-02"]
    assert set(first_order_labels(summarise(orders), "year")) == {"2024"}
    with pytest.raises(InputError, match="Use month or year"):
        first_order_labels(summarise(orders), "decade")


def test_several_rows_for_a_customer_are_refused(tmp_path):
    with pytest.raises(InputError, match="several rows for 1 customers: 17"):
        table(tmp_path, TABLE + "17,m,50,1,true\n")


def test_a_table_without_ids_or_attributes_is_refused(tmp_path):
    with pytest.raises(ColumnError, match="customer_id"):
        table(tmp_path, "name,age\nx,1\n")
    with pytest.raises(ColumnError, match="no column beside"):
        read_attributes(pa.table({"customer_id": [1, 2]}))


def test_a_table_of_strangers_is_refused(tmp_path, orders):
    with pytest.raises(InputError, match=r"No customer of the orders is in customers\.csv"):
        summary_with(summarise(orders), table(tmp_path, "customer_id,age\nx,1\ny,2\n"))


def test_an_unknown_name_lists_the_columns(orders):
    with pytest.raises(ColumnError, match=r"no column 'gender'\. Columns: customer_id, date"):
        with_known(summarise(orders), orders, ["gender"])

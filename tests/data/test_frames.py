"""Typed sources of every make: the same orders, whatever holds them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from data.shop import TODAY
from regulars.data import customer_table, read_orders, summarise
from regulars.terms.errors import FormatError

DAYS = [dt.date(2025, 1, 1), dt.date(2025, 1, 8), dt.date(2025, 1, 9)]


@pytest.mark.parametrize(
    "kind",
    [pa.int16(), pa.int32(), pa.int64(), pa.uint32(), pa.uint64(), pa.float32(), pa.float64()],
    ids=str,
)
def test_every_type_of_number_is_exact(kind: pa.DataType) -> None:
    amounts = pa.array([30_000, 12, 1], pa.int64()).cast(kind)
    table = pa.table({"customer_id": [1, 1, 2], "date": DAYS, "amount": amounts})
    assert read_orders(table, today=TODAY).audit["net_revenue"] == "30013.00"


@pytest.mark.parametrize("kind", [pa.decimal128(9, 2), pa.decimal128(18, 4), pa.decimal128(38, 6)])
def test_decimals_are_exact(kind: pa.DataType) -> None:
    amounts = pa.array([Decimal("9999999.99"), Decimal("0.01"), Decimal("-0.02")], kind)
    table = pa.table({"customer_id": [1, 1, 2], "date": DAYS, "amount": amounts})
    assert read_orders(table, today=TODAY).audit["net_revenue"] == "9999999.98"


def test_quantities_times_prices_of_any_type() -> None:
    for quantity, price in ((pa.int32(), pa.float64()), (pa.int64(), pa.decimal128(12, 3))):
        table = pa.table(
            {
                "customer_id": [1, 1, 2],
                "date": DAYS,
                "quantity": pa.array([100_000, 3, -1], quantity),
                "price": pa.array([Decimal("20000.125"), Decimal("0.1"), Decimal("5")]).cast(price),
            }
        )
        assert read_orders(table, today=TODAY).audit["net_revenue"] == "2000012495.30"


def _frames() -> list[Any]:
    columns: dict[str, Any] = {
        "customer_id": ["a", "b", "a"],
        "date": [dt.datetime(2025, 1, 1, 9), dt.datetime(2025, 1, 2), dt.datetime(2025, 1, 9)],
        "amount": [1.5, 2.0, 2.5],
        "kind": ["sale", "sale", "sale"],
    }
    pandas = pd.DataFrame(columns)
    category = pandas.astype({"customer_id": "category", "kind": "category"})
    polars = pl.DataFrame(columns)
    views = pa.table(columns)
    views = views.set_column(0, "customer_id", views["customer_id"].cast(pa.string_view()))
    texts = polars.with_columns(pl.col("date", "amount").cast(pl.String))
    return [pandas, category, polars, polars.lazy(), pa.table(columns), views, texts]


@pytest.mark.parametrize("place", range(7))
def test_frames_give_the_same_summary(place: int) -> None:
    orders = read_orders(_frames()[place], today=TODAY)
    summary = summarise(orders, unit="day")
    assert summary.customer_id is not None
    assert summary.customer_id.tolist() == ["a", "b"]
    assert summary.repeat_orders.tolist() == [1, 0]
    assert summary.last_order_age.tolist() == [8.0, 0.0]
    assert summary.mean_spend is not None
    assert summary.mean_spend.tolist() == [2.5, 0.0]
    assert customer_table(orders).value.tolist() == [4.0, 2.0]


def test_a_frame_is_read_where_it_lies_and_stays_as_it_was() -> None:
    frame = pd.DataFrame(
        {"customer_id": [1.0, np.nan], "date": pd.to_datetime(["2025-01-01"] * 2), "amount": [1, 2]}
    )
    before = frame.copy()
    orders = read_orders(frame, today=TODAY)
    assert orders.audit["unowned_revenue"] == "2.00"
    pd.testing.assert_frame_equal(frame, before)


def test_columns_that_hold_no_amounts_are_named() -> None:
    table = pa.table({"customer_id": [1], "date": DAYS[:1], "amount": [True]})
    with pytest.raises(FormatError, match="type BOOLEAN and holds no amounts"):
        read_orders(table, today=TODAY)

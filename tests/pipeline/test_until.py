"""The day that counts: later rows change no table, as if they were not there."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from regulars.data import (
    read_attributes,
    read_costs,
    read_orders,
    read_service,
    simulate_business,
)
from regulars.pipeline.study import PARTS, study
from regulars.reports.study_tables import study_tables

UNTIL = dt.date(2024, 6, 12)
BEGAN = {
    "orders": "ordered_at",
    "conversations": "started_at",
    "messages": "sent_at",
    "tickets": "created_at",
    "surveys": "sent_at",
}


def cut(table, column):
    end = np.datetime64(UNTIL + dt.timedelta(days=1), "s")
    moments = np.asarray(table[column].to_numpy(zero_copy_only=False)).astype("datetime64[s]")
    return table.filter(pa.array(moments < end))


def tables_of(business, parts, early):
    """Every table of a study until the day, of tables that end with it where `early`."""
    folder = business
    read = {name: pq.read_table(folder / f"{name}.parquet") for name in BEGAN}
    if early:
        read = {name: cut(table, BEGAN[name]) for name, table in read.items()}
    spent = csv.read_csv(folder / "costs.csv")
    if early:
        spent = spent.filter(pa.array(spent["date"].to_numpy() <= np.datetime64(UNTIL)))
    found = study(
        read_orders(read.pop("orders"), timezone="UTC"),
        until=UNTIL,
        margin=0.4,
        model="bg-nbd",
        costs=read_costs(spent, every="day", today=dt.date(2025, 1, 31)),
        customers=read_attributes(folder / "customers.parquet"),
        service=read_service(**read),
        cost_per_hour=30,
        cost_per_conversation=4,
        parts=parts,
        today=UNTIL,
    )
    return study_tables(found)


def check(folder, parts):
    whole, early = (tables_of(folder, parts, cut) for cut in (False, True))
    assert whole.keys() == early.keys()
    assert len(whole) > 12
    for name, columns in whole.items():
        assert columns.keys() == early[name].keys(), name
        for column, values in columns.items():
            expected, told = np.asarray(early[name][column]), np.asarray(values)
            where = f"{name}.{column}"
            if told.dtype.kind == "f":
                np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-9, err_msg=where)
            else:
                np.testing.assert_array_equal(told, expected, err_msg=where)


@pytest.fixture(scope="module")
def business(tmp_path_factory):
    folder = tmp_path_factory.mktemp("until")
    simulate_business(customers=500, seed=2).write(folder)
    return folder


def test_later_rows_change_no_table(business):
    check(business, ("sources", "drivers", "service"))


@pytest.mark.slow
def test_later_rows_change_no_table_of_a_whole_study(business):
    check(business, [name for name in PARTS if name != "subscriptions"])

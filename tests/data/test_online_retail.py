"""A real export of half a million lines, as it came: all of it is accounted for, to the cent."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import numpy as np
import pytest

from regulars.data import Orders, keep_ledger, read_orders, summarise
from shared_data import cdnow, shared


@pytest.fixture(scope="module")
def retail() -> Iterator[Orders]:
    orders = read_orders(shared("online_retail_2009_2010.csv.gz"))
    yield orders
    orders.close()


def test_every_line_is_kept(retail: Orders) -> None:
    audit = retail.audit.as_dict()
    assert audit["rows_read"] == audit["rows_kept"] == 502_938
    assert audit["rows_refused"] == 0
    assert list(retail.rejected()) == []


def test_net_revenue_is_the_plain_sum(retail: Orders) -> None:
    path = shared("online_retail_2009_2010.csv.gz")
    plain = duckdb.sql(
        "SELECT CAST(SUM(CAST(Quantity AS BIGINT) * CAST(Price AS DECIMAL(18, 4))) AS VARCHAR)"
        f" FROM read_csv('{path}', all_varchar = true, quote = '\"', header = true)"
    ).fetchall()[0][0]
    assert retail.audit.as_dict()["net_revenue"] == plain.rstrip("0")


def test_the_ledger_adds_up_to_the_audit(retail: Orders) -> None:
    audit = retail.audit.as_dict()
    owned = Decimal(audit["net_revenue"]) - Decimal(audit["unowned_revenue"])
    assert int(keep_ledger(retail).net.sum()) == int(owned * 10_000) == 80_435_852_240


def test_summary_of_the_papers() -> None:
    orders = read_orders(shared("cdnow_sample.parquet"))
    summary = summarise(orders, dt.date(1997, 9, 30))
    known = cdnow().summary
    assert np.array_equal(summary.repeat_orders, known.repeat_orders)
    assert np.array_equal(summary.last_order_age, known.last_order_age)
    assert np.array_equal(summary.age, known.age)
    assert summary.mean_spend == pytest.approx(known.mean_spend, abs=1e-12)
    assert summary.last_order_age.sum() == pytest.approx(16135.571429, abs=1e-6)
    assert summary.age.sum() == pytest.approx(77111.285714, abs=1e-6)

"""The simulated shop: the same seed, the same orders; its mess is found again to the row."""

import numpy as np
import pytest

from regulars.data import read_orders, simulate_orders, summarise
from regulars.terms.errors import InputError


def test_a_seed_fixes_every_order() -> None:
    one, two, other = simulate_orders(300, 1), simulate_orders(300, 1), simulate_orders(300, 2)
    assert all(np.array_equal(one.columns[name], two.columns[name]) for name in one.columns)
    assert len(one) != len(other) or not np.array_equal(
        one.columns["amount"], other.columns["amount"]
    )


def test_the_shop_is_plausible() -> None:
    audit = read_orders(simulate_orders(5_000, seed=3)).audit
    assert audit.enough_to_predict
    assert audit["rows_refused"] == 0
    assert 0.35 < audit["one_time_share"] < 0.65
    assert 0.02 < float(audit["refunds"]) / float(audit["gross_revenue"]) < 0.06
    assert audit["has_cost"]
    assert audit["currency"] == "EUR"


def test_files_hold_what_the_frame_holds(tmp_path) -> None:
    shop = simulate_orders(400, seed=4)
    shop.write_csv(tmp_path / "a.csv")
    shop.write_parquet(tmp_path / "a.parquet")
    frame = summarise(read_orders(shop))
    for name in ("a.csv", "a.parquet"):
        summary = summarise(read_orders(tmp_path / name))
        assert np.array_equal(summary.repeat_orders, frame.repeat_orders)
        assert np.array_equal(summary.mean_spend, frame.mean_spend)


def test_every_piece_of_mess_is_found_again(tmp_path) -> None:
    shop = simulate_orders(4_000, seed=5)
    mess = shop.write_csv(tmp_path / "messy.csv", messy=True)
    audit = read_orders(tmp_path / "messy.csv").audit
    assert audit["rows_read"] == mess["rows"]
    assert audit["refused"] == {
        "bad_date": mess["unreadable"],
        "duplicate_order": mess["duplicate"],
    }
    assert audit["refund_rows"] == mess["cancellation"]
    assert audit["unowned_rows"] == mess["blank_customer"] + mess["test"]
    clean = read_orders(shop).audit
    tests = 0.01 * mess["test"]
    assert float(audit["gross_revenue"]) == pytest.approx(float(clean["gross_revenue"]) + tests)
    assert audit["refunds"] == clean["refunds"]


@pytest.mark.parametrize("asked", [{"customers": -1}, {"customers": 0}, {"days": 0}], ids=str)
def test_a_shop_without_customers_or_days_is_refused(asked) -> None:
    with pytest.raises(InputError, match="make no shop"):
        simulate_orders(**asked)

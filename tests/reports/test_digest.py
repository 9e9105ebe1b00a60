"""The digest: what it says, that it adds up, and that words from the data stay words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from regulars import data
from regulars.data import simulate_orders
from regulars.pipeline.digest import check_since, digest_tables
from regulars.pipeline.value import value_base
from regulars.reports.digest import (
    digest_markdown,
    digest_section,
    foretold,
    headline,
    silent_words,
    why_rows,
)
from regulars.reports.moved import digest
from regulars.terms.answer import Estimate
from regulars.terms.errors import InputError

SINCE, UNTIL = dt.date(2025, 11, 16), dt.date(2025, 11, 23)


def table(*rows, names=("source", "customers", "orders", "net_revenue")):
    return {
        name: np.array(column, object if i == 0 else float)
        for i, (name, column) in enumerate(zip(names, zip(*rows, strict=True), strict=True))
    }


def people(ids, alive, value, segment):
    return {
        "customer_id": np.array(ids, object),
        "p_alive": np.array(alive, float),
        "expected_value": np.array(value, float),
        "segment": np.array(segment, object),
    }


BEFORE = {
    "sources": table(("ads", 100, 120, 6000.0), ("mail", 40, 60, 3000.0)),
    "customers": people(list("abc"), [0.9, 0.8, 0.3], [90, 80, 30], ["Loyal", "Loyal", "Lost"]),
}
NOW = {
    "sources": table(("ads", 121, 145.2, 8712.0), ("chat", 3, 3, 90.0)),
    "customers": people(
        list("abcd"),
        [0.95, 0.4, 0.3, 1.0],
        [95, 40, 30, 50],
        ["Champions", "At risk", "Lost", "New"],
    ),
}


def made(**changed):
    plain = {"since": SINCE, "until": UNTIL, "currency": "GBP"}
    return digest(BEFORE, NOW, **{**plain, **changed})


def test_it_says_how_revenue_moved_and_the_effects_sum_to_it():
    result = made()
    assert headline(result).startswith(
        "Net revenue of the 7 days up to 23 Nov 2025 was £8,802, down £198.00 (2.2%) on the 7 days"
    )
    assert "cannot be told" in headline(result)
    effects = sum(factor.effect for factor in result.total.factors)
    assert effects == pytest.approx(8802 - 9000)
    by_source = {one.name: one.change for one in result.sources}
    assert by_source == pytest.approx({"ads": 2712, "mail": -3000, "chat": 90})
    assert [one.name for one in result.sources] == ["mail", "ads", "chat"]


def test_who_fell_silent_is_named_with_what_is_at_stake():
    result = made()
    assert [one.customer_id for one in result.silent] == ["b"]
    assert result.silent[0].at_stake == pytest.approx((0.8 - 0.4) * 40 / 0.4)
    assert silent_words(result) == "The P(alive) of 1 customer fell below 50%; £40.00 is at stake."


def test_newcomers_and_changes_of_segment():
    result = made()
    assert result.newcomers == 1
    assert {(s.before, s.now, s.customers) for s in result.shifts} == {
        ("Loyal", "Champions", 1),
        ("Loyal", "At risk", 1),
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Estimate(9000, 8000, 10_000), "as foretold."),
        (Estimate(9900, 9000, 10_000), "Missed: £9,900 was foretold"),
        (Estimate(9900), "£8,802 came."),
    ],
    ids=["hit", "missed", "no-interval"],
)
def test_a_forecast_is_held_to_what_came(said, words):
    assert words in foretold(made(foretold=said))


def test_a_change_within_chance_is_called_so():
    names = ("source", "customers", "orders", "net_revenue")
    names += ("orders_squares", "revenue_squares", "products")
    before = {"sources": table(("all", 100, 120, 6000.0, 180, 500_000.0, 9000.0), names=names)}
    near = {"sources": table(("all", 104, 125, 6200.0, 190, 510_000.0, 9200.0), names=names)}
    far = {"sources": table(("all", 300, 360, 18_000.0, 540, 1.5e6, 27_000.0), names=names)}
    kept = {"since": SINCE, "until": UNTIL, "currency": "GBP"}
    assert "within what chance gives" in headline(digest(before, near, **kept))
    result = digest(before, far, **kept)
    assert "more than chance gives" in headline(result)
    assert [row[-1] for row in why_rows(result)] == [
        "more than chance",
        "within chance",
        "within chance",
    ]


def test_words_from_the_data_stay_words():
    bad = "<b>|`x` [a](http://b) *c*"
    both = {"sources": table((bad, 10, 12, 500.0), ("ok", 1, 1, 5.0))}
    result = digest(both, both, since=SINCE, until=UNTIL)
    line = next(line for line in digest_markdown(result).splitlines() if "http" in line)
    assert line.count("|") - line.count("\\|") == 9
    assert "\\<b\\>" in line
    assert "\\[a\\]" in line
    assert "<b>" not in digest_section(result)


def test_the_section_holds_every_table_and_the_markdown_the_same_numbers():
    result = made()
    page, text = digest_section(result), digest_markdown(result)
    for word in ("Why", "Change by source", "Newly at risk", "Changes of segment", "£8,802"):
        assert word in page
        assert word in text


def test_what_is_lacking_is_said():
    with pytest.raises(InputError, match="now lack orders"):
        digest(
            BEFORE,
            {
                "sources": {"source": np.array([])}
                | {"customers": np.array([]), "net_revenue": np.array([])}
            },
            since=SINCE,
            until=UNTIL,
        )
    with pytest.raises(InputError, match="earlier day"):
        made(until=SINCE)


def test_tables_of_a_shop_tie_out_with_its_ledger(tmp_path):
    """Revenue of the span is what the ledger gained in it, to the tick; so is that before."""
    simulate_orders(customers=400, seed=2, days=300).write_csv(tmp_path / "orders.csv")
    orders = data.read_orders(tmp_path / "orders.csv")
    valued = value_base(orders, model="bg-nbd", margin=0.4)
    until = valued.answer.about.data_date
    since, start = until - dt.timedelta(days=28), until - dt.timedelta(days=56)
    before, now = digest_tables(valued, since)
    nets = [int(data.keep_ledger(orders, day).net.sum()) for day in (start, since, until)]
    assert before["sources"]["net_revenue"].sum() == pytest.approx((nets[1] - nets[0]) / 10_000)
    assert now["sources"]["net_revenue"].sum() == pytest.approx((nets[2] - nets[1]) / 10_000)
    result = digest(before, now, since=since, until=until, currency="EUR")
    assert sum(f.effect for f in result.total.factors) == pytest.approx(result.total.change)
    assert result.newcomers is not None
    with pytest.raises(InputError, match="not before the data date"):
        digest_tables(valued, until)


def test_a_span_before_that_the_orders_do_not_cover_is_an_error_with_the_day_that_works(tmp_path):
    """Of days 1 to 300, 151 to 300 can be held against 1 to 150; no longer span can."""
    simulate_orders(customers=400, seed=2, days=300).write_csv(tmp_path / "orders.csv")
    orders = data.read_orders(tmp_path / "orders.csv")
    first, until = orders.bounds
    since = first + dt.timedelta(days=((until - first).days + 1) // 2 - 1)
    if (until - first).days % 2 == 0:
        since += dt.timedelta(days=1)
    assert check_since(orders, since) == since
    with pytest.raises(InputError, match=f"Give {since} or a later day"):
        check_since(orders, since - dt.timedelta(days=1))
    valued = value_base(orders, model="bg-nbd")
    with pytest.raises(InputError, match=f"Give {since} or a later day"):
        digest_tables(valued, dt.date(1, 1, 1))

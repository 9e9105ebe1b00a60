"""The command `decide` and the function beneath it: from orders to a verdict and one sheet."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import regulars as rg
from regulars.pipeline.value import Valued
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import Period
from regulars.terms.service import ServiceCosts

RULE = "p_alive < 0.5"


@pytest.fixture(scope="module")
def valued(shop) -> Valued:
    return rg.value_base(rg.read_orders(shop), margin=0.35, model="bg-nbd")


def _asking(valued: Valued, **changed) -> Valued:
    """The same customers, asked another question (of what was counted, so nothing is refitted)."""
    return replace(valued, question=replace(valued.question, **changed))


def test_it_writes_a_verdict_a_page_and_one_sheet(run, shop, tmp_path):
    flags = (
        "--group",
        RULE,
        "--cost",
        "3",
        "--fixed",
        "100..300",
        "--margin",
        "35%",
        "--model",
        "bg-nbd",
    )
    done = run("decide", shop, *flags, "--effect", "5%..15%", "--out", tmp_path / "out")
    assert done.code == 0
    assert "Breaks even at" in done.out
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"decision.json", "decision.html", "decision.pdf"}
    found = json.loads((tmp_path / "out" / "decision.json").read_text(encoding="utf-8"))
    assert found["group"] == RULE
    assert found["effect"]["basis"] == "assumed"


def test_json_is_the_object(run, shop):
    flags = (
        "--measured",
        "10%+-3%",
        "--on",
        "churn",
        "--margin",
        "0.35",
        "--json",
        "--quiet",
        "--model",
        "bg-nbd",
    )
    done = run("decide", shop, *flags)
    assert done.code == 0
    assert done.err == ""
    found = json.loads(done.out)
    assert found["effect"]["standard_error"] == pytest.approx(0.03)
    assert found["effect"]["basis"] == "measured"
    assert found["verdict"] in ("do it", "do not", "too uncertain")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((), "--effect 5%..15%"),
        (("--effect", "5%", "--measured", "5%±1%"), "--effect 5%..15%"),
        (("--effect", "a lot"), "no range"),
        (("--effect", "15%..5%"), "lowest first"),
        (("--effect", "200%"), "effect of 2 on retention"),
        (("--effect", "5%", "--on", "luck"), "luck"),
        (("--effect", "5%", "--action", "hope"), "hope"),
        (("--effect", "5%", "--action", "win"), "--prospects"),
        (("--effect", "5%", "--cost", "-3"), "cost below 0"),
        (("--effect", "5%", "--reach", "0"), "share reached"),
        (("--effect", "5%", "--group", "p_alive <"), "rule"),
    ],
    ids=range(11),
)
def test_what_cannot_be_asked_is_said(run, shop, flags, words):
    done = run("decide", shop, "--margin", "35%", "--quiet", *flags)
    assert done.code == 3
    assert words in done.err


def test_without_a_margin_it_says_so(run, tmp_path):
    path = tmp_path / "orders.csv"
    rows = [f"c{i % 40},2024-{1 + i % 9:02d}-{1 + i % 27:02d},{10 + i % 7}" for i in range(400)]
    path.write_text("customer_id,ordered_at,amount\n" + "\n".join(rows), encoding="utf-8")
    done = run("decide", path, "--effect", "5%", "--quiet", "--model", "bg-nbd")
    assert done.code == 3
    assert "Give --margin 35%" in done.err


def test_nobody_in_the_group_is_too_little_data(valued):
    with pytest.raises(DataError, match="Nobody is in the group"):
        rg.decide(valued, effect="5%", group="orders > 10000")


def test_a_field_that_is_not_there_is_named_with_the_nearest(valued):
    with pytest.raises(InputError, match="Did you mean p_alive"):
        rg.decide(valued, effect="5%", group="p_aliv < 1")


def test_a_rule_and_a_mask_mean_the_same(valued):
    by_rule = rg.decide(valued, effect="5%..15%", group=RULE, cost_per_customer=1)
    mask = valued.answer.customers["p_alive"] < 0.5
    by_mask = rg.decide(valued, effect="5%..15%", group=mask, cost_per_customer=1)
    everyone = np.zeros(len(valued.ledger.customer_id), dtype=bool)
    everyone[valued.ledger.bought] = mask
    by_all = rg.decide(valued, effect="5%..15%", group=everyone, cost_per_customer=1)
    assert by_rule.customers == int(mask.sum())
    assert by_rule.found.net == by_mask.found.net == by_all.found.net


def test_the_gain_is_that_of_the_customers_margins(valued):
    """A known effect on orders gains its share of the group's expected profit, to the penny."""
    result = rg.decide(valued, effect=0.1, on="orders", group=RULE)
    columns = valued.answer.customers
    margin = float(columns["expected_value"][columns["p_alive"] < 0.5].sum()) * 0.35
    assert result.margin.value == pytest.approx(margin)
    assert result.found.middle == pytest.approx(0.1 * margin)
    assert result.found.gain.value == pytest.approx(0.1 * margin, rel=2e-3)


def test_the_gain_comes_in_over_the_horizon(valued):
    found = rg.decide(valued, effect=0.1, on="orders", fixed_cost=1).found
    assert len(found.months) == 12
    assert (np.diff(found.months) >= 0).all()
    assert found.months[-1] == pytest.approx(found.net.value)


def test_new_customers_are_worth_what_those_before_brought(valued):
    """Margin of the first six months, of everyone who began at least six months ago."""
    half = _asking(valued, horizon=Period.parse("6mo"), discount=0.0)
    result = rg.decide(half, action="win", effect="1%..3%", prospects=5000, cost_per_customer=0.5)
    ledger = half.ledger
    whole = ledger.last_month - (1 if ledger.unfinished else 0)
    old = ledger.bought & (ledger.first + 5 <= whole)
    rows = old[ledger.customer] & (ledger.age < 6)
    expected = ledger.net[rows].sum() / 10_000 * 0.35 / old.sum()
    assert result.margin.value == pytest.approx(expected)
    assert result.customers == 5000
    assert result.found.middle == pytest.approx(0.02 * 5000 * expected - 2500)


def test_the_same_seed_the_same_verdict(valued):
    plan = {"effect": "5%..15%", "group": RULE, "cost_per_customer": "1..3"}
    assert rg.decide(valued, **plan).found.net == rg.decide(valued, **plan).found.net


def test_a_mask_of_another_length_is_refused(valued):
    with pytest.raises(InputError, match="booleans"):
        rg.decide(valued, effect=0.1, group=np.ones(3, dtype=bool))


def test_what_new_customers_bring_must_have_been_seen(valued):
    far = _asking(valued, horizon=Period.parse("10y"))
    with pytest.raises(DataError, match="Shorten --horizon"):
        rg.decide(far, action="win", effect=0.01, prospects=10)


def test_small_groups_and_assumptions_are_said(valued):
    mask = np.zeros(len(valued.summary), dtype=bool)
    mask[:5] = True
    notes = " ".join(rg.decide(valued, effect=0.1, group=mask).notes)
    assert "assumed, not measured" in notes
    assert "5 customers" in notes


def test_cost_to_serve_is_taken_off_the_margin(valued):
    """A tenth of the last year's revenue spent on service takes ten points off the margin."""
    ledger = valued.ledger
    rows = ledger.month > ledger.last_month - 12
    serving = ServiceCosts(
        ledger.customer_id[ledger.customer[rows]].astype(str).astype(object),
        ledger.month[rows],
        ledger.net[rows] // 10,
    )
    plain = rg.decide(valued, effect=0.1, on="orders")
    served = rg.decide(valued, effect=0.1, on="orders", serving=serving)
    assert served.margin.value == pytest.approx(plain.margin.value * 0.25 / 0.35, rel=1e-5)
    assert "serving these customers" in " ".join(served.notes)
    new = {"effect": 0.01, "action": "win", "prospects": 100}
    half = _asking(valued, horizon=Period.parse("3mo"))
    assert (
        rg.decide(half, **new, serving=serving).margin.value < rg.decide(half, **new).margin.value
    )


def test_a_rule_may_ask_for_a_persona(valued):
    with pytest.raises(InputError, match="no customer has the persona"):
        rg.decide(valued, effect="5%", group='Persona = "Nobody of that name"')

"""Acquisition on a simulated business: sums tie out, planted numbers come back, nothing twice."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from regulars import data
from regulars.fitting.coming import coming
from regulars.pipeline import value_base
from regulars.pipeline.acquisition import acquisition, acquisitions
from regulars.pipeline.by_age import by_age, months_ahead
from regulars.terms.errors import CurrencyError, InputError
from regulars.terms.service import ServiceCosts

NEXT = ["source", "campaign", "product", "country", "cohort", "customer_type"]


@pytest.fixture(scope="module")
def business(tmp_path_factory):
    folder = tmp_path_factory.mktemp("business")
    built = data.simulate_business(customers=3_000, seed=4)
    built.write(folder)
    return folder, built.truth


@pytest.fixture(scope="module")
def valued(business):
    orders = data.read_orders(business[0] / "orders.parquet")
    yield value_base(orders, model="bg-nbd")
    orders.close()


@pytest.fixture(scope="module")
def costs(business):
    return data.read_costs(business[0] / "costs.csv")


@pytest.fixture(scope="module")
def customers(business):
    return data.read_attributes(business[0] / "customers.parquet")


@pytest.fixture(scope="module")
def found(valued, costs, customers):
    return acquisition(valued, costs, customers=customers)


def row(found, label):
    return int(np.flatnonzero(found.labels == label)[0])


class TestSums:
    @pytest.mark.parametrize("by", NEXT)
    @pytest.mark.parametrize("paid", [True, False], ids=["costs", "no costs"])
    def test_every_table_adds_up_to_everything(self, valued, costs, customers, by, paid):
        """Customers, net revenue, refunds and spend, to the tick, however they are split."""
        found = acquisition(valued, costs if paid else None, customers=customers, by=by)
        ledger = valued.ledger
        assert found.customers.sum() == len(ledger.customer_id)
        assert found.net.sum() == ledger.net.sum()
        assert found.refunds.sum() == ledger.refunds.sum()
        assert found.cost.sum() == ledger.cost.sum()
        assert found.spend.sum() == (costs.total if paid else 0)
        audit = valued.orders.audit
        owned = float(audit["net_revenue"]) - float(audit["unowned_revenue"])
        assert found.net.sum() / 10_000 == pytest.approx(owned, abs=1e-6)

    def test_splitting_a_source_in_two_leaves_the_totals(self, valued, costs, customers, found):
        half = np.arange(len(costs)) % 2 == 0
        google = costs.source == "google_ads"
        names = costs.source.copy()
        names[google & half] = "google_b"
        known = dict(customers.columns)
        mine = known["source"].copy()
        mine[(mine == "google_ads") & (np.arange(len(mine)) % 2 == 0)] = "google_b"
        split = acquisition(
            valued,
            replace(costs, source=names),
            customers=replace(customers, columns={**known, "source": mine}),
        )
        whole, parts = row(found, "google_ads"), [row(split, n) for n in ("google_ads", "google_b")]
        for name in ("customers", "spend", "counted", "net", "refunds"):
            mine, theirs = getattr(split, name), getattr(found, name)
            assert mine[parts].sum() == theirs[whole]
            assert mine.sum() == theirs.sum()
        assert split.blended == found.blended
        n = split.customers[parts]
        both = (split.ltv[12].value[parts] @ n) / n.sum()
        assert both == pytest.approx(found.ltv[12].value[whole], rel=1e-9)

    def test_campaigns_add_up_to_their_source(self, valued, costs, customers, found):
        """A campaign's spend counts once, in its source."""
        by_campaign = acquisition(valued, costs, customers=customers, by="campaign")
        for source in ("google_ads", "meta", "tiktok"):
            names = set(costs.campaign[costs.source == source])
            parts = np.isin(by_campaign.labels, list(names))
            assert by_campaign.spend[parts].sum() == found.spend[row(found, source)]

    def test_the_mean_over_rows_is_that_of_everybody(self, found):
        n = np.where(found.never, 0, found.customers)
        mean = np.nansum(np.nan_to_num(found.ltv[12].value) * n) / n.sum()
        assert mean == pytest.approx(found.everybody[12].value[0], rel=1e-9)


class TestOnce:
    """What could be taken off twice is taken off once."""

    def test_cac_is_in_no_ltv(self, valued, costs, customers, found):
        """LTV is the same with costs, without them, and with ten times as many."""
        without = acquisition(valued, customers=customers)
        tenfold = acquisition(valued, replace(costs, ticks=costs.ticks * 10), customers=customers)
        for other in (without, tenfold):
            for months in found.horizons:
                places = [row(other, name) for name in found.labels]
                theirs, mine = other.ltv[months].value[places], found.ltv[months].value
                assert np.array_equal(theirs, mine, equal_nan=True)
        i = row(found, "meta")
        expected = found.ltv[12].value[i] * found.won[i] - found.counted[i] / 10_000
        assert found.difference.value[i] == pytest.approx(expected, rel=1e-12)
        assert found.ratio.value[i] == pytest.approx(found.ltv[12].value[i] / found.cac[i])

    def test_refunds_are_in_net_revenue_and_nowhere_else(self, valued, costs, customers):
        """Seen margin of the oldest customers is net revenue less cost: refunds off once."""
        found = acquisition(valued, costs, customers=customers, by="cohort", horizons=["6mo"])
        ledger, i = valued.ledger, row(found, str(found.labels[0]))
        mine = valued.labels("cohort") == found.labels[i]
        first = ledger.first[mine].min()
        rows = mine[ledger.customer] & (ledger.month - first <= 6)
        half = np.where(ledger.month[rows] - first == 6, 0.5, 1.0)
        margin = ((ledger.net - ledger.cost)[rows] * half).sum() / 10_000 / mine.sum()
        assert found.ltv[6].value[i] == pytest.approx(margin, rel=1e-9)

    def test_service_costs_are_taken_off_once(self, valued, customers):
        """A cost of 2 in each customer's first month lowers an LTV that was all seen by 2."""
        ledger = valued.ledger
        mine = ledger.bought
        serving = ServiceCosts(
            customer_id=ledger.customer_id[mine].astype(object),
            month=ledger.first[mine],
            ticks=np.full(int(mine.sum()), 20_000),
        )
        plain = acquisition(valued, customers=customers, by="cohort", horizons=["6mo"])
        served = acquisition(
            valued, customers=customers, by="cohort", horizons=["6mo"], serving=serving
        )
        assert served.serving is not None
        assert served.serving.sum() == serving.ticks.sum()
        old = 0  # a cohort of which six months have all been seen
        lower = plain.ltv[6].value[old] - served.ltv[6].value[old]
        assert lower == pytest.approx(2.0, rel=1e-9)
        assert (plain.revenue[6].value == served.revenue[6].value)[~plain.never].all()


class TestPlanted:
    def test_the_cost_of_winning(self, business, found):
        for name, truth in business[1]["sources"].items():
            if truth["cac"] is None:
                assert np.isnan(found.cac[row(found, name)])
            else:  # the few customers that nobody listed have no source
                assert found.cac[row(found, name)] == pytest.approx(truth["realised_cac"], rel=0.03)

    def test_elasticities(self, business, found):
        """90 % intervals: of three, at least two hold the planted number and none is far."""
        assert found.marginal is not None
        held = []
        for name, truth in business[1]["sources"].items():
            i, known = row(found, name), found.marginal.elasticity
            if truth["elasticity"] is None:
                assert found.marginal.reason[i]
                continue
            held.append(known.low[i] <= truth["elasticity"] <= known.high[i])
            assert abs(known.value[i] - truth["elasticity"]) < 0.3
        assert sum(held) >= 2

    def test_constant_spend_cannot_tell(self, found):
        assert "hardly varies" in found.marginal.reason[row(found, "affiliate")]

    def test_the_loser_is_flagged_and_only_that(self, found):
        assert found.losing.tolist() == ["tiktok"]
        assert found.danger[row(found, "google_ads")] == ""
        assert found.marginal.danger[row(found, "tiktok")] == "loses"

    def test_worth_after_a_year(self, business, found):
        """Margin of a new customer: 90 % intervals hold most of the planted means."""
        held = []
        for name, truth in business[1]["sources"].items():
            i = row(found, name)
            ends = found.ltv[12]
            held.append(ends.low[i] <= truth["new_customer_12mo"]["margin"] <= ends.high[i])
        assert sum(held) >= len(held) - 2


def test_what_is_expected_is_what_a_forecast_says(valued):
    """By group, split and age, summed over the months to come: `coming` of the same customers."""
    ages = 13
    ahead = months_ahead(valued, ages)
    assert ahead is not None
    ledger = valued.ledger
    codes = np.arange(len(ledger.customer_id)) % 3
    sums = by_age(valued, codes, 3, ages, ahead)
    ends = data.ledger.month_starts(ahead.months + 1) - np.timedelta64(1, "D")
    first = ledger.first[ledger.bought]
    newest = first == ledger.last_month  # whose ages are all to come
    group = np.where(newest, codes[ledger.bought], 3)
    expected = coming(valued.outlook, valued.summary, ends, group, 4).value[:3]
    mine = by_age(
        valued, np.where(ledger.first == ledger.last_month, codes, -1), 3, ages, ahead
    ).coming.sum(axis=1)
    assert mine == pytest.approx(expected, rel=1e-9)
    assert sums.coming.sum() > mine.sum() > 0


def test_several_groupings_at_once_are_each_alone(valued, costs, customers, found):
    several = acquisitions(valued, costs, names=("source", "country"), customers=customers)
    assert list(several) == ["source", "country"]
    mine, theirs = several["source"].ltv[12].value, found.ltv[12].value
    assert np.array_equal(mine, theirs, equal_nan=True)


class TestRows:
    def test_payback_lies_in_its_interval(self, found):
        known = ~np.isnan(found.payback.value)
        assert known.any()
        assert (found.payback.low <= found.payback.value)[known].all()
        assert (found.payback.value <= found.payback.high)[known].all()

    def test_what_a_customer_can_bear_is_break_even(self, found):
        i = row(found, "google_ads")
        assert found.bearable[i] == found.ltv[12].value[i]
        assert found.bearable_three[i] == pytest.approx(found.ltv[12].value[i] / 3)

    def test_the_last_touch_stands_beside_the_first(self, valued, costs, customers, found):
        assert found.other is not None
        assert found.other.customers.sum() == valued.ledger.bought.sum()
        last = acquisition(valued, costs, customers=customers, touch="last")
        counts = dict(zip(found.other.labels, found.other.customers, strict=True))
        assert counts["direct"] == last.customers[row(last, "direct")]

    def test_spend_and_customers_meet_whatever_the_spelling(self, valued, costs, customers, found):
        names = np.array([name.upper().replace("_", " ") for name in costs.source], dtype=object)
        other = acquisition(valued, replace(costs, source=names), customers=customers)
        assert other.labels.tolist() == found.labels.tolist()
        assert other.spend.tolist() == found.spend.tolist()

    def test_more_months_never_bring_less_when_nothing_comes_back(self, found):
        assert (np.diff(found.revenue[36].value - found.revenue[12].value) != 0).any()
        known = ~np.isnan(found.ltv[36].value)
        assert (found.revenue[36].value >= found.revenue[12].value)[known].all()


class TestWarned:
    def said(self, found, words):
        return [text for text in (*found.warnings, *found.notes) if words in text]

    def test_spend_without_customers(self, valued, costs, customers):
        names = np.where(costs.source == "meta", "billboards", costs.source)
        found = acquisition(valued, replace(costs, source=names), customers=customers)
        i = row(found, "billboards")
        assert found.never[i]
        assert np.isinf(found.cac[i])
        assert found.spend[i] > 0
        assert np.isnan(found.cac[row(found, "meta")])
        assert self.said(found, "which won no customer under that name")

    def test_another_name_of_the_same_platform_is_guessed(self, valued, costs, customers):
        known = dict(customers.columns)
        known["source"] = np.where(known["source"] == "google_ads", "google", known["source"])
        found = acquisition(valued, costs, customers=replace(customers, columns=known))
        assert self.said(found, "--cost-source google")

    def test_customers_without_spend(self, found):
        assert self.said(found, "No spend is given for 'organic'")

    def test_spend_outside_the_orders(self, valued, costs, customers):
        late = replace(costs, start=costs.start + 40, end=costs.end + 40)
        found = acquisition(valued, late, customers=customers)
        assert self.said(found, "were spent after 20")
        assert self.said(found, "with new customers have no spend")
        last = valued.ledger.until
        known = int(late.up_to(last + dt.timedelta(days=1)).sum())
        assert found.spend.sum() == found.counted.sum() == known < costs.total
        early = replace(costs, start=costs.start - 400, end=costs.end - 400)
        found = acquisition(valued, early, customers=customers)
        assert self.said(found, "were spent before the first order")
        assert found.spend.sum() == costs.total > found.counted.sum()

    def test_customers_of_a_pause_flatter_no_cac(self, valued, costs, customers, found):
        """Spend of `meta` that pauses for months keeps the CAC of the months in which it ran."""
        pause = np.datetime64("2023-05-01"), np.datetime64("2023-11-30")
        gone = (costs.source == "meta") & (costs.start >= pause[0]) & (costs.end <= pause[1])
        kept = replace(
            costs,
            **{
                name: getattr(costs, name)[~gone]
                for name in ("start", "end", "source", "campaign", "ticks")
            },
        )
        told = acquisition(valued, kept, customers=customers)
        first = valued.answer.customers["first_order"].astype("datetime64[D]")
        of = valued.labels("source", customers)[valued.ledger.bought] == "meta"
        away = int((of & (first >= pause[0]) & (first <= pause[1])).sum())
        i, before = row(told, "meta"), row(found, "meta")
        assert away > 20
        assert told.won[i] == found.won[before] - away
        assert told.cac[i] == pytest.approx(told.counted[i] / 10_000 / told.won[i])
        assert self.said(told, f"{away:,} customers came while no spend of theirs ran")
        assert not self.said(found, "while no spend of theirs ran")

    def test_spend_of_the_first_months_only_says_so(self, valued, costs, customers):
        """Beside a CAC it is never said that there is no spend."""
        early = (costs.source == "google_ads") & (costs.start > costs.start.min() + 40)
        kept = np.where(early, 0, costs.ticks)
        found = acquisition(valued, replace(costs, ticks=kept), customers=customers)
        i = row(found, "google_ads")
        assert np.isfinite(found.cac[i])
        reason = str(found.marginal.reason[i])
        assert "no spend" not in reason
        assert "its spend ends on " in reason

    def test_a_cohort_has_no_row_after_the_data_date(self, valued, costs):
        late = replace(costs, start=costs.start + 40, end=costs.end + 40)
        found = acquisition(valued, late, by="cohort")
        assert max(found.labels.tolist()) == str(valued.ledger.until)[:7]
        never = replace(costs, start=costs.start + 9_000, end=costs.end + 9_000)
        found = acquisition(valued, never)
        assert not found.has_costs
        assert self.said(found, "were spent after 20")

    def test_another_currency(self, valued, costs, customers):
        with pytest.raises(CurrencyError, match="orders are in EUR and the costs in USD"):
            acquisition(valued, replace(costs, currency="USD"), customers=customers)

    @pytest.mark.parametrize(
        "wrong", [{"touch": "middle"}, {"horizon": "forever"}, {"horizons": ["10d"]}]
    )
    def test_what_cannot_be_asked(self, valued, wrong):
        with pytest.raises(InputError):
            acquisition(valued, **wrong)


def test_too_little_data_means_over_those_old_enough(business):
    """Without a model LTV is what customers old enough have brought, and the page says so."""
    orders = data.read_orders(business[0] / "orders.parquet")
    short = value_base(orders, until="2023-05-15")
    assert short.outlook is None
    found = acquisition(short, horizons=["3mo", "6mo"], horizon="3mo")
    assert any("too little data" in note for note in found.notes)
    i = row(found, "organic")
    assert found.ltv[3].value[i] > 0
    assert found.coming[i] == 0
    assert np.isnan(found.ltv[6].value[i])
    orders.close()


def test_orders_without_money_or_margin(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "customer_id,date,amount,source\na,2024-01-01,10,x\nb,2024-02-01,20,y\na,2024-03-01,5,x\n",
        encoding="utf-8",
    )
    orders = data.read_orders(path)
    found = acquisition(orders)
    assert found.basis == "revenue"
    assert any("No margin is known" in note for note in found.notes)
    orders.close()
    orders = data.read_orders(path, map={"amount": None})
    found = acquisition(orders)
    assert np.isnan(found.ltv[12].value).all()
    assert any("no amounts" in note for note in found.notes)
    orders.close()

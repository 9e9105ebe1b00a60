"""What was planted in the simulated business is found again in its tables, within stated intervals.

An interval is an estimate and 3.3 standard errors to each side (99.9 %), unless a test says more;
what each is built from is what an analyst would have: no test looks at the hidden states.
"""

import numpy as np
import pytest

from regulars.data import simulate_business
from regulars.data.simulated.hours import worked

WIDE = 3.3
YEAR = np.timedelta64(365, "D")


@pytest.fixture(scope="module")
def business():
    return simulate_business(customers=5_000, seed=11)


@pytest.fixture(scope="module")
def truth(business):
    return business.truth


@pytest.fixture(scope="module")
def sources(business):
    """Listed buyers: customer -> source of the first touch."""
    columns = business.customers.columns
    buyers = set(business.orders.columns["customer_id"])
    pairs = zip(columns["customer_id"], columns["source"], strict=True)
    return {who: source for who, source in pairs if who in buyers}


@pytest.fixture(scope="module")
def sales(business):
    """Sales and refunds as arrays: customer number, moment, net, whether a sale, first moment."""
    columns = business.orders.columns
    names, who = np.unique(columns["customer_id"].astype(str), return_inverse=True)
    sale = columns["kind"] == "sale"
    net = columns["amount"] - np.where(sale, 1, -1) * columns["discount"]
    first = np.full(len(names), np.datetime64("2100-01-01", "s"))
    np.minimum.at(first, who[sale], columns["ordered_at"][sale])
    return names, who, columns["ordered_at"], net, sale, first


def share_holds(found: int, of: int, planted: float) -> bool:
    """Whether a planted share lies within the interval around the share found."""
    share = found / of
    return abs(share - planted) <= WIDE * np.sqrt(planted * (1 - planted) / of)


def mean_holds(values, planted: float) -> bool:
    """Whether a planted mean lies within the interval around the mean of some values."""
    return abs(np.mean(values) - planted) <= WIDE * np.std(values) / np.sqrt(len(values))


def ratio_of(ours, others) -> tuple[float, float]:
    """A ratio of two means and its standard error."""
    parts = [np.std(v) / np.mean(v) / np.sqrt(len(v)) for v in (ours, others)]
    ratio = np.mean(ours) / np.mean(others)
    return ratio, ratio * np.hypot(*parts)


def test_shares_of_sources(business, truth):
    found = business.customers.columns["source"]
    for name, planted in truth["sources"].items():
        assert share_holds((found == name).sum(), len(found), planted["share"]), name


def test_refunds_and_discounts(business, truth, sales):
    """Sales of the last three weeks may still come back, so they do not count."""
    columns = business.orders.columns
    _, _, when, _, sale, _ = sales
    old = when < when.max() - np.timedelta64(21, "D")
    back = np.isin(columns["order_id"][sale & old], columns["order_id"][~sale])
    assert share_holds(back.sum(), len(back), truth["orders"]["refund_rate"])
    cut = columns["discount"][sale] > 0
    assert share_holds(cut.sum(), len(cut), truth["orders"]["discounted_share"])


def test_orders_and_revenue_of_a_new_customer_in_a_year(truth, sales, sources):
    """By source, from those who came a year or more before the end.

    A few very large customers make the spread of a small source uncertain, so all sources share
    theirs, as a part of the mean.
    """
    names, who, when, net, sale, first = sales
    inside = when < first[who] + YEAR
    orders = np.bincount(who, sale & inside, len(names))
    revenue = np.bincount(who, net * inside, len(names))
    old = first <= np.datetime64("2024-12-31", "s") - YEAR
    of = np.array([sources.get(name) for name in names])
    for name, planted in truth["sources"].items():
        rows = old & (of == name)
        for values, key in ((orders, "orders"), (revenue, "revenue")):
            expected = planted["new_customer_12mo"][key]
            error = expected * values[old].std() / values[old].mean() / np.sqrt(rows.sum())
            assert abs(values[rows].mean() - expected) <= WIDE * error, (name, key)


def test_how_often_they_come_back_by_source(truth, sales, sources):
    """In the first 30 days, against `organic`, when few have left yet."""
    names, who, when, _, sale, first = sales
    soon = sale & (when > first[who]) & (when < first[who] + np.timedelta64(30, "D"))
    back = np.bincount(who, soon, len(names))
    of = np.array([sources.get(name) for name in names])
    seen = first <= np.datetime64("2024-12-01", "s")
    plan = truth["sources"]
    base = back[seen & (of == "organic")]
    for name in plan:
        own = back[seen & (of == name)]
        ratio, spread = ratio_of(own, base)
        planted = plan[name]["repeat_multiplier"] / plan["organic"]["repeat_multiplier"]
        assert abs(ratio - planted) <= WIDE * spread + 0.05 * planted, name  # some have left


def test_the_price_of_a_customer(business, truth, sources):
    costs = business.costs.columns
    won = np.array(list(sources.values()))
    for name, planted in truth["sources"].items():
        spend = costs["cost"][costs["source"] == name].sum()
        assert (spend > 0) == (planted["cac"] is not None)
        if spend:
            expected = spend / planted["cac"]
            assert abs((won == name).sum() - expected) <= WIDE * np.sqrt(expected), name


def test_one_source_loses_money_and_the_others_do_not(truth):
    margin = {k: v["new_customer_12mo"]["margin"] for k, v in truth["sources"].items()}
    cac = {k: v["cac"] for k, v in truth["sources"].items() if v["cac"]}
    losers = [name for name, source in truth["sources"].items() if source["loses_money"]]
    assert [name for name in cac if margin[name] < cac[name]] == losers == ["tiktok"]


def weekly(business, name):
    """Spend and new people (leads too) of one source by whole weeks from Monday."""
    costs, people = business.costs.columns, business.customers.columns
    monday = np.datetime64("2023-01-02", "D")
    spend = np.zeros(104)
    week = (costs["date"] - monday).astype(int) // 7
    rows = (costs["source"] == name) & (week >= 0) & (week < 104)
    np.add.at(spend, week[rows], costs["cost"][rows])
    joined = (people["joined_at"] - monday).astype(int) // 7
    rows = (people["source"] == name) & (joined >= 0) & (joined < 104)
    return spend, np.bincount(joined[rows], minlength=104)


def loglinear(design, counts):
    """Poisson regression by Newton's method: coefficients and standard errors (overdispersed)."""
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(counts.mean())
    for _ in range(30):
        mean = np.exp(design @ beta)
        information = design.T @ (design * mean[:, None])
        beta = beta + np.linalg.solve(information, design.T @ (counts - mean))
    excess = ((counts - mean) ** 2 / mean).sum() / (len(counts) - len(beta))
    return beta, np.sqrt(np.diag(np.linalg.inv(information)) * max(excess, 1.0))


@pytest.mark.parametrize("name", ["google_ads", "meta", "tiktok"])
def test_diminishing_returns(business, truth, name):
    """New customers of a week go with spend to the planted power, beside growth and the season."""
    spend, new = weekly(business, name)
    week = np.arange(104)
    turn = 2 * np.pi * week / 52.18
    rush = (week % 52 >= 45) & (week % 52 <= 49)
    ones = np.ones(104)
    design = np.column_stack([ones, np.log(spend), week / 104, np.sin(turn), np.cos(turn), rush])
    beta, error = loglinear(design, new)
    planted = truth["sources"][name]["elasticity"]
    assert abs(beta[1] - planted) <= WIDE * error[1]
    assert error[1] < 0.12
    assert beta[1] < 1


def test_spend_that_never_varies(business, truth):
    spend, _ = weekly(business, "affiliate")
    assert truth["sources"]["affiliate"]["elasticity"] is None
    assert spend.std() < 1e-9


def test_what_the_chat_offer_adds(business, truth, sales):
    """The offer was given at random: a ratio of two means, with a 99 % interval."""
    names, who, _, _, sale, _ = sales
    customers = business.customers.columns
    offer = dict(zip(customers["customer_id"], customers["chat_offer"], strict=True))
    offered = np.array([offer.get(name, -1) for name in names])
    repeats = np.bincount(who, sale, len(names)) - 1
    ratio, spread = ratio_of(repeats[offered == 1], repeats[offered == 0])
    low, high = ratio - 2.58 * spread, ratio + 2.58 * spread
    assert low < truth["chat"]["offer_repeat_multiplier"] < high
    assert low > 1
    assert share_holds((offered == 1).sum(), (offered >= 0).sum(), truth["chat"]["offer_share"])


def test_those_who_talk_buy_more_than_talking_makes_them(business, truth, sales):
    """The plain comparison is far above the effect: an association."""
    names, who, _, _, sale, _ = sales
    talkers = set(business.conversations.columns["customer_id"]) - {None}
    talks = np.array([name in talkers for name in names])
    repeats = np.bincount(who, sale, len(names)) - 1
    assert repeats[talks].mean() / repeats[~talks].mean() > 1.5
    assert truth["chat"]["association_rate_of_talkers_over_others"] > 1.5


def test_first_products(business, truth, sales):
    """Who began with one product comes back more, with another less."""
    names, who, when, _, sale, first = sales
    product = business.orders.columns["product"]
    opening = np.flatnonzero(sale & (when == first[who]))
    began = np.full(len(names), None, dtype=object)
    began[who[opening][::-1]] = product[opening][::-1]
    soon = sale & (when > first[who]) & (when < first[who] + np.timedelta64(60, "D"))
    back = np.bincount(who, soon, len(names))
    planted = truth["orders"]["first_product_repeat_multiplier"]
    others = back[~np.isin(began.astype(str), list(planted))]
    for name, multiple in planted.items():
        own = back[began == name]
        ratio, spread = ratio_of(own, others)
        assert abs(ratio - multiple) <= WIDE * spread, name


def test_christmas(sales, truth):
    """Repeat orders on days of the rush against as many days before and after it."""
    _, who, when, _, sale, first = sales
    day = when[sale & (when > first[who])].astype("datetime64[D]")
    begin, end = np.datetime64("2023-11-18"), np.datetime64("2023-12-20")
    span = end - begin
    rush = ((day >= begin) & (day < end)).sum()
    around = ((day >= begin - span) & (day < end + span)).sum() - rush
    ratio = 2 * rush / around
    assert ratio == pytest.approx(truth["orders"]["season"]["christmas_rush"], rel=0.2)


def test_response_times(business, truth):
    """Median business time from the ticket to the first reply of a person, by channel."""
    tickets = business.tickets.columns
    answered = ~np.isnat(tickets["first_response_at"])
    for name, planted in truth["service"]["channels"].items():
        rows = answered & (tickets["channel"] == name)
        begin, reply = (
            tickets[key][rows].astype(np.int64) for key in ("created_at", "first_response_at")
        )
        waits = worked(reply) - worked(begin)
        error = 1.2533 * truth["service"]["first_response_log_sd"] / np.sqrt(rows.sum())
        ratio = np.median(waits) / planted["first_response_median"]
        assert abs(np.log(ratio)) <= WIDE * error, name


def test_bots_missed_chats_and_reopened_tickets(business, truth):
    service, talks, tickets = (
        truth["service"],
        business.conversations.columns,
        business.tickets.columns,
    )
    bot = talks["bot"]
    alone = bot & np.isnat(talks["handed_over_at"])
    assert share_holds(alone.sum(), bot.sum(), service["bot_resolution_rate"])
    wanted = ~alone
    for name, planted in service["channels"].items():
        rows = talks["channel"] == name
        assert share_holds(rows.sum(), len(rows), planted["share"]), name
        assert share_holds((bot & rows).sum(), rows.sum(), planted["bot_share"]), name
        missed = (talks["missed"] & rows & wanted).sum()
        assert share_holds(missed, (rows & wanted).sum(), planted["missed_share"]), name
    old = (tickets["first_solved_at"] < np.datetime64("2024-12-20")) & ~tickets["by_bot"]
    again = tickets["reopens"][old] > 0
    assert share_holds(again.sum(), len(again), service["reopen_rate"])


@pytest.mark.parametrize("kind", ["csat", "ces", "nps"])
def test_surveys(business, truth, kind):
    surveys, planted = business.surveys.columns, truth["surveys"][kind]
    rows = surveys["kind"] == kind
    scores = surveys["score"][rows]
    answered = ~np.isnan(scores)
    early = surveys["sent_at"][rows] < np.datetime64("2024-12-28")
    assert share_holds((answered & early).sum(), early.sum(), planted["response_rate"])
    assert mean_holds(scores[answered], planted["mean"])
    for score, chance in planted["chances"].items():
        assert share_holds((scores == int(score)).sum(), answered.sum(), chance) or chance < 0.002


def test_satisfaction_goes_with_the_wait(business, truth):
    """Within a channel, scores fall by the planted slope for each standard step of the wait."""
    tickets, surveys = business.tickets.columns, business.surveys.columns
    median = {k: v["first_response_median"] for k, v in truth["service"]["channels"].items()}
    place = {name: i for i, name in enumerate(tickets["ticket_id"])}
    asked = (surveys["kind"] == "csat") & ~np.isnan(surveys["score"])
    rows = [i for i in np.flatnonzero(asked) if surveys["ticket_id"][i] is not None]
    ticket = np.array([place[surveys["ticket_id"][i]] for i in rows])
    begin, reply = (
        tickets[key][ticket].astype(np.int64) for key in ("created_at", "first_response_at")
    )
    usual = np.array([median[name] for name in tickets["channel"][ticket]])
    step = np.log((worked(reply) - worked(begin)) / usual)
    step /= truth["service"]["first_response_log_sd"]
    slope = np.cov(step, surveys["score"][rows])[0, 1] / step.var(ddof=1)
    assert -0.55 < slope < -0.25  # planted -0.45 before scores are cut off at 5

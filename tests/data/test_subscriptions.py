"""Subscriptions: what is read, refused and why; spells, trials and revenue by hand."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from regulars.data import write_refused
from regulars.data.billing import Billing, add_months, months_between, parse_billing
from regulars.data.recurring import KINDS, movements
from regulars.data.spells import runs, stretches
from regulars.data.subscriptions import read_subscriptions
from regulars.data.trials import conversions, find_trials, share_interval
from regulars.terms.errors import ColumnError, CurrencyError, DataError, PeriodError

HEAD = "customer,plan,period,amount,status,started,ended,trial_end,paused,resumed"
UNTIL = dt.date(2023, 12, 31)


def read(*rows, head=HEAD, tmp_path=None, **options):
    """A CSV with these rows, read; rows may leave out what comes last."""
    width = head.count(",")
    text = [head, *(row + "," * (width - row.count(",")) for row in rows)]
    path = tmp_path / "subscriptions.csv"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return read_subscriptions(path, today=dt.date(2024, 6, 1), **options)


@pytest.fixture
def table(tmp_path):
    return lambda *rows, **options: read(*rows, tmp_path=tmp_path, **options)


def told(subscriptions, grace=30, until=UNTIL, since=None):
    """Runs up to a day as plain rows: customer, renewals, ended."""
    found = runs(stretches(subscriptions, until), subscriptions.billings, grace, since)
    ids = subscriptions.customers[found.customer]
    rows = zip(ids, found.renewals.tolist(), found.ended.tolist(), strict=True)
    return sorted(rows)


def moved(subscriptions, grace=30, until=UNTIL):
    return movements(stretches(subscriptions, until), subscriptions.billings, grace)


@pytest.mark.parametrize(
    ("text", "billing"),
    [
        ("monthly", ("month", 1)),
        ("P1Y", ("month", 12)),
        ("Every 3 months", ("month", 3)),
        ("4 weeks", ("day", 28)),
        ("vierteljährlich", ("month", 3)),
        ("30 days", ("day", 30)),
        ("half-yearly", ("month", 6)),
    ],
)
def test_billing_periods_in_words(text, billing):
    assert parse_billing(text) == Billing(*billing)


def test_an_unknown_billing_period():
    assert parse_billing("now and then") is None
    with pytest.raises(PeriodError, match="no billing period"):
        Billing.parse("soon")


def days(*texts):
    return np.array(texts, dtype="datetime64[D]").astype(np.int64)


def test_months_follow_the_calendar():
    end = add_months(days("2023-01-31", "2024-01-31", "2023-11-30"), np.array([1, 1, 3]))
    assert end.tolist() == days("2023-02-28", "2024-02-29", "2024-02-29").tolist()
    spans = months_between(days("2023-01-15", "2023-01-31"), days("2023-03-15", "2023-02-14"))
    assert spans[0] == 2
    assert spans[1] == pytest.approx(14 / 28)


def test_annual_charges_by_the_month_are_exact_integers():
    ticks = np.array([1_000_000, 1_200_000, 7])
    assert Billing("month", 12).monthly(ticks).tolist() == [83_333, 100_000, 1]
    assert Billing("day", 7).monthly(np.array([70_000])).tolist() == [304_375]


def test_every_row_is_kept_or_refused_with_its_reason(table, tmp_path):
    found = table(
        "a,Basic,month,10,active,2023-01-15",
        ",Basic,month,10,active,2023-01-15",
        "b,Basic,month,-1,active,2023-01-15",
        "c,Basic,moonth,10,active,2023-01-15",
        "d,Basic,month,10,incomplete,2023-01-15",
        "e,Basic,month,10,canceled,2023-01-15",
        "f,Basic,month,10,active,2023-01-15,2023-01-02",
        "g,Basic,month,10,active,2023-02-31",
        "h,Basic,month,10,active,2025-02-01",
        "i,Basic,month,ten,active,2023-02-01",
        "j,Basic,month,10,active,2023-02-01,soon",
    )
    audit = found.audit
    assert audit["rows_read"] == audit["rows_kept"] + audit["rows_refused"] == 11
    assert audit["refused"] == {
        "bad_amount": 1,
        "bad_date": 2,
        "ends_before_start": 1,
        "future_date": 1,
        "missing_customer": 1,
        "missing_end": 1,
        "negative_amount": 1,
        "not_started": 1,
        "unknown_period": 1,
    }
    assert write_refused(found.refused, tmp_path / "rejected.csv") == 10
    lines = (tmp_path / "rejected.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,line,reason,column,value,text"
    assert [int(line.split(",")[1]) for line in lines[1:]] == list(range(3, 13))


def test_a_copy_of_a_subscription_counts_once(table):
    head = "id,customer,amount,started,ended"
    found = table(
        "s1,a,10,2023-01-01", "s1,a,10,2023-01-01", "s1,a,20,2023-03-01", "s2,b,10,2023-01-01",
        head=head,
    )  # fmt: skip
    assert len(found) == 3
    assert found.audit["refused"] == {"duplicate_subscription": 1}


def test_columns_of_stripe_and_of_frames():
    frame = pa.table(
        {
            "Customer ID": ["c", "c"],
            "Plan": ["p", "q"],
            "Interval": ["month", "year"],
            "Amount": [5.0, 50.0],
            "Start (UTC)": [dt.datetime(2023, 1, 1), dt.datetime(2023, 4, 1)],
            "Ended At (UTC)": [dt.datetime(2023, 4, 1), None],
        }
    )
    found = read_subscriptions(frame, today=dt.date(2024, 1, 1))
    assert found.ticks.tolist() == [50_000, 500_000]
    assert [found.billings[i].name for i in found.billing] == ["month", "year"]


def test_missing_columns_are_named_all_at_once(table):
    with pytest.raises(ColumnError, match=r"started and ended and amount.*--map started="):
        table("a", head="customer,note")
    with pytest.raises(ColumnError, match="no column 'x'"):
        table("a,1,2023-01-01,", head="customer,amount,started,ended", map={"plan": "x"})
    with pytest.raises(ColumnError, match="no field of a subscription"):
        table("a,1,2023-01-01,", head="customer,amount,started,ended", map={"colour": "amount"})


def test_two_currencies_need_a_rate(table):
    rows = ("a,10,2023-01-01,,EUR", "b,10,2023-01-01,,USD")
    head = "customer,amount,started,ended,currency"
    with pytest.raises(CurrencyError, match="--rate"):
        table(*rows, head=head)
    found = table(*rows, head=head, currency="EUR", rates={"USD": "0.9"})
    assert sorted(found.ticks.tolist()) == [90_000, 100_000]


def test_without_amounts_payments_count(table):
    found = table("a,2023-01-01,", head="customer,started,ended", map={"amount": None})
    assert found.ticks.tolist() == [10_000]
    assert not found.has_money


def test_nothing_readable_is_an_error(table):
    with pytest.raises(DataError, match="1 rows were refused"):
        table("a,Basic,moonth,10,active,2023-01-15")


def test_renewals_by_hand(table):
    found = table(
        "a,B,month,10,active,2023-01-15",  # 11 renewals passed by 31 December
        "b,B,month,10,canceled,2023-01-15,2023-05-15",  # ended at the 4th
        "c,B,month,10,canceled,2023-01-15,2023-05-14",  # its last paid day: the 4th too
        "d,B,month,10,canceled,2023-01-15,2023-05-03",  # left in the 4th month
        "e,B,year,10,active,2022-06-01",
        "f,B,month,10,active,2023-01-31",  # renews on the last of February
    )
    assert told(found) == [
        ("a", 11.0, False),
        ("b", 4.0, True),
        ("c", 4.0, True),
        ("d", 4.0, True),
        ("e", 1.0, False),
        ("f", 11.0, False),
    ]
    assert told(found, until=dt.date(2023, 2, 28))[-1] == ("f", 1.0, False)


def test_changes_of_plan_are_no_ends(table):
    found = table(
        "up,Basic,month,10,canceled,2023-01-15,2023-04-15",
        "up,Pro,month,25,active,2023-04-15",
        "annual,Basic,month,10,canceled,2023-01-15,2023-04-15",
        "annual,Basic,year,100,active,2023-04-15",
    )
    assert told(found) == [("annual", 0.0, False), ("annual", 3.0, False), ("up", 11.0, False)]


@pytest.mark.parametrize(("grace", "expected"), [(30, 2), (80, 1)])
def test_a_gap_above_the_grace_is_a_return(table, grace, expected):
    found = table(
        "a,B,month,10,canceled,2023-01-15,2023-03-15",
        "a,B,month,10,active,2023-05-25",  # 71 days later
    )
    rows = told(found, grace)
    assert len(rows) == expected
    if expected == 2:
        assert rows == [("a", 2.0, True), ("a", 7.0, False)]
    else:
        assert rows == [("a", 9.0, False)]  # 2 before and 7 after: time away is not paid


def test_pauses_within_the_grace_keep_the_customer(table):
    found = table(
        "short,B,month,10,active,2023-01-15,,,2023-03-15,2023-04-01",
        "long,B,month,10,active,2023-01-15,,,2023-03-15,2023-09-01",
        "now,B,month,10,active,2023-01-15,,,2023-12-15,",
        "gone,B,month,10,active,2023-01-15,,,2023-10-15,",
    )
    assert told(found) == [
        ("gone", 9.0, True),
        ("long", 2.0, True),
        ("long", 3.0, False),
        ("now", 11.0, False),
        ("short", 10.0, False),
    ]


def test_who_left_before_watching_began_is_not_there(table):
    found = table(
        "a,B,month,10,canceled,2023-01-15,2023-03-15",
        "b,B,month,10,canceled,2023-01-15,2023-08-15",
    )
    since = dt.date(2023, 5, 20)
    watched = runs(stretches(found, UNTIL), found.billings, 30, since)
    assert watched.entry.tolist() == [4.0]
    assert watched.renewals.tolist() == [7.0]


def test_movements_by_hand(table):
    found = table(
        "up,Basic,month,10,canceled,2023-01-15,2023-03-14",  # the day before the next begins
        "up,Pro,month,25,active,2023-03-15",
        "down,Pro,year,300,canceled,2023-01-01,2023-04-01",
        "down,Basic,year,120,active,2023-04-01",
        "left,Basic,month,10,canceled,2023-02-01,2023-05-01",
        "back,Basic,month,10,canceled,2023-02-01,2023-05-01",
        "back,Basic,month,10,active,2023-08-01",
        "rest,Basic,month,10,active,2023-02-01,,,2023-06-10,2023-07-01",
    )
    book = moved(found)
    kinds = {k: (book.by_kind[k] / 10_000).tolist() for k in KINDS}
    assert kinds["new"][:3] == [35.0, 30.0, 0.0]
    assert kinds["expansion"][2] == 15.0
    assert kinds["contraction"][3] == -15.0
    assert kinds["churned"][4] == -20.0
    assert kinds["reactivated"][7] == 10.0
    assert kinds["paused"][5] == -10.0
    assert kinds["resumed"][6] == 10.0
    assert (book.closing[-1] / 10_000, book.customers_closing[-1]) == (55.0, 4)
    assert book.logo_churn[4] == pytest.approx(2 / 5)
    assert book.gross_retention[4] == pytest.approx(45 / 65)
    assert book.net_retention[2] == pytest.approx(80 / 65)
    assert book.gross_retention[2] == 1


def test_movements_tie_out_to_the_last_digit(tmp_path):
    """Whatever customers do, opening + movements = closing = what runs on the last day."""
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(700):
        start = dt.date(2022, 1, 1) + dt.timedelta(int(rng.integers(0, 700)))
        length = int(rng.integers(0, 300))
        end = "" if rng.random() < 0.3 else str(start + dt.timedelta(length))
        amount = rng.integers(0, 99_999) / 100
        period = rng.choice(["month", "year", "week", "quarter"])
        pause = start + dt.timedelta(length // 2)
        pauses = f",{pause},{pause + dt.timedelta(20)}" if rng.random() < 0.2 and not end else ",,"
        who = rng.integers(0, 150)
        rows.append(f"c{who},p,{period},{amount},,{start},{end},{pauses}")
    found = read(*rows, tmp_path=tmp_path)
    paid = stretches(found, UNTIL)
    for grace in (0, 30, 90):
        book = movements(paid, found.billings, grace)
        total = sum(book.by_kind.values())
        assert (book.opening + total == book.closing).all()
        assert (book.opening[1:] == book.closing[:-1]).all()
        running = paid.running
        monthly = sum(
            int(found.billings[b].monthly(np.array([t]))[0])
            for t, b in zip(paid.ticks[running], paid.billing[running], strict=True)
        )
        assert int(book.closing[-1]) == monthly
        assert book.customers_closing[-1] == len(set(paid.customer[running].tolist()))
        assert (book.customers_closing >= 0).all()
        assert (book.kept <= book.opening).all()
        assert (book.kept <= book.grown).all()
        assert (book.kept >= 0).all()


def test_the_order_of_rows_does_not_matter(tmp_path):
    rows = [
        "a,B,month,10,canceled,2023-01-15,2023-04-15",
        "a,P,month,25,active,2023-04-15",
        "b,B,year,99.99,active,2023-02-01",
        "c,B,month,10,canceled,2023-01-15,2023-04-15",
    ]
    books = [moved(read(*order, tmp_path=tmp_path)).closing for order in (rows, rows[::-1])]
    assert (books[0] == books[1]).all()


def test_trials_convert_or_not(table):
    found = table(
        "yes,P,month,10,active,2023-01-15,,2023-01-29",
        "no,P,month,10,canceled,2023-01-15,2023-01-29,2023-01-29",
        "free,P,month,0,canceled,2023-02-01,2023-02-15",  # a row of its own for the trial
        "free,P,month,10,active,2023-02-20",
        "never,F,month,0,canceled,2023-02-01,2023-02-15",
        "still,F,month,10,trialing,2023-12-20,,2024-01-05",
        "plain,P,month,10,active,2023-01-15",
    )
    paid = stretches(found, UNTIL)
    trials = find_trials(found, paid, 30)
    outcome = dict(zip(found.customers[trials.customer], trials.outcome.tolist(), strict=True))
    assert outcome == {"yes": 1, "no": 0, "free": 1, "never": 0, "still": -1}
    table_of = conversions(trials, found.plans)
    whole = table_of["all"][0]
    assert (whole.trials, whole.converted, whole.lost, whole.undecided) == (5, 2, 2, 1)
    assert whole.rate == 0.5
    assert whole.low < 0.5 < whole.high
    assert [row.group for row in table_of["cohort"]] == ["2023-01", "2023-02", "2023-12"]
    assert (
        paid.start[found.customers[paid.customer] == "yes"].tolist() == days("2023-01-29").tolist()
    )


def test_an_interval_of_a_share_stays_inside():
    assert share_interval(0, 10, 0.9)[0] == 0
    assert share_interval(10, 10, 0.9)[1] == 1
    assert share_interval(0, 0, 0.9) == (0.0, 1.0)
    assert share_interval(5, 10, 0.95) == pytest.approx((0.2366, 0.7634), abs=1e-4)

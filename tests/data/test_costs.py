"""Ad spend: exports are recognised, totals count once, every row is kept or refused, sums exact."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.data import Costs, read_costs, write_refused
from regulars.terms.errors import ColumnError, CurrencyError, DataError, FormatError, InputError

GOOGLE = """Campaign report
"January 1, 2024 - March 31, 2024"
Month,Campaign status,Campaign,Currency code,Cost,Impr.,Clicks
2024-01-01,Enabled,Brand,EUR,"1,200.50",10000,100
2024-02-01,Enabled,Brand,EUR,"1,300.00",10000,100
2024-02-01,Paused,Generic,EUR,99.99,10000,100
 --,Total: Campaigns, --,EUR,"2,600.49",20000,200
 --,Total: Account, --,EUR,"2,600.49",20000,200
"""
META = """Campaign name,Reporting starts,Reporting ends,Amount spent (EUR),Results
,2024-01-01,2024-01-31,300,5
Lookalike,2024-01-01,2024-01-31,100,5
Retargeting,2024-01-01,2024-01-31,200,5
"""


@pytest.fixture
def costs(tmp_path):
    """Write text to a file and read it as costs."""

    def read(text, encoding="utf-8", **options):
        path = tmp_path / "costs.csv"
        path.write_text(text, encoding=encoding)
        return read_costs(path, **options)

    return read


def spans(found):
    return [(str(a), str(b)) for a, b in zip(found.start, found.end, strict=True)]


class TestExports:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_google_ads_with_titles_above_and_totals_below(self, costs, encoding):
        found = costs(GOOGLE, encoding)
        assert found.ticks.tolist() == [12_005_000, 13_000_000, 999_900]
        assert set(found.source) == {"google_ads"}
        assert found.campaign.tolist() == ["Brand", "Brand", "Generic"]
        assert spans(found)[0] == ("2024-01-01", "2024-01-31")
        assert spans(found)[1] == ("2024-02-01", "2024-02-29")
        assert found.currency == "EUR"
        assert found.audit["refused"] == {"total_row": 2}
        assert [row["line"] for row in found.refused] == [7, 8]
        assert any("2 rows sum up others" in text for text in found.audit["warnings"])

    def test_google_ads_by_its_interface_counts_in_micros(self, costs):
        text = "segments.date,campaign.name,metrics.cost_micros\n2024-01-01,A,1234567\n"
        assert costs(text).ticks.tolist() == [12_346]

    def test_meta_ads_has_its_currency_in_the_columns_name(self, costs):
        found = costs(META)
        assert found.ticks.tolist() == [1_000_000, 2_000_000]
        assert set(found.source) == {"meta"}
        assert found.currency == "EUR"
        assert spans(found) == [("2024-01-01", "2024-01-31")] * 2
        assert found.audit["refused"] == {"total_row": 1}

    @pytest.mark.parametrize(
        "title",
        [
            '"January 1, 2024 - March 31, 2024"',
            "1 Jan 2024 - 31 March 2024",
            "2024-01-01 - 2024-3-31",
        ],
        ids=["american", "british", "iso"],
    )
    def test_a_report_that_only_its_title_dates(self, costs, title):
        found = costs(f"Campaign report\n{title}\nCampaign,Cost,Impr.\nBrand,90,5\nTotal,90,5\n")
        assert spans(found) == [("2024-01-01", "2024-03-31")]
        assert found.ticks.tolist() == [900_000]
        assert any("No column dates the rows" in note for note in found.audit["notes"])

    def test_a_platforms_network_is_not_a_source(self, costs):
        text = "Day,Campaign,Network,Cost,Impr.\n2024-01-01,A,Search,5,9\n"
        assert costs(text).source.tolist() == ["google_ads"]

    def test_the_spend_of_a_platform_can_be_called_otherwise(self, costs):
        assert set(costs(GOOGLE, name="google").source) == {"google"}

    def test_several_files_with_a_name_each(self, tmp_path):
        paths = [tmp_path / "g.csv", tmp_path / "m.csv"]
        for path, text in zip(paths, (GOOGLE, META), strict=True):
            path.write_text(text, encoding="utf-8")
        found = read_costs(paths, name=["adwords", "facebook"])
        assert set(found.source) == {"adwords", "facebook"}
        assert found.total == 26_004_900 + 3_000_000
        with pytest.raises(InputError, match="3 names"):
            read_costs(paths, name=["a", "b", "c"])

    def test_a_frame(self):
        import pyarrow as pa

        day = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
        found = read_costs(pa.table({"date": day, "platform": ["a", "b"], "spend": [1.5, 2.0]}))
        assert found.ticks.tolist() == [15_000, 20_000]
        assert found.source.tolist() == ["a", "b"]


class TestDates:
    @pytest.mark.parametrize(
        "written",
        ["2024-02", "2024/2", "02/2024", "February 2024", "Feb-24", "Feb 2024"],
    )
    def test_a_month_lasts_a_month(self, costs, written):
        assert spans(costs(f"month,spend\n{written},5\n")) == [("2024-02-01", "2024-02-29")]

    def test_an_iso_week_lasts_seven_days(self, costs):
        assert spans(costs("week,spend\n2024-W05,5\n")) == [("2024-01-29", "2024-02-04")]

    def test_a_column_called_week(self, costs):
        assert spans(costs("Week,spend\n2024-01-01,5\n")) == [("2024-01-01", "2024-01-07")]

    def test_first_days_of_months_throughout_mean_months(self, costs):
        text = "date,spend\n2024-01-01,1\n2024-02-01,2\n2024-04-01,3\n"
        found = costs(text)
        assert spans(found)[2] == ("2024-04-01", "2024-04-30")
        assert any("first days of months" in note for note in found.audit["notes"])
        assert spans(costs(text, every="day"))[2] == ("2024-04-01", "2024-04-01")

    def test_days_stay_days(self, costs):
        text = "date,spend\n2024-01-01,1\n2024-01-02,2\n2024-01-05,3\n"
        assert spans(costs(text))[1] == ("2024-01-02", "2024-01-02")

    def test_from_and_to(self, costs):
        found = costs("from,to,source,cost\n2024-01-10,2024-01-19,a,100\n")
        assert spans(found) == [("2024-01-10", "2024-01-19")]

    def test_a_month_that_runs_on_the_last_day_of_the_orders_ends_with_it(self, costs):
        """Whenever it is read; one that other rows follow was over."""
        last = dt.date(2024, 3, 10)
        for today in (last, dt.date(2024, 3, 20), dt.date(2026, 1, 1)):
            found = costs("month,spend\n2024-02,4\n2024-03,5\n", today=today, data_date=last)
            assert spans(found) == [("2024-02-01", "2024-02-29"), ("2024-03-01", "2024-03-10")]
        found = costs("month,spend\n2024-03,5\n2024-04,5\n", data_date=last)
        assert spans(found)[0] == ("2024-03-01", "2024-03-31")

    def test_the_running_month_ends_today(self, costs):
        found = costs("month,spend\n2024-03,5\n", today=dt.date(2024, 3, 10))
        assert spans(found) == [("2024-03-01", "2024-03-10")]

    def test_dates_that_can_be_two_days_are_asked_for(self, costs):
        with pytest.raises(FormatError, match="date-format"):
            costs("date,spend\n03/04/2024,5\n05/06/2024,7\n")


def test_what_is_refused_and_why(costs, tmp_path):
    text = (
        "date,source,cost\n2024-01-01,a,10\n2024-01-02,a,-5\n,a,7\n2024-01-03,a,\n"
        "2024-01-04,a,ten\n2024-13-40,a,5\n2999-01-01,a,5\n2024-01-05,a,inf\n2024-01-06,a,1e12\n"
        "Total,,22\n"
    )
    found = costs(text)
    assert found.ticks.tolist() == [100_000]
    assert found.audit["refused"] == {
        "amount_too_large": 1,
        "bad_amount": 1,
        "bad_date": 1,
        "future_date": 1,
        "missing_amount": 1,
        "missing_date": 1,
        "negative_spend": 1,
        "not_a_number": 1,
        "total_row": 1,
    }
    assert found.audit["rows_read"] == 10
    assert write_refused(found.refused, tmp_path / "rejected.csv") == 9
    assert "negative_spend" in (tmp_path / "rejected.csv").read_text(encoding="utf-8")


def test_ends_before_start(costs):
    with pytest.raises(DataError, match="1 rows were refused"):
        costs("from,to,cost\n2024-02-01,2024-01-01,5\n")


class TestWarnings:
    def said(self, found, words):
        return [text for text in found.audit["warnings"] if words in text]

    def test_the_same_days_twice(self, costs):
        found = costs("date,campaign,cost\n2024-01-01,A,5\n2024-01-01,A,7\n2024-01-02,A,5\n")
        assert self.said(found, "1 row with the same days as another")
        assert found.total == 170_000

    def test_days_that_overlap(self, costs):
        text = "from,to,source,cost\n2024-01-01,2024-01-31,a,5\n2024-01-20,2024-02-10,a,5\n"
        assert self.said(costs(text), "whose days overlap")

    def test_neighbours_do_not_overlap(self, costs):
        text = "from,to,source,cost\n2024-01-01,2024-01-31,a,5\n2024-02-01,2024-02-10,a,5\n"
        assert costs(text).audit["warnings"] == []

    def test_a_month_that_is_missing(self, costs):
        found = costs("month,source,cost\n2024-01,a,5\n2024-02,a,5\n2024-05,a,5\n")
        assert self.said(found, "2 months have no row of costs between others (2024-03, 2024-04)")

    def test_spend_that_names_no_source(self, costs):
        assert self.said(costs("date,cost\n2024-01-01,5\n"), "--cost-source")

    def test_nothing_spent(self, costs):
        assert self.said(costs("date,source,cost\n2024-01-01,a,0\n"), "all costs are zero")


class TestCurrencies:
    TEXT = "date,source,cost,currency\n2024-01-01,a,10,USD\n2024-01-02,a,10,EUR\n"

    def test_two_without_rates(self, costs):
        with pytest.raises(CurrencyError, match="--rate"):
            costs(self.TEXT)

    def test_another_than_the_orders(self, costs):
        with pytest.raises(CurrencyError, match="in EUR, not in USD"):
            costs(META, currency="USD")

    def test_rates_lead_to_one(self, costs):
        found = costs(self.TEXT, currency="EUR", rates={"USD": 0.9})
        assert found.total == 190_000
        assert found.currency == "EUR"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source,cost\na,5\n", "lack date"),
        ("date,source\n2024-01-01,a\n", "lack cost"),
    ],
)
def test_columns_that_are_not_there(costs, text, words):
    with pytest.raises(ColumnError, match=words):
        costs(text)


def test_columns_can_be_mapped(costs):
    found = costs("wann,wo,was\n2024-01-01,a,5\n", map={"date": "wann", "cost": "was"})
    assert found.ticks.tolist() == [50_000]
    assert found.source.tolist() == [None]


def test_every_must_be_a_span(costs):
    with pytest.raises(InputError, match="day, week or month"):
        costs(META, every="year")


days = st.integers(0, 400)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(days, st.integers(0, 90), st.integers(0, 10**9)), min_size=1, max_size=8),
    days,
)
def test_spend_is_spread_to_the_tick(rows, cut):
    """What falls before a day and from it on adds up to all of it; months and groups do too."""
    first = np.datetime64("2024-01-15")
    begin, length, ticks = (np.array(column) for column in zip(*sorted(rows), strict=True))
    source = np.array([f"s{i % 3}" for i in range(len(rows))], dtype=object)
    none = np.full(len(rows), None)
    days = first + begin, first + begin + length
    found = Costs(*days, source, none, ticks, "EUR", audit={}, refused=(), data_hash="")
    assert found.total == sum(c for _, _, c in rows)
    day = (first + cut).item()
    low, high = found.bounds
    before = found.within(min(low, day), day - dt.timedelta(days=1))
    after = found.within(day, max(high, day))
    assert (before + after == found.ticks).all()
    codes = np.unique(found.source.astype(str), return_inverse=True)[1]
    _, months = found.by_month(codes, 3)
    assert months.sum() == found.total
    assert (months.sum(axis=1) == np.bincount(codes, found.ticks, 3)).all()

"""Acquisition in words, tables and on the page: each number with its interval, danger first."""

import datetime as dt
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from regulars.reports import source_words as words
from regulars.reports.charts.look import NARROW, WIDE
from regulars.reports.exports.sources import source_columns, sources_tables, table_name
from regulars.reports.sections.sources import sources_figures, sources_section
from regulars.reports.sources import print_sources, sources_object, write_sources
from regulars.terms.acquisition import Acquisition, Marginal, Ranges, Touch

LABELS = ["search", "social <b>", "mail", "(unknown)", "(never bought)"]
LONG = np.array(["search", "a campaign of a very long name", *LABELS[2:]], dtype=object)
NAN = np.nan


def ranges(values, by=0.1):
    values = np.asarray(values, float)
    wide = np.abs(values) * by
    return Ranges(values, values - wide, values + wide)


def told(**changes) -> Acquisition:
    """Search earns, social loses, mail has no spend; curves are straight lines."""
    n, ages = len(LABELS), 37
    monthly = np.array([10.0, 2.0, 8.0, 5.0, NAN])
    curve = monthly[:, None] * (np.arange(ages) + 1)
    ltv = {months: ranges(monthly * (months + 0.5)) for months in (3, 6, 12, 24, 36)}
    cac = np.array([30.0, 60.0, NAN, NAN, NAN])
    blank = np.full(n, "", dtype=object)
    danger = blank.copy()
    danger[1] = "loses"
    marginal = Marginal(
        elasticity=ranges([0.5, NAN, NAN, NAN, NAN]),
        reason=np.array(["", "spend hardly varies", *["no spend"] * 3], dtype=object),
        cac=Ranges(*(np.array([v, NAN, NAN, NAN, NAN]) for v in (60.0, 50.0, np.inf))),
        gain=ranges([65.0, NAN, NAN, NAN, NAN]),
        danger=blank,
        period="week",
    )
    found = Acquisition(
        by="source",
        touch="first",
        currency="EUR",
        level=0.9,
        data_date=dt.date(2024, 12, 31),
        first_date=dt.date(2023, 1, 1),
        margin=0.4,
        horizon=12,
        horizons=(3, 6, 12, 24, 36),
        labels=np.array(LABELS, dtype=object),
        customers=np.array([100, 50, 40, 7, 1]),
        never=np.array([False, False, False, False, True]),
        won=np.array([100, 50, 40, 7, 0]),
        spend=np.array([30_000_000, 30_000_000, 0, 0, 0]),
        counted=np.array([30_000_000, 30_000_000, 0, 0, 0]),
        net=np.array([400_000_000, 50_000_000, 90_000_000, 3_333_333, -120_000]),
        refunds=np.array([5, 6, 7, 8, 120_000]),
        cost=np.zeros(n, np.int64),
        serving=None,
        cac=cac,
        blended=30.46,
        ltv=ltv,
        revenue={months: ranges(v.value * 2.5) for months, v in ltv.items()},
        everybody={months: ranges([7.5 * (months + 0.5)]) for months in ltv},
        coming=np.array([0.2, 0.2, 0.2, 0.2, 0.0]),
        ratio=ranges(ltv[12].value / cac),
        payback=Ranges(*(np.array([v, 29.0, NAN, NAN, NAN]) for v in (2.0, 2.0, 3.0))),
        bearable=ltv[12].value,
        bearable_three=ltv[12].value / 3,
        difference=ranges([9_500.0, -1_750.0, NAN, NAN, NAN]),
        danger=danger,
        marginal=marginal,
        curve=ranges(curve),
        other=Touch(np.array(["search", "direct"], dtype=object), np.array([90, 30])),
        has_costs=True,
        notes=("No spend is given for 'mail'.",),
        warnings=("1 month has no row of costs.",),
    )
    return replace(found, **changes)


class TestWords:
    def test_what_each_row_means(self):
        said = [words.verdict(told(), i) for i in range(5)]
        assert said[0] == "can bear up to €125"
        assert said[1] == "loses: can bear €25 at most"
        assert said[4] == ""

    def test_danger_is_said_with_its_numbers(self):
        (sentence,) = words.danger_sentences(told())
        assert "brings €25 of margin and costs €60 to win" in sentence
        assert "it takes 29 months to pay back" in sentence
        never = replace(told().payback, value=np.full(5, np.inf))
        assert "not even 36 months" in words.danger_sentences(told(payback=never))[0]

    def test_a_source_that_earns_on_average_and_loses_at_the_margin(self):
        found = told()
        danger = found.marginal.danger.copy()
        danger[0] = "loses"
        found = replace(found, marginal=replace(found.marginal, danger=danger))
        assert "search earns on average" in words.marginal_sentences(found)[0]
        assert "the last customers cost more" in words.verdict(found, 0)

    @pytest.mark.parametrize(
        ("months", "said"),
        [(0, "at once"), (1, "1 month"), (7, "7 months"), (np.inf, "not in 36 months")],
    )
    def test_payback(self, months, said):
        assert words.payback(float(months), 36) == said
        assert words.payback(NAN, 36) == "n/a"

    def test_every_term_of_the_section_is_defined(self):
        for found in (told(), told(has_costs=False, marginal=None, other=None)):
            html = sources_section(found, {})
            linked = set(re.findall(r'href="#def-([\w-]+)"', html)) - {"interval"}
            assert linked <= {key for key, _, _ in words.source_definitions(found)}
            assert linked


class TestTables:
    def test_sums_stay_whole(self):
        columns = source_columns(told())
        assert round(columns["net_revenue"].sum() * 10_000) == int(told().net.sum())
        assert columns["spend"].sum() == 6_000
        assert columns["customers_last_touch"].tolist() == [90, 0, 0, 0, 0]

    def test_what_has_no_end_is_no_number(self):
        columns = source_columns(told())
        assert np.isnan(columns["marginal_cac_high"][0])
        assert columns["pays_back"].tolist()[:2] == [1.0, 1.0]

    @pytest.mark.parametrize(
        ("by", "touch", "name"),
        [
            ("source", "first", "sources"),
            ("source", "last", "sources_last_touch"),
            ("campaign", "first", "campaigns"),
            ("Shop size!", "first", "by_shop_size"),
        ],
    )
    def test_names(self, by, touch, name):
        assert table_name(told(by=by, touch=touch)) == name
        assert set(sources_tables(told(by=by, touch=touch))) == {name, f"{name}_by_age"}

    def test_files(self, tmp_path):
        write_sources(told(), tmp_path)
        assert {path.name for path in (tmp_path / "tables").iterdir()} == {
            "sources.parquet",
            "sources.csv",
            "sources_by_age.parquet",
            "sources_by_age.csv",
        }

    def test_the_object_has_no_infinities(self):
        found = sources_object(told())
        assert found["rows"][0]["marginal"]["cac"]["high"] is None
        assert found["rows"][1]["danger"] == "loses"


class TestPage:
    def test_danger_comes_before_the_table(self):
        html = sources_section(told(), {})
        assert html.index("loses money within 12 months") < html.index("<table")
        assert 'class="badge bad"' in html

    def test_text_from_outside_is_escaped(self):
        html = sources_section(told())
        assert "social <b>" not in html
        assert "social &lt;b&gt;" in html

    def test_intervals_stand_beside_predictions(self):
        html = sources_section(told(), {})
        assert "€112 to €138" in html
        assert "3.8 to 4.6" in html
        assert "cannot tell: spend hardly varies" in html

    def test_a_phone_shows_every_number_of_a_row(self):
        """What stands in columns that a phone has no room for stands under the name there."""
        html = sources_section(told(), {})
        assert html.count('<small class="phone">LTV:CAC 4.2:1</small>') == 1
        assert html.count('<small class="phone">paid back in 2 months</small>') == 1
        never = replace(told().payback, value=np.full(5, np.inf))
        assert '<small class="phone">not in 36 months</small>' in sources_section(
            told(payback=never), {}
        )

    def test_without_costs_there_is_no_cac(self):
        bare = told(
            has_costs=False, marginal=None, cac=np.full(5, NAN), danger=np.full(5, "", object)
        )
        html = sources_section(bare)
        assert "up to €125" in html
        assert ">CAC<" not in html
        assert "--costs" in html
        assert sources_figures(bare)[0].name == "worth-by-source"

    @pytest.mark.parametrize("size", [WIDE, NARROW])
    @pytest.mark.parametrize("paid", [True, False])
    def test_charts_are_valid(self, size, paid):
        found = told() if paid else told(has_costs=False, marginal=None)
        chart = sources_figures(found)[0].draw(size)
        assert chart.to_dict(validate=True)

    def test_nothing_known_draws_nothing(self):
        blank = Ranges.none(5)
        empty = told(
            curve=Ranges(*(np.full((5, 37), NAN) for _ in range(3))),
            ltv=dict.fromkeys((3, 6, 12, 24, 36), blank),
            bearable=np.full(5, NAN),
        )
        assert sources_figures(empty) == []
        assert "cannot tell" in sources_section(empty)


def test_the_terminal_says_the_same(capsys):
    print_sources(told())
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("loses money", "€112 to €138", "4.2:1", "29 months", "cannot tell", "3:1"):
        assert text in shown


@pytest.mark.parametrize("scale", [1, 400])
def test_every_column_fits_80_columns(scale):
    """Who never pays back, in amounts large and small: each number is whole on its line."""
    found = told()
    late = replace(found.payback, value=np.full(5, np.inf))
    ltv = {
        months: Ranges(*(end * scale for end in (v.value, v.low, v.high)))
        for months, v in found.ltv.items()
    }
    found = replace(
        found, payback=late, ltv=ltv, cac=found.cac * scale, bearable=ltv[12].value, labels=LONG
    )
    console = Console(width=80, file=io.StringIO(), record=True)
    print_sources(found, console)
    shown = console.export_text()
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80
    assert "…" not in shown
    row = next(line for line in shown.splitlines() if line.startswith("search"))
    low, high = ("€112", "€138") if scale == 1 else ("€45,000", "€55,000")
    assert row.split()[-1] == ("€125" if scale == 1 else "€50,000")
    assert "over 36 mo" in row
    assert "4.2:1" in row
    assert f"{low} to {high}" in " ".join(shown.split())
    for title in ("customers", "CAC", "LTV 12mo", "LTV:CAC", "paid back", "can bear"):
        assert title in shown

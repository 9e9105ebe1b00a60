"""The forecast from orders to words: it ties out, obeys plans, says what it does not know."""

import re

import numpy as np
import pytest

import regulars as rg
from regulars.cli.main import app
from regulars.fitting.coming import own_order_value
from regulars.fitting.predict import expected_orders
from regulars.reports.exports.forecast import forecast_tables
from regulars.reports.forecast import forecast_object, print_forecast, write_forecast
from regulars.reports.sections.forecast import forecast_definitions, forecast_section
from regulars.terms.errors import ColumnError, DataError, InputError
from shared_data import shared


@pytest.fixture(scope="module")
def valued():
    orders = rg.read_orders(rg.simulate_orders(1_200, seed=2, days=710))
    return rg.value_base(orders, model="bg-nbd", margin=0.4)


@pytest.fixture(scope="module")
def found(valued):
    return rg.forecast(
        valued, what_if={"retention": 0.05, "new_customers": "-10%"}, plan={"cac": 9}
    )


def test_customers_of_today_bring_the_sum_of_their_values(valued, found):
    orders = valued.outlook.prediction.orders
    value = orders * own_order_value(valued.outlook)
    assert found.horizon_orders == pytest.approx(orders.sum(), rel=1e-9)
    assert found.horizon_value == pytest.approx(value.sum(), rel=1e-9)


def test_spans_are_sums_of_whole_months(found):
    assert [span.key for span in found.spans] == ["month", "quarter", "year"]
    assert found.partial
    course = found.measures["revenue"]
    for span, count in zip(found.spans, (1, 3, 12), strict=True):
        total = span.totals["revenue"]
        assert total.mean == pytest.approx(course.mean[1 : 1 + count].sum(), rel=1e-9)
        assert total.mean == pytest.approx(total.existing + total.new)
        low, high = total.usual
        assert total.wide[0] < low < total.half[0] < total.mean < high < total.wide[1]
        margin = span.totals["margin"]
        assert margin.mean == pytest.approx(0.4 * total.mean)


def test_groups_add_up_to_the_longest_span(found):
    table = found.groups[0]
    year = found.spans[-1].totals
    assert table.by == "source"
    for name in ("revenue", "margin", "orders"):
        total = sum(row.totals[name].mean for row in table.rows)
        assert total == pytest.approx(year[name].mean, rel=1e-9)
    assert sum(row.customers for row in table.rows) == 1_200


def test_labels_that_come_later_leave_new_customers_a_row(valued):
    found = rg.forecast(valued, by=["cohort"], check=False, months=3)
    rows = {row.name: row for row in found.groups[0].rows}
    assert rows["(new customers)"].totals["revenue"].existing == 0
    assert sum(row.totals["revenue"].new for row in rows.values()) == pytest.approx(
        rows["(new customers)"].totals["revenue"].new
    )


def test_segments_are_labels_too(valued, found):
    split = rg.forecast(valued, by=["segment", "tier"], check=False)
    year = split.spans[-1].totals["revenue"].mean
    assert [table.by for table in split.groups] == ["segment", "tier"]
    for table in split.groups:
        assert sum(row.totals["revenue"].mean for row in table.rows) == pytest.approx(year)
        assert sum(row.customers for row in table.rows) == 1_200
        assert not next(row for row in table.rows if row.name == "(new customers)").few


def test_labels_may_be_given(valued):
    many = len(valued.ledger.customer_id)
    halves = np.where(np.arange(many) % 2, "odd", "even")
    found = rg.forecast(valued, by={"half": halves}, check=False, months=1)
    assert {row.name for row in found.groups[0].rows} == {"odd", "even", "(new customers)"}
    with pytest.raises(InputError, match="labels"):
        rg.forecast(valued, by={"half": halves[:5]}, check=False)
    with pytest.raises(ColumnError):
        rg.forecast(valued, by=["shoe_size"], check=False)


def test_a_plan_is_obeyed(valued):
    none = rg.forecast(valued, plan=0, check=False)
    some = rg.forecast(valued, plan=[50.0, 80.0], check=False)
    assert none.new_customers.mean.sum() == 0
    assert none.spans[-1].totals["revenue"].new == 0
    assert some.new_customers.mean[1:4] == pytest.approx([50, 80, 80])
    assert some.new_customers.given
    existing = [f.spans[-1].totals["revenue"].existing for f in (none, some)]
    assert existing[0] == pytest.approx(existing[1])


def test_what_if_is_a_paired_difference(found):
    effects = {effect.lever: effect for effect in found.effects}
    assert list(effects) == ["retention", "new_customers", "together"]
    assert effects["retention"].revenue.low > 0 > effects["new_customers"].revenue.high
    year = found.spans[-1].totals["revenue"]
    assert effects["new_customers"].revenue.value == pytest.approx(-0.1 * year.new, rel=1e-6)
    saved = 0.1 * 9 * found.new_customers.mean[1:].sum()
    lost = 0.4 * effects["new_customers"].revenue.value
    assert effects["new_customers"].margin.value == pytest.approx(lost + saved, rel=1e-6)


def test_the_same_seed_gives_the_same_forecast(valued, found):
    again = rg.forecast(valued, what_if="retention=+5%,new_customers=-10%", plan={"cac": 9})
    assert forecast_object(again) == forecast_object(found)
    other = rg.forecast(valued, seed=1, check=False)
    assert (other.measures["revenue"].quantiles != found.measures["revenue"].quantiles).any()


def test_the_season_that_was_not_seen_is_told(found):
    assert found.season_seen < 1
    assert any("guess" in note for note in found.notes)


def test_the_check_stands_beside_it(found):
    assert found.check is not None
    assert {row.months for row in found.check.rows} == {1, 3, 6, 12}
    assert "80% interval held" in found.check.words[0]
    assert all(0 <= row.covered80 <= row.covered95 <= 1 for row in found.check.rows)


def test_tables_hold_everything(found):
    tables = forecast_tables(found)
    assert set(tables) == {
        "forecast",
        "forecast_spans",
        "forecast_by_source",
        "forecast_check",
        "forecast_misses",
        "forecast_what_if",
    }
    for columns in tables.values():
        assert len({len(values) for values in columns.values()}) == 1
    assert tables["forecast"]["revenue"] == pytest.approx(found.measures["revenue"].mean)


def test_files_and_terminal(found, tmp_path, capsys):
    write_forecast(found, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {"forecast.json", "forecast.parquet", "forecast.csv"} <= names
    print_forecast(found)
    said = " ".join(capsys.readouterr().out.split())
    assert "Expected net revenue" in said
    assert "How its own past went" in said
    assert "Retention +5%" in said


def test_the_section_links_only_to_what_it_defines(found):
    html = forecast_section(found)
    keys = {key for key, _, _ in forecast_definitions(found)}
    assert set(re.findall(r'href="#def-([\w-]+)"', html)) <= keys
    assert html.count("<figure") == 2
    for title in ("The coming months", "By source", "What if", "How its own past went"):
        assert title in html
    words = re.sub(r"<[^>]+>", " ", html).lower()
    assert not re.search(r"\bnan\b", words)


def test_orders_without_amounts_are_forecast_as_orders():
    shop = rg.simulate_orders(900, seed=3, days=400)
    columns = {name: shop.columns[name] for name in ("customer_id", "ordered_at")}
    sold = shop.columns["kind"] == "sale"
    import pyarrow as pa

    table = pa.table({name: values[sold] for name, values in columns.items()})
    plain = rg.read_orders(table, map={"amount": "none"})
    found = rg.forecast(rg.value_base(plain, model="bg-nbd"))
    assert list(found.measures) == ["orders"]
    assert found.groups == ()
    assert np.isfinite(found.measures["orders"].quantiles).all()
    assert forecast_object(found)["existing_within_horizon"]["revenue"] is None
    assert "What is coming" in forecast_section(found)
    with pytest.raises(InputError, match="needs amounts"):
        rg.forecast(plain, what_if="retention=5%", check=False)


def test_too_little_is_said():
    orders = rg.read_orders(rg.simulate_orders(30, seed=1, days=40))
    with pytest.raises(DataError, match="too little data to forecast"):
        rg.forecast(orders)


@pytest.mark.parametrize("months", [0, 61])
def test_months_out_of_reach_are_refused(valued, months):
    with pytest.raises(InputError, match="cannot be made"):
        rg.forecast(valued, months=months)


def test_the_command(tmp_path, capsys):
    from typer.testing import CliRunner

    rg.simulate_orders(800, seed=6, days=400).write_csv(tmp_path / "orders.csv")
    (tmp_path / "plan.txt").write_text("40\n50\n")
    words = f"forecast {tmp_path}/orders.csv --new {tmp_path}/plan.txt --months 3 --model bg-nbd -q"
    words += f" --what-if retention=5% --out {tmp_path}/out"
    run = CliRunner().invoke(app, words.split())
    assert run.exit_code == 0, run.output
    assert (tmp_path / "out" / "tables" / "forecast_what_if.csv").exists()
    refused = CliRunner().invoke(
        app, ["forecast", str(tmp_path / "orders.csv"), "--new", "lots", "-q"]
    )
    assert isinstance(refused.exception, InputError)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "lowest"), [("cdnow_master.parquet", 0.6), ("online_retail_2009_2010.csv.gz", 0.6)]
)
def test_public_data_hold_their_intervals(name, lowest):
    orders = rg.read_orders(shared(name))
    found = rg.forecast(rg.value_base(orders, model="bg-nbd"))
    rows = [row for row in found.check.rows if row.measure == "revenue"]
    tried = sum(row.origins for row in rows)
    assert sum(row.covered80 * row.origins for row in rows) / tried >= lowest
    assert sum(row.covered95 * row.origins for row in rows) / tried >= 0.9


def test_values_without_an_end_are_counted_for_50_years():
    orders = rg.read_orders(rg.simulate_orders(600, seed=8, days=400))
    valued = rg.value_base(orders, model="bg-nbd", horizon="forever")
    found = rg.forecast(valued, months=2, check=False)
    counted = expected_orders(valued.outlook.fitted, valued.summary, "50y")
    assert found.horizon_orders == pytest.approx(counted.sum())
    assert 0 < found.spans[-1].totals["orders"].existing < found.horizon_orders

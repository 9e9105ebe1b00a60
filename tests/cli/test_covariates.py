"""Attributes and groups on the command line."""

import csv
import json

import pytest

from shared_data import shared

pytestmark = pytest.mark.slow  # runs in .ci/run


def known(shop, tmp_path, drop=0):
    """A table of the shop's customers: even ids are red, others blue."""
    with shop.open(encoding="utf-8") as file:
        ids = sorted({row["customer_id"] for row in csv.DictReader(file) if row["customer_id"]})
    path = tmp_path / "customers.csv"
    rows = [
        f"{who},{'red' if who[-1] in '02468' else 'blue'},{len(who) + int(who[-1])}" for who in ids
    ]
    path.write_text("\n".join(["customer_id,colour,size", *rows[drop:], "nobody,red,3"]) + "\n")
    return path


def test_fit_prints_the_published_coefficients_of_the_apparel_shop(run):
    """LL -5821.0627; dropout -.642 .790; purchase .286 .624 (CLVTools in R)."""
    orders, table = shared("apparel_sim.parquet"), shared("apparel_sim_static_cov.parquet")
    both = ("--purchase", "Gender,Channel", "--dropout", "Gender, Channel", "--customers", table)
    ran = run(
        "fit", orders, "--model", "pareto-nbd", "--until", "2006-12-31", *both, "--json", "-q"
    )
    found = json.loads(ran.out)
    assert found["log_likelihood"] == pytest.approx(-5821.0627, abs=0.00005)
    coefficients = {k: round(v, 3) for k, v in found["parameters"].items() if "." in k}
    assert coefficients == {
        "purchase.Gender": 0.286,
        "purchase.Channel": 0.624,
        "dropout.Gender": -0.642,
        "dropout.Channel": 0.79,
    }


def test_a_saved_model_asks_for_the_attributes_it_was_fitted_with(run, shop, tmp_path):
    table, model = known(shop, tmp_path), tmp_path / "model.json"
    fitted = ("fit", shop, "--model", "bg-nbd", "--customers", table, "--purchase", "colour,source")
    ran = run(*fitted, "--save", model)
    assert ran.code == 0
    assert "rows are of others" in ran.err
    assert "purchase.colour=" in ran.out
    scored = run("score", model, shop, "--customers", table, "-q")
    assert scored.code == 0
    assert scored.out.startswith("customer_id,")
    without = run("score", model, shop, "-q")
    assert without.code == 3
    assert "no column 'colour'" in without.err
    assert "give a table of customers" in without.err


def test_customers_without_a_row_are_named(run, shop, tmp_path):
    table = known(shop, tmp_path, drop=5)
    ran = run("fit", shop, "--model", "nbd", "--customers", table, "--purchase", "colour")
    assert ran.code == 3
    assert "5 customers have no row in it" in ran.err
    assert "'colour' is missing for 5 of" in ran.err


@pytest.mark.parametrize("groups", ["source", "cohort"])
def test_groups_come_from_the_orders(run, shop, groups):
    ran = run("fit", shop, "--model", "pareto-nbd", "--groups", groups, "--json", "-q")
    found = json.loads(ran.out)
    assert found["verdict"] == "converged"
    assert f"standard deviation between {groups}s" in found["explanation"]
    assert any(letter.startswith(f"purchase.{groups}=") for letter in found["parameters"])


def test_groups_may_be_a_few_numbers(run, shop, tmp_path):
    table, model = known(shop, tmp_path), tmp_path / "model.json"
    fitting = ("fit", shop, "--model", "nbd", "--customers", table, "--groups", "size")
    ran = run(*fitting, "--save", model, "--json", "-q")
    assert ran.code == 0, ran.err
    assert "purchase.size=5" in json.loads(ran.out)["parameters"]
    scored = run("score", model, shop, "--customers", table, "-q")
    assert (scored.code, scored.err) == (0, "")


def test_a_name_nobody_has_is_told_with_both_tables_columns(run, shop, tmp_path):
    table = known(shop, tmp_path)
    ran = run("fit", shop, "--model", "nbd", "--customers", table, "--purchase", "Colur", "-q")
    assert ran.code == 3
    assert "orders.csv has no column 'Colur'. Columns: order_id, customer_id," in ran.err
    assert "customers.csv does not have it either. Columns: colour, size." in ran.err
    assert "Did you mean colour?" in ran.err

"""A small shop that the examples of the documentation read."""

import pytest

import regulars as rg


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """A folder with `orders.csv` of a small invented shop and its `results/`."""
    folder = tmp_path_factory.mktemp("shop")
    rg.simulate_orders(customers=700, days=730, seed=1).write_csv(folder / "orders.csv")
    orders = rg.read_orders(folder / "orders.csv")
    rg.write_results(rg.value_customers(orders, margin=0.35), orders, folder / "results")
    orders.close()
    return folder

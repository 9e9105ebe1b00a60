"""The textbook formula says what the articles say, and no more."""

import pytest

from regulars.terms.errors import InputError
from regulars.valuation import formula_of_base, formula_value


def test_the_coffee_example_of_the_articles_gives_480():
    assert formula_value(purchase_value=5, frequency=8, lifespan=12) == 480


@pytest.mark.parametrize(("frequency", "lifespan"), [(-1, 12), (8, -12)])
def test_negative_frequency_or_lifespan_is_refused(frequency, lifespan):
    with pytest.raises(InputError, match="Both are 0 or more"):
        formula_value(5, frequency, lifespan)


def base(**changed):
    given = {
        "revenue": 10_000.0,
        "orders": 200.0,
        "customer_months": 1_000.0,
        "lifespan_months": 12.0,
        "margin": 0.4,
        "model_mean": 80.0,
        "share_alive": 0.5,
        "repeat_share": 0.25,
    }
    return formula_of_base(**{**given, **changed})


def test_the_base_is_purchase_value_times_frequency_times_lifespan():
    found = base()
    assert found.purchase_value == 50
    assert found.frequency_per_month == pytest.approx(0.2)
    assert found.value == pytest.approx(120)
    assert found.value_per_month == pytest.approx(10)
    assert found.value_per_year == pytest.approx(120)
    assert found.profit == pytest.approx(48)


def test_the_difference_to_the_model_is_given_and_explained():
    found = base()
    assert found.ratio == pytest.approx(0.5)
    assert "50% higher" in found.explanation
    assert "50% of them have probably left" in found.explanation
    assert "25% of all orders" in found.explanation


def test_without_a_model_no_ratio_is_claimed():
    found = base(model_mean=None, share_alive=None)
    assert found.ratio is None
    assert "too little data" in found.explanation


def test_a_base_without_orders_is_worth_nothing_rather_than_an_error():
    assert base(orders=0.0, revenue=0.0, customer_months=0.0).value == 0

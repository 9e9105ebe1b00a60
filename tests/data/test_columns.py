"""Columns are found by their usual names, and what is missing is said with what to do."""

import datetime as dt

import pytest

from data.shop import orders_of, read_text
from regulars.data import customer_labels, customer_table, keep_ledger, read_orders
from regulars.data.columns import find_columns
from regulars.terms.errors import ColumnError
from shared_data import shared


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (
            ("Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country"),
            {
                "customer_id": "Customer ID",
                "ordered_at": "InvoiceDate",
                "order_id": "Invoice",
                "quantity": "Quantity",
                "price": "Price",
                "product": "StockCode",
            },
        ),
        (
            ("id", "user_id", "created_at", "total"),
            {
                "order_id": "id",
                "customer_id": "user_id",
                "ordered_at": "created_at",
                "amount": "total",
            },
        ),
        (
            ("ORDER-DATE", "E-Mail", "client id", "Sales", "Discount"),
            {"customer_id": "client id", "ordered_at": "ORDER-DATE", "amount": "Sales"},
        ),
        (
            ("Bestellnummer", "Kundennummer", "Bestelldatum", "Betrag (€)", "Status"),
            {
                "order_id": "Bestellnummer",
                "customer_id": "Kundennummer",
                "ordered_at": "Bestelldatum",
                "amount": "Betrag (€)",
                "status": "Status",
            },
        ),
        (("ts", "email", "revenue"), {"customer_id": "email", "ordered_at": "ts"}),
        (("day", "uid", "price"), {"customer_id": "uid", "ordered_at": "day", "amount": "price"}),
    ],
)
def test_usual_names_are_recognised(names: tuple[str, ...], fields: dict[str, str]) -> None:
    found = find_columns(names).fields
    assert {name: found.get(name) for name in fields} == fields


def test_a_missing_column_says_what_was_found_and_what_to_type() -> None:
    with pytest.raises(ColumnError) as caught:
        find_columns(("who", "date", "amount"))
    assert str(caught.value) == (
        "orders lack customer_id. Columns found: who, date, amount."
        " Map yours: --map customer_id=who"
    )
    with pytest.raises(ColumnError, match="orders lack ordered_at"):
        find_columns(("customer_id", "amount"))
    with pytest.raises(ColumnError, match="customer_id=COLUMN --map ordered_at=when"):
        find_columns(("x", "when", "amount"))  # all at once, and no advice without a reason
    with pytest.raises(ColumnError, match="--map amount=none"):
        find_columns(("customer_id", "date"))


def test_a_map_wins_and_names_what_it_lacks() -> None:
    names = ("customer_id", "who", "date", "amount", "paid")
    mapped = find_columns(names, {"customer_id": "WHO", "amount": "paid"})
    assert mapped.fields["customer_id"] == "who"
    assert mapped.fields["amount"] == "paid"
    assert find_columns(names, {"date": "date"}).fields["ordered_at"] == "date"
    with pytest.raises(ColumnError, match="no column 'whom'"):
        find_columns(names, {"customer_id": "whom"})
    with pytest.raises(ColumnError, match="no field of an order"):
        find_columns(names, {"colour": "who"})
    with pytest.raises(ColumnError, match="claimed by both"):
        find_columns(names, {"customer_id": "date", "ordered_at": "date"})


def test_two_claims_take_the_better_and_say_so() -> None:
    found = find_columns(("customer_id", "user_id", "date", "amount"))
    assert found.fields["customer_id"] == "customer_id"
    assert "'user_id' could be it too" in found.notes[0]


def test_a_log_without_money_can_be_read_on_purpose() -> None:
    rows = [{"customer_id": 1, "date": dt.date(2025, 1, 1)}]
    orders = orders_of(rows, map={"amount": None})
    assert not orders.has_money
    assert orders.audit["net_revenue"] == "0.00"


@pytest.mark.parametrize("name", ["cdnow_sample", "cdnow_master", "grocery", "apparel_sim"])
def test_canonical_logs_are_read_as_they_are(name: str) -> None:
    orders = read_orders(shared(f"{name}.parquet"))
    assert orders.audit["rows_refused"] == 0
    assert orders.has_money == (name != "grocery")


SHOPIFY = """Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,\
Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Source
#1001,a@x.com,paid,EUR,50.00,5,9,64.00,0.00,2024-01-05 23:40:30 +0000,1,Tea,20.00,T1,0.00,web
#1001,a@x.com,,,,,,,,,2,Cup,15.00,C1,,
#1002,A@x.com,partially_refunded,EUR,40,5,9,54,10,2024-02-05 10:20:30 +0100,1,Tea,50.00,T1,10.00,web
#1003,b@x.com,voided,EUR,40.00,5,9,54.00,,2024-02-05 10:20:30 +0100,1,Tea,50.00,T1,0.00,pos
#1003,b@x.com,,,,,,,,,1,Cup,50.00,T1,,
#1004,c@x.com,refunded,EUR,40.00,5,9,54.00,,2024-02-07 00:20:30 +0100,1,Tea,50.00,T1,54.00,pos
#1005,d@x.com,paid,EUR,,5,9,,,2024-02-07 00:20:30 +0100,1,Tea,50.00,T1,,pos
"""


def test_shopify_orders_count_once_and_net_of_discount(tmp_path) -> None:
    orders = read_text(tmp_path, SHOPIFY, timezone="Europe/Berlin")
    audit = orders.audit
    assert (audit["gross_revenue"], audit["refunds"]) == ("130.00", "50.00")
    assert audit["refused"] == {"missing_amount": 1, "not_paid": 2}
    assert audit["currency"] == "EUR"
    everyone = customer_table(orders)
    assert everyone.customer_id.tolist() == ["a@x.com"]
    assert everyone.first_order.tolist() == [dt.date(2024, 1, 6)]
    assert everyone.orders.tolist() == [2]
    assert everyone.value.tolist() == [80.0]
    assert customer_labels(orders, keep_ledger(orders), "source").tolist()[0] == "web"


def test_stripe_amounts_are_in_the_account_currency_and_failures_are_out(tmp_path) -> None:
    text = """id,Created date (UTC),Amount,Amount Refunded,Currency,Converted Amount,\
Converted Amount Refunded,Converted Currency,Fee,Status,Customer ID
ch_1,2024-01-05 23:20,50.00,0.00,usd,45.00,0.00,eur,1.2,Paid,cus_1
ch_2,2024-01-07 23:20,50.00,0.00,usd,45.00,0.00,eur,1.2,Failed,cus_2
ch_3,2024-01-08 23:20,"1,050.00",10.00,usd,945.00,9.00,eur,1.2,Partial Refund,cus_3
"""
    orders = read_text(tmp_path, text, timezone="Europe/Berlin")
    assert orders.audit["net_revenue"] == "981.00"
    assert orders.audit["refused"] == {"not_paid": 1}
    assert orders.bounds == (dt.date(2024, 1, 6), dt.date(2024, 1, 9))


def test_woocommerce_totals_repeated_on_every_line_count_once(tmp_path) -> None:
    text = """Order Number,Order Status,Order Date,Email (Billing),Order Total Amount,\
Order Refund Amount,Order Total Tax Amount,Order Currency,SKU,Item Name
1,Completed,2024-03-01 10:00,a@x.com,30.00,0,5,EUR,S1,Tea
1,Completed,2024-03-01 10:00,a@x.com,30.00,0,5,EUR,S2,Cup
2,Failed,2024-03-02 10:00,b@x.com,30.00,0,5,EUR,S1,Tea
3,Completed,2024-03-03 10:00,c@x.com,12.00,2.00,2,EUR,S1,Tea
"""
    orders = read_text(tmp_path, text)
    assert orders.audit["net_revenue"] == "40.00"
    assert orders.audit["orders"] == 2
    assert read_text(tmp_path, text, exclude=["tax"]).audit["net_revenue"] == "33.00"

"""Orders written the way real systems export them: three date formats, slips and leftovers."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.scores import PathLike, whole_file

HEADER = ("Invoice", "Product", "Quantity", "Order Date", "Amount", "Discount", "Customer ID")
HEADER += ("Source", "Cost")
_SHARES = {"blank_customer": 0.02, "duplicate": 0.003, "test": 0.001, "unreadable": 0.001}


def write_messy(
    columns: Mapping[str, NDArray[Any]], path: PathLike, rng: np.random.Generator
) -> Mapping[str, int]:
    """Write simulated orders as a messy CSV; returns how many rows of each kind of mess it has."""
    n = len(columns["order_id"])
    counts = dict.fromkeys(("rows", "cancellation", *_SHARES), 0)
    with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        chance = rng.random((n, len(_SHARES)))
        for i, row in enumerate(_rows(columns, rng)):
            hit = {name: chance[i, j] < p for j, (name, p) in enumerate(_SHARES.items())}
            sale = not row[0].startswith("C")
            if hit["blank_customer"]:
                row[6] = ""
            writer.writerow(row)
            counts["rows"] += 1
            counts["cancellation"] += not sale
            counts["blank_customer"] += bool(hit["blank_customer"])
            for extra, name in _extras(row, hit, sale):
                writer.writerow(extra)
                counts["rows"] += 1
                counts[name] += 1
    return counts


def _rows(columns: Mapping[str, NDArray[Any]], rng: np.random.Generator) -> Iterator[list[str]]:
    """Each order as text."""
    n = len(columns["order_id"])
    format_of = rng.choice(3, n, p=[0.7, 0.2, 0.1])
    when = columns["ordered_at"].astype("datetime64[s]").tolist()
    lists = {name: values.tolist() for name, values in columns.items() if name != "ordered_at"}
    for i in range(n):
        refund = lists["kind"][i] == "refund"
        amount = lists["amount"][i]
        yield [
            f"{'C' if refund else ''}{lists['order_id'][i]}",
            lists["product"][i],
            str(-lists["quantity"][i] if refund else lists["quantity"][i]),
            when[i].strftime(("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%d %b %Y")[format_of[i]]),
            f"{'-' if amount < 0 else ''}€{abs(amount):,.2f}" if i % 5 == 0 else f"{amount:,.2f}",
            f"{lists['discount'][i]:.2f}" if lists["discount"][i] else "",
            str(lists["customer_id"][i]),
            lists["source"][i],
            f"{lists['cost'][i]:.2f}",
        ]


def _extras(row: list[str], hit: Mapping[str, Any], sale: bool) -> Iterator[tuple[list[str], str]]:
    """Rows that should not be there."""
    if hit["duplicate"] and sale:
        yield row, "duplicate"
    if hit["test"]:
        yield [f"9{row[0].lstrip('C')}", "TEST", "1", row[3], "0.01", "", "", "", ""], "test"
    if hit["unreadable"]:
        yield [f"8{row[0].lstrip('C')}", *row[1:3], "00/00/0000", *row[4:]], "unreadable"

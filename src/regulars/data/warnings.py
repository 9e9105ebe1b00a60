"""The audit's warnings: plain sentences with numbers, for people who will act on them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from regulars.data.findings import Findings
from regulars.terms.money import Money

if TYPE_CHECKING:
    from regulars.data.orders import Orders


def warnings_of(
    found: Findings, refused: Mapping[str, int], orders: "Orders", enough: Mapping[str, bool]
) -> list[str]:
    """Everything a reader should know before trusting the numbers."""
    return [
        *_trust(found, refused, enough),
        *_money(found, orders),
        *_rows(found),
        *_time(found),
    ]


def _trust(
    found: Findings, refused: Mapping[str, int], enough: Mapping[str, bool]
) -> Iterator[str]:
    lost = sum(refused.values())
    if lost:
        read = found.rows + lost
        why = ", ".join(f"{reason} {n:,}" for reason, n in refused.items())
        yield f"{lost:,} of {read:,} rows ({_percent(lost, read)}) could not be read: {why}."
    missing = [need for need, met in enough.items() if not met]
    if missing:
        yield f"Too little to predict from: that takes {'; '.join(missing)}."
    if found.one_time:
        once = _percent(found.one_time, found.customers)
        yield f"{found.one_time:,} of {found.customers:,} customers ({once}) bought only once."
    if found.purchase_days > 1_000 and found.busiest > 0.05 * found.purchase_days:
        held = _percent(found.busiest, found.purchase_days)
        yield (
            f"One customer has {found.busiest:,} purchase days, {held} of all:"
            " perhaps an account that guests share."
        )


def _money(found: Findings, orders: "Orders") -> Iterator[str]:
    yield from (part.doubt for part in orders.lines if part.doubt)
    if not orders.has_money:
        yield "There are no amounts: orders are counted, money is not."
    currency = f" {orders.currency}" if orders.currency else ""
    if found.refunds:
        share = _percent(found.refunds, found.gross)
        amount = f"{_text(found.refunds)}{currency}"
        lines = found.refund_rows + found.chargebacks
        rows = f" ({_many(lines, 'row', 'rows')})" if lines else ""
        yield f"Refunds take back {amount}, {share} of sales{rows}."
    if found.below:
        yield (
            f"{_many(found.below, 'row has', 'rows have')} an amount below zero"
            f" ({_text(found.below_net)}{currency}); they count as refunds."
        )
    if found.chargebacks:
        yield f"{_many(found.chargebacks, 'row is a chargeback', 'rows are chargebacks')}."
    if found.unowned:
        share = _percent(found.unowned, found.rows)
        yield (
            f"{_many(found.unowned, 'row', 'rows')} ({share}) without a customer:"
            f" {_text(found.unowned_net)}{currency} of net revenue without an owner."
        )
    if found.refund_only:
        yield (
            f"{_many(found.refund_only, 'customer has', 'customers have')} no purchase that lasted,"
            " only refunds or orders"
            f" taken back the same day: {_text(found.refund_only_net)}{currency}."
        )
    if len(orders.currencies.found) > 1:
        each = ", ".join(f"{code} {n:,}" for code, n in sorted(orders.currencies.found.items()))
        yield f"Amounts in several currencies (rows: {each}) were converted to {orders.currency}."


def _rows(found: Findings) -> Iterator[str]:
    if found.cancelled_days:
        yield (
            f"{found.cancelled_days:,} times as much or more came back on a day as a customer"
            " bought on it: those purchases count as never made."
        )
    if found.equal_rows:
        copies = f"{_many(found.equal_rows, 'row repeats', 'rows repeat')} another row exactly"
        yield f"{copies}; they are kept, as further pieces of the same."
    if found.free:
        yield (
            f"{_many(found.free, 'order has', 'orders have')} a total of zero; they count as"
            " purchases."
        )
    postage = "postage, fees or corrections"
    for (rows, net), what in ((found.tests, "tests"), (found.extras, postage)):
        if rows:
            found_rows = f"{_many(rows, 'row looks', 'rows look')} like {what} rather than goods"
            yield f"{found_rows} ({_text(net)} net); they are kept."


def _time(found: Findings) -> Iterator[str]:
    for first, last in found.gaps[:3]:
        yield f"No sale from {first} to {last} ({(last - first).days + 1} days): is data missing?"
    if len(found.gaps) > 3:
        yield f"{len(found.gaps) - 3} more gaps of over two weeks have no sale."


def _many(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    return f"{share:.1f} %" if share >= 0.1 or share == 0 else "under 0.1 %"


def _text(ticks: int) -> str:
    return f"{Money.from_ticks(ticks).amount:,.2f}"

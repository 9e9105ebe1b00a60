"""Summaries by one pass over the days in time order, at about the cost of reading the rows.

Grouping rows by customer and day in a hash table costs most of a summary, although hardly any
customer buys twice a day. Day by day, a customer's row is instead added to arrays with one entry
per customer. The result is that of `Relations.summary`, to the bit.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOST_ROWS = 50_000_000  # held in memory at 14 to 34 bytes each; above, the engine groups and spills
_SALE, _RETURNED, _REFUND = 0, 1, 2  # states: a sale, one partly taken back, a refund
_LARGEST = 9.0e18  # sums of 64-bit integers stay below this
LOG_TICKS = 1e10  # logarithms are summed as integers of 1/LOG_TICKS: the same in any order

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """One entry per customer with a purchase, sorted by id; days since 1970, money in 1/10000.

    log_gaps: sum of the logarithms of the days between purchase days, in 1/LOG_TICKS.
    """

    customer_id: pa.Array
    days: Ints
    first_day: Ints
    last_day: Ints
    total: Ints
    first_net: Ints
    log_gaps: Ints


def tally(reader: pa.RecordBatchReader, most: int) -> Tally | None:
    """Count purchase days and sum their net from rows (customer_id, day, net, and maybe state).

    `most` bounds the number of rows. Without `state`, rows below zero are refunds. None when
    sums could leave 64 bits.
    """
    rows = _read(reader, most)
    net = rows.net
    least, largest = (int(net.min()), int(net.max())) if len(net) else (0, 0)
    if max(-least, largest) * len(net) > _LARGEST:
        return None
    state = rows.state
    if state is None and least < 0:
        state = np.where(net < 0, np.int8(_REFUND), np.int8(_SALE))
    codes, ids, ordered = _codes(rows.ids)
    day = rows.day
    if (day[1:] < day[:-1]).any():
        order = np.argsort(day, kind="stable")
        codes, day, net = codes[order], day[order], net[order]
        state = None if state is None else state[order]
    book = _Book(len(ids))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1, [len(day)]])
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        if end > start:
            part = None if state is None else state[start:end]
            book.enter(int(day[start]), codes[start:end], net[start:end], part)
    return book.close(ids, ordered)


@dataclass(frozen=True)
class _Rows:
    """The rows of a stream, column by column."""

    ids: Ints | pa.Array
    day: NDArray[np.uint16]
    net: Ints
    state: NDArray[np.int8] | None


def _read(reader: pa.RecordBatchReader, most: int) -> _Rows:
    """Copy a stream into arrays made once, so that no second copy of it is ever held."""
    names = reader.schema.names
    kind = reader.schema.field("customer_id").type
    numbers = pa.types.is_integer(kind) and not pa.types.is_uint64(kind)
    ids = np.empty(most if numbers else 0, dtype=np.int64)
    texts: list[pa.Array] = []
    day, net = np.empty(most, dtype=np.uint16), np.empty(most, dtype=np.int64)
    state = np.empty(most, dtype=np.int8) if "state" in names else None
    end = 0
    for batch in reader:
        start, end = end, end + batch.num_rows
        if numbers:
            ids[start:end] = batch["customer_id"].to_numpy(zero_copy_only=False)
        else:
            texts.append(batch["customer_id"])
        day[start:end] = batch["day"].to_numpy(zero_copy_only=False)
        net[start:end] = batch["net"].to_numpy(zero_copy_only=False)
        if state is not None:
            state[start:end] = batch["state"].to_numpy(zero_copy_only=False)
    known = ids[:end] if numbers else pa.chunked_array(texts, kind).combine_chunks()
    return _Rows(known, day[:end], net[:end], None if state is None else state[:end])


class _Book:
    """Arrays with one entry per customer, filled day by day."""

    def __init__(self, customers: int) -> None:
        self.place = np.empty(customers, dtype=np.int32)
        self.days = np.zeros(customers, dtype=np.int32)
        self.first = np.zeros(customers, dtype=np.int32)
        self.last = np.full(customers, -1, dtype=np.int32)
        self.total = np.zeros(customers, dtype=np.int64)
        self.first_net = np.zeros(customers, dtype=np.int64)
        self.log_gaps = np.zeros(customers, dtype=np.int64)
        self.logs = log_days()

    def enter(self, day: int, who: Ints, net: Ints, state: NDArray[np.int8] | None) -> None:
        """Add the rows of one day."""
        who, net, sold, back = self._merge(who, net, state)
        if state is not None:
            bought = sold & (~back | (net > 0))
            who, net = who[bought], net[bought]
        self.days[who] += 1
        self.total[who] += net
        before = self.last[who]
        self.log_gaps[who] += self.logs[day - before]  # of the first one: since the day -1
        self.last[who] = day
        newcomers = who[before < 0]
        self.first[newcomers] = day
        self.first_net[newcomers] = net[before < 0]

    def _merge(
        self, who: Ints, net: Ints, state: NDArray[np.int8] | None
    ) -> tuple[Ints, Ints, NDArray[np.bool_], NDArray[np.bool_]]:
        """One row per customer: net, whether anything was sold, whether anything went back."""
        sold = np.empty(0, dtype=np.bool_) if state is None else state != _REFUND
        back = sold if state is None else state != _SALE
        rows = np.arange(len(who), dtype=np.int32)
        self.place[who] = rows
        kept = self.place[who]
        again = np.flatnonzero(kept != rows)
        if len(again) == 0:
            return who, net, sold, back
        into = kept[again]
        net = net.copy()
        np.add.at(net, into, net[again])
        single = np.ones(len(who), dtype=np.bool_)
        single[again] = False
        if state is not None:
            np.logical_or.at(sold, into, sold[again])
            np.logical_or.at(back, into, back[again])
            sold, back = sold[single], back[single]
        return who[single], net[single], sold, back

    def close(self, ids: pa.Array, ordered: bool) -> Tally:
        """Those who bought, sorted by id."""
        bought = np.flatnonzero(self.days)
        ids = ids.take(pa.array(bought)) if len(bought) < len(ids) else ids
        if not ordered:
            order = pc.call_function("array_sort_indices", [ids]).to_numpy()
            ids, bought = ids.take(pa.array(order)), bought[order]
        return Tally(
            customer_id=ids,
            days=self.days[bought].astype(np.int64),
            first_day=self.first[bought].astype(np.int64),
            last_day=self.last[bought].astype(np.int64),
            total=self.total[bought],
            first_net=self.first_net[bought],
            log_gaps=self.log_gaps[bought] - self.logs[self.first[bought] + 1],
        )


def log_days() -> Ints:
    """Logarithms of 1, 2, ... days in 1/LOG_TICKS, at the index of the days; 0 days give 0."""
    days = np.maximum(np.arange((1 << 16) + 1, dtype=np.float64), 1.0)
    return np.rint(np.log(days) * LOG_TICKS).astype(np.int64)


def _codes(ids: Ints | pa.Array) -> tuple[Ints, pa.Array, bool]:
    """Each row's customer as a small number, the customer of each number, and if those ascend.

    Changes the array of ids that it is given.
    """
    if isinstance(ids, np.ndarray):
        low, high = (int(ids.min()), int(ids.max())) if len(ids) else (0, 0)
        if high - low < max(len(ids) // 2, 1 << 16):
            ids -= low
            return ids, pa.array(np.arange(low, high + 1)), True
    texts = pa.array(ids) if isinstance(ids, np.ndarray) else ids
    encoded = texts.dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary, False


def state_sql() -> str:
    """The state of a line, where its sign does not decide."""
    return (
        f"CAST(CASE WHEN kind <> 'sale' THEN {_REFUND} WHEN refunded > 0 THEN {_RETURNED}"
        f" ELSE {_SALE} END AS TINYINT)"
    )

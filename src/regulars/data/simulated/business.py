"""A business that does not exist, whole: orders, customers, spend, service, and the truth of it."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regulars.data.aside import set_aside
from regulars.data.scores import PathLike, Table, write_csv
from regulars.data.simulate import season_of
from regulars.data.simulated.conversations import bought_in, conversation_table, draw_talks
from regulars.data.simulated.costs import cost_table, spend_levels
from regulars.data.simulated.customers import customer_table, people_of
from regulars.data.simulated.messages import message_table, write_messages
from regulars.data.simulated.orders import draw_purchases, order_table
from regulars.data.simulated.planted import DAY
from regulars.data.simulated.subscriptions import subscribe
from regulars.data.simulated.surveys import survey_table
from regulars.data.simulated.tickets import draw_work, ticket_table
from regulars.data.simulated.truth import truth_of
from regulars.terms.errors import InputError


@dataclass(frozen=True)
class Business:
    """The tables of a simulated business, each a frame, and what is true of it.

    Attributes:
        orders, customers, costs, subscriptions, conversations, messages, tickets, surveys: tables;
            `columns` maps a field to its array, moments are in UTC.
        truth: what was planted, by name, and what is to be expected; JSON can hold it.
    """

    orders: Table
    customers: Table
    costs: Table
    subscriptions: Table
    conversations: Table
    messages: Table
    tickets: Table
    surveys: Table
    truth: dict[str, Any]

    def write(self, folder: PathLike) -> tuple[Path, ...]:
        """Write costs.csv, truth.json and every other table as Parquet: all of them, or none.

        Raises:
            OutputError: when the folder cannot be written.
        """
        folder = Path(folder)
        with set_aside(folder) as aside:
            for name, table in _tables(self).items():
                if name == "costs":
                    write_csv(table.columns, aside / "costs.csv")
                else:
                    table.write_parquet(aside / f"{name}.parquet")
            text = json.dumps(self.truth, indent=2, ensure_ascii=False, allow_nan=False)
            (aside / "truth.json").write_text(text + "\n", encoding="utf-8")
            names = sorted(path.name for path in aside.iterdir())
        return tuple(folder / name for name in names)


def simulate_business(
    customers: int = 5_000,
    seed: int = 0,
    start: dt.date = dt.date(2023, 1, 1),
    days: int = 730,
) -> Business:
    """A business of known truth: `customers` people who order, and leads who never do.

    They come from sources of different quality; spend draws them with diminishing returns in some,
    never varies in one, and loses money in one. They order with the season, by what they are like,
    what they bought first and how fast they were answered; a random half was offered a chat, which
    raises how often they come back. Conversations, messages, tickets and surveys go with it. The
    same arguments give the same bytes.

    Args:
        customers: people who come to order; a few have not yet at the end.
        seed: of every random number.
        start: the first day.
        days: how many of them.

    Raises:
        InputError: for less than one customer or one day.
    """
    if customers < 1 or days < 1:
        raise InputError(
            f"{customers} customers within {days} days make no business.",
            "Give 1 or more of both.",
        )
    streams = [np.random.default_rng([seed, part]) for part in range(11)]
    first = np.datetime64(start, "s")
    opened = int(first.astype(np.int64))
    season = season_of(start, days)
    levels = spend_levels(streams[0], first, days)
    people = people_of(streams[1], customers, season, levels)
    made = draw_purchases(streams[2], people, season, first)
    talks = draw_talks(streams[3], people, made, opened, opened + days * DAY - 1)
    lines, ended = write_messages(streams[4], talks)
    messages, replies = message_table(streams[5], people, talks, lines)
    work = draw_work(streams[6], talks, ended)
    tables = {
        "orders": order_table(streams[7], people, made, bought_in(talks, made), start, days),
        "customers": customer_table(streams[8], people, first),
        "costs": cost_table(streams[0], levels, first, customers),
        "subscriptions": subscribe(streams[9], people, opened, days),
        "conversations": conversation_table(streams[10], people, talks, ended),
        "messages": messages,
        "tickets": ticket_table(streams[6], people, talks, work, replies),
        "surveys": survey_table(streams[10], people, talks, work, ended, opened),
    }
    truth = truth_of(customers, seed, start, days, season, people, tables)
    return Business(**tables, truth=truth)


def _tables(business: Business) -> dict[str, Table]:
    return {name: table for name, table in vars(business).items() if name != "truth"}

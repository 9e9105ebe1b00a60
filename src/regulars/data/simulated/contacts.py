"""How a contact with the business goes: channel, bot, missed, and how long a person takes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.data.simulated.planted import BOT_SOLVES, CHANNELS, Floats, Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Contacts:
    """Arrays of one length.

    Attributes:
        channel: place among the channels. sale: whether it comes before an order.
        wait: standard normal place of the first response among its channel's.
        bot: whether a bot opens it; solved_by_bot: and nobody else is needed.
        missed: whether a person was wanted and nobody came.
    """

    channel: Ints
    sale: Flags
    wait: Floats
    bot: Flags
    solved_by_bot: Flags
    missed: Flags

    def __len__(self) -> int:
        return len(self.channel)

    def take(self, rows: NDArray[np.integer]) -> "Contacts":
        """Some of them."""
        return Contacts(**{name: values[rows] for name, values in vars(self).items()})


def contacts(rng: np.random.Generator, n: int) -> Contacts:
    """Draw how `n` contacts go."""
    plans = list(CHANNELS.values())
    channel = rng.choice(len(plans), n, p=np.array([plan.share for plan in plans]))
    bot = rng.random(n) < np.array([plan.bot for plan in plans])[channel]
    solved = bot & (rng.random(n) < BOT_SOLVES)
    missed = ~solved & (rng.random(n) < np.array([plan.missed for plan in plans])[channel])
    return Contacts(channel, rng.random(n) < 0.45, rng.normal(size=n), bot, solved, missed)


def joined(parts: list[Contacts]) -> Contacts:
    """Contacts one after another."""
    return Contacts(
        **{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    )

"""What is planted in the simulated business: every number that an analysis should find again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from regulars.data.simulate import SOURCES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CURRENCY = "EUR"
DAY = 86_400


@dataclass(frozen=True)
class Campaign:
    """Of its source's: the share of customers, and the share of spend."""

    customers: float
    spend: float


@dataclass(frozen=True)
class Source:
    """Where customers are won.

    Attributes:
        share: of new customers. repeat, spend, churn: how often they come back, how much an
            order is, how fast they leave, each against the average.
        cac: spend for each customer who orders; None without spend.
        elasticity: new customers go with spend ** elasticity; None where spend never varies.
    """

    share: float
    repeat: float
    spend: float
    churn: float
    cac: float | None = None
    elasticity: float | None = None
    campaigns: Mapping[str, Campaign] = field(default_factory=dict[str, Campaign])


_CHURN = {"organic": 0.9, "google_ads": 1.0, "meta": 1.15, "email": 0.75}
_CHURN |= {"referral": 0.7, "tiktok": 1.5, "affiliate": 1.2, "direct": 0.85}
_SPEND: dict[str, tuple[float | None, float | None, dict[str, Campaign]]] = {
    "google_ads": (
        58.0,
        0.65,
        {
            "google_brand": Campaign(0.35, 0.15),
            "google_search": Campaign(0.40, 0.45),
            "google_shopping": Campaign(0.25, 0.40),
        },
    ),
    "meta": (
        44.0,
        0.5,
        {"meta_lookalike": Campaign(0.45, 0.55), "meta_retargeting": Campaign(0.55, 0.45)},
    ),
    "tiktok": (
        140.0,
        0.4,
        {"tiktok_creators": Campaign(0.6, 0.7), "tiktok_spark": Campaign(0.4, 0.3)},
    ),
    "affiliate": (24.0, None, {"affiliate_network": Campaign(1.0, 1.0)}),
}
PLAN: dict[str, Source] = {
    name: Source(share, repeat, spend, _CHURN[name], *_SPEND.get(name, (None, None, {})))
    for name, (share, repeat, spend) in SOURCES.items()
}
LOSES = "tiktok"  # what a customer brings in a year stays below the price of one
SPEND_SPREAD = 0.6  # of the logarithm of spend between flights of 1 to 6 weeks

# country -> share of customers, size of an order against the average
COUNTRIES = {"DE": (0.55, 1.0), "AT": (0.12, 1.0), "CH": (0.08, 1.25)}
COUNTRIES |= {"FR": (0.12, 0.95), "NL": (0.08, 1.05), "ES": (0.05, 0.85)}
# type of customer -> share of customers, size of an order against the average
TYPES = {"private": (0.92, 1.0), "business": (0.08, 1.8)}
# first product -> how often its buyers come back against others
FIRST_PRODUCTS = {"P001": 1.5, "P002": 0.6}

RATE_SHAPE, RATE_SCALE = 0.8, 0.02  # orders a day
CHURN_SHAPE, CHURN_SCALE = 1.6, 0.004  # chance to leave a day
LEVEL_SHAPE, LEVEL_SCALE = 4.0, 0.35  # size of an order
DISCOUNTS = (0.05, 0.1, 0.15, 0.2)
WHOLE_REFUND = 0.75  # of refunds; the others are half

LEADS = 0.08  # people who never order, for each who does
UNLISTED = 0.005  # of buyers who are not in the table of customers
SUBSCRIBES = 0.15  # of buyers
SAME_DAY, LAG = 0.85, 2.5  # share who order on the day of the first touch; days of the others
LAST_TOUCH_SAME_FIRST, LAST_TOUCH_SAME = 0.88, 0.45  # orders that carry the first-touch source

CHAT_OFFER = 0.5  # of customers, at random, who are offered a chat
CHAT_UPLIFT = 1.4  # what the offer does to how often they come back
SLOW_CHURN = 1.3  # what a slow first response does to how fast they leave


@dataclass(frozen=True)
class Channel:
    """A way to talk: share of conversations, waits in seconds of business time.

    Attributes:
        response: median wait for a person's first reply.
        resolution: median time from the end of a conversation to its ticket's solution.
        gap: mean time between messages. handle: median working time. fee: of a conversation.
        bot, missed: share that a bot opens; share of those who want a person and get none.
    """

    share: float
    response: float
    resolution: float
    gap: float
    handle: float
    fee: float
    bot: float = 0.0
    missed: float = 0.0


CHANNELS = {
    "web": Channel(0.40, 75.0, 3_600.0, 50.0, 260.0, 0.0, bot=0.6, missed=0.07),
    "whatsapp": Channel(0.22, 240.0, 5_400.0, 120.0, 240.0, 0.08, bot=0.5, missed=0.04),
    "email": Channel(0.28, 14_400.0, 21_600.0, 7_200.0, 420.0, 0.0),
    "instagram": Channel(0.10, 900.0, 7_200.0, 300.0, 200.0, 0.0),
}
PHONE = 0.08  # tickets that came by phone, for each that came from a conversation
RESPONSE_SPREAD = 0.9  # of the logarithm of the wait
RESOLUTION_SPREAD = 1.0
BOT_SOLVES = 0.35  # of conversations that a bot opens
BOT_FEE = 0.03
HOURLY = 27.0  # an hour of an agent
OPENS, CLOSES = 9, 18  # o'clock UTC, Monday to Friday
REOPENED = 0.12
CLOSED_AFTER = 4 * DAY
ANONYMOUS = 0.04  # conversations of nobody known
PRIORITIES = {"low": 0.2, "normal": 0.55, "high": 0.18, "urgent": 0.07}
# priority -> seconds of business time promised for first response and resolution
PROMISES = {
    "low": (14_400, 162_000),
    "normal": (7_200, 97_200),
    "high": (3_600, 32_400),
    "urgent": (1_800, 14_400),
}


@dataclass(frozen=True)
class Question:
    """A survey: scale, share asked, share of those who answer, and the score before rounding.

    The score is `mean - slope * wait + noise * e`, rounded and kept on the scale; `wait` is the
    standard normal place of the first response among those of its channel, and so is e.
    """

    low: int
    high: int
    asked: float
    answers: float
    mean: float
    slope: float
    noise: float


SURVEYS = {
    "csat": Question(1, 5, 0.7, 0.38, 4.1, 0.45, 0.8),
    "ces": Question(1, 7, 0.25, 0.3, 5.4, 0.4, 1.2),
    "nps": Question(0, 10, 0.5, 0.22, 7.8, 0.0, 2.1),
}
NPS_AFTER = 45  # days after the first order

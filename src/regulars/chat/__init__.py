"""Chat: what conversations, messages, tickets and surveys say about serving customers."""

from regulars.chat.hours import ALWAYS as ALWAYS
from regulars.chat.hours import BusinessHours as BusinessHours
from regulars.chat.metrics import measure as measure

"""Catalogue: name, title, unit and shared definition of every metric, in reading order."""

from __future__ import annotations

from typing import NamedTuple

VOLUME, SPEED, RESOLUTION = "volume", "speed", "resolution"
BOTS, SATISFACTION, PROMISES, EFFORT = "bots", "satisfaction", "promises", "effort"
BUSINESS = "_business"  # what the names of times in business hours end on


class Entry(NamedTuple):
    """What a metric is called, what it tells of, its unit, and what it is in every dialect."""

    title: str
    family: str
    unit: str
    definition: str = ""


CATALOGUE: dict[str, Entry] = {
    "conversations": Entry(
        "Conversations", VOLUME, "count", "Conversations that began in the time."
    ),
    "messages": Entry(
        "Messages",
        VOLUME,
        "count",
        "Public messages of customers, agents and bots in the time; notes are not counted.",
    ),
    "tickets_created": Entry("Tickets created", VOLUME, "count", "Tickets created in the time."),
    "tickets_solved": Entry(
        "Tickets solved",
        VOLUME,
        "count",
        "Tickets whose last solution fell in the time and still stands, whenever they were "
        "created.",
    ),
    "contact_rate": Entry(
        "Contact rate per 100 customers",
        VOLUME,
        "rate",
        "{Cases} created per 100 active customers; the number of customers is given from outside.",
    ),
    "contact_rate_orders": Entry(
        "Contact rate per 100 orders",
        VOLUME,
        "rate",
        "{Cases} created per 100 orders; the number of orders is given from outside.",
    ),
    "first_response_time": Entry("First response time", SPEED, "seconds"),
    "reply_time": Entry("Reply time", SPEED, "seconds"),
    "first_resolution_time": Entry("First resolution time", RESOLUTION, "seconds"),
    "full_resolution_time": Entry("Full resolution time", RESOLUTION, "seconds"),
    "requester_wait_time": Entry("Requester wait time", SPEED, "seconds"),
    "one_touch_rate": Entry(
        "One-touch rate",
        RESOLUTION,
        "share",
        "Share of solved {cases} with exactly one public reply of an agent.",
    ),
    "first_contact_resolution": Entry(
        "First-contact resolution",
        RESOLUTION,
        "share",
        "Share of solved {cases} that were never opened again and whose customer came with no "
        "other one within {days} days of the solution. A solution younger than that is pending.",
    ),
    "reopen_rate": Entry(
        "Reopen rate",
        RESOLUTION,
        "share",
        "Share of {cases} solved at least once that were opened again.",
    ),
    "resolution_rate": Entry(
        "Resolution rate",
        RESOLUTION,
        "share",
        "Share of the {cases} created in the time that are solved at its end; those created last "
        "have had less time.",
    ),
    "resolved_within_7_days": Entry(
        "Solved within 7 days",
        RESOLUTION,
        "share",
        "Share of {cases} first solved within 7 days, estimated with open ones counted for as "
        "long as they have been watched (Kaplan-Meier).",
    ),
    "escalation_rate": Entry(
        "Escalation rate",
        RESOLUTION,
        "share",
        "Share of {cases} that went up to another level.",
    ),
    "backlog": Entry("Backlog", RESOLUTION, "count", "{Cases} still open at the end of the time."),
    "bot_handover_rate": Entry("Bot hand-over rate", BOTS, "share"),
    "bot_resolution_rate": Entry("Bot resolution rate", BOTS, "share"),
    "self_service_ratio": Entry("Self-service ratio", BOTS, "ratio"),
    "csat": Entry(
        "CSAT",
        SATISFACTION,
        "share",
        "Share of answers of 4 or 5 among all answers of 1 to 5, by the day the question was sent.",
    ),
    "csat_mean": Entry("CSAT, mean", SATISFACTION, "score", "Mean of the answers of 1 to 5."),
    "csat_response_rate": Entry(
        "CSAT response rate",
        SATISFACTION,
        "share",
        "Answers per CSAT question sent; not told where the table holds answers only.",
    ),
    "nps": Entry(
        "NPS",
        SATISFACTION,
        "points",
        "Share of promoters (9 and 10) less share of detractors (0 to 6) among all answers of 0 "
        "to 10, times 100.",
    ),
    "nps_response_rate": Entry(
        "NPS response rate",
        SATISFACTION,
        "share",
        "Answers per NPS question sent; not told where the table holds answers only.",
    ),
    "ces": Entry(
        "CES, mean",
        SATISFACTION,
        "score",
        "Customer effort score: mean of the answers of 1 (very difficult) to 7 (very easy).",
    ),
    "ces_share": Entry(
        "CES, found it easy", SATISFACTION, "share", "Share of answers of 5 to 7 among 1 to 7."
    ),
    "ces_response_rate": Entry(
        "CES response rate",
        SATISFACTION,
        "share",
        "Answers per CES question sent; not told where the table holds answers only.",
    ),
    "sla_first_response": Entry(
        "First response on time",
        PROMISES,
        "share",
        "Share of {cases} with a promise whose first response came within it, in business hours. "
        "One still waiting past it is missed, one still within it is pending.",
    ),
    "sla_resolution": Entry(
        "Resolution on time",
        PROMISES,
        "share",
        "Share of {cases} with a promise that were solved for good within it, in business hours. "
        "One still open past it is missed, one still within it is pending.",
    ),
    "handle_time": Entry(
        "Handle time",
        EFFORT,
        "seconds",
        "Time that agents worked on a {case}, as the help desk recorded it.",
    ),
    "missed": Entry(
        "Missed chats",
        EFFORT,
        "count",
        "Conversations in which a person was wanted and nobody came before the customer left.",
    ),
    "missed_rate": Entry(
        "Missed chat rate",
        EFFORT,
        "share",
        "Missed chats per conversation in which a person was wanted; those that a bot dealt with "
        "alone are left out.",
    ),
    "cost_per_resolution": Entry(
        "Cost per resolution",
        EFFORT,
        "money",
        "Cost of the {cases} created in the time, solved or not, per one that is solved.",
    ),
    "cost_per_conversation": Entry(
        "Cost per conversation",
        EFFORT,
        "money",
        "Mean cost of the conversations that began in the time, of those whose cost is known.",
    ),
    "cases_per_agent": Entry(
        "Load per agent",
        EFFORT,
        "score",
        "{Cases} created in the time per agent who had any.",
    ),
    "retention_after_service": Entry(
        "Ordered again after a contact",
        EFFORT,
        "share",
        "Share of customers who ordered within 90 days of their contact. Who contacts a shop is no "
        "chance: the difference from customers without a contact is an association.",
    ),
}
IN_BUSINESS_HOURS = (
    "first_response_time",
    "reply_time",
    "first_resolution_time",
    "full_resolution_time",
)
FAMILIES = (VOLUME, SPEED, RESOLUTION, SATISFACTION, PROMISES, BOTS, EFFORT)


def entry(name: str) -> Entry:
    """The entry of a metric, of a time in business hours too."""
    if not name.endswith(BUSINESS):
        return CATALOGUE[name]
    plain = CATALOGUE[name.removesuffix(BUSINESS)]
    return plain._replace(title=f"{plain.title}, business hours")

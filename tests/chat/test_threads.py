"""Who waited for whom: messages in order against a reader who goes line by line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.tables import said, table
from regulars.chat.threads import agent_messages, customer_waits, first_reply, rows_of, thread
from regulars.terms.service import Messages

START = np.datetime64("2025-03-03T09:00:00")
LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["customer", "agent", "bot", "system", "note"]),
    ),
    max_size=25,
)


def talk(lines):
    """Messages a minute apart; `note` is an agent's that is not public."""
    rows = [
        {
            "conversation_id": key,
            "sender": "agent" if who == "note" else who,
            "public": who != "note",
            "sent_at": START + np.timedelta64(i, "m"),
        }
        for i, (key, who) in enumerate(lines)
    ]
    return table(Messages, rows)


def line_by_line(lines, bots_answer):
    """(conversation, asked, answered or None, first) as somebody would count them by hand."""
    asked: dict[str, int] = {}
    answered_before: dict[str, bool] = {}
    found = []
    for i, (key, who) in enumerate(lines):
        if who == "customer":
            asked.setdefault(key, i)
        elif who == "agent":
            if key in asked:
                found.append((key, asked.pop(key), i, not answered_before.get(key, False)))
            answered_before[key] = True
        elif who == "bot" and bots_answer:
            asked.pop(key, None)
    rest = [(key, i, None, not answered_before.get(key, False)) for key, i in asked.items()]
    return sorted(found + rest, key=str)


@given(LINES, st.booleans(), st.randoms())
def test_waits_are_those_counted_by_hand(lines, bots_answer, shuffle):
    messages = talk(lines)
    order = list(range(len(lines)))
    shuffle.shuffle(order)
    mixed = Messages(**{name: column[order] for name, column in vars(messages).items()})
    held = thread(mixed)
    waits = customer_waits(held, bots_answer)

    def minute(moment):
        return None if np.isnat(moment) else int((moment - START) / np.timedelta64(1, "m"))

    found = [
        (held.conversation_id[row], minute(a), minute(b), bool(first))
        for row, a, b, first in zip(waits.row, waits.start, waits.stop, waits.first, strict=True)
    ]
    assert sorted(found, key=str) == line_by_line(lines, bots_answer)


@given(LINES, st.integers(0, 25), st.booleans())
def test_first_reply_is_the_first_after_the_start(lines, since, skip):
    held = thread(talk(lines))
    keys = np.array(["a", "b", "c", "nobody"], object)
    start = np.full(4, START + np.timedelta64(since, "m"))
    found = first_reply(held, rows_of(keys, held.conversation_id), start, skip)
    for key, moment in zip(keys, found, strict=True):
        heard = [
            i
            for i, (conversation, who) in enumerate(lines)
            if conversation == key and who in ("customer", "agent", "bot")
        ]
        said_ = [i for i in heard if lines[i][1] == "agent" and not (skip and i == heard[0])]
        after = [i for i in said_ if i >= since]
        expected = START + np.timedelta64(after[0], "m") if after else np.datetime64("NaT")
        assert moment == expected or (np.isnat(moment) and np.isnat(expected))


def test_notes_and_orphans_are_not_heard():
    rows = said("c", "09:00 customer", "09:05 agent note", "09:10 agent")
    rows += [{"sender": "agent", "sent_at": START}, {"conversation_id": "c", "sender": "agent"}]
    held = thread(table(Messages, rows))
    assert len(held) == 2
    assert agent_messages(held).tolist() == [1]


@pytest.mark.parametrize("ids", [[], [None], ["x", None, "y"]])
def test_rows_of_what_is_not_there(ids):
    keys = np.array(["y", None, "z"], object)
    found = rows_of(np.array(ids, object), keys)
    assert found.tolist() == [{"y": 0}.get(key, -1) for key in ids]

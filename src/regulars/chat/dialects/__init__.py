"""Dialects: how each help desk counts, one file a help desk."""

from regulars.chat.dialects.base import Dialect
from regulars.chat.dialects.chatwoot import Chatwoot
from regulars.chat.dialects.zendesk import Zendesk
from regulars.terms.errors import InputError

DIALECTS: dict[str, Dialect] = {held.name: held for held in (Zendesk(), Chatwoot())}


def dialect_named(name: str) -> Dialect:
    """A dialect by its name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in DIALECTS:
        raise InputError(f"'{name}' is no dialect.", f"Choose {' or '.join(DIALECTS)}.")
    return DIALECTS[name]

"""Which column of a table of subscriptions means what: usual spellings, and the user's own map."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regulars.data.mapping import key, read_mapping
from regulars.terms.errors import ColumnError

# Spellings without case, blanks and punctuation, best first; Stripe's export is among them.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "customer_id": (
        *("customerid", "custid", "customerno", "customernumber", "clientid", "userid", "uid"),
        *("accountid", "memberid", "subscriberid", "buyerid", "contactid", "customer", "client"),
        *("user", "account", "member", "subscriber", "company", "companyid", "tenant"),
        *("customeremail", "email", "emailaddress", "useremail", "customername"),
        *("kundennummer", "kundennr", "kundenid", "kunde", "idclient", "idcliente", "klantid"),
    ),
    "subscription_id": (
        *("subscriptionid", "subid", "subscription", "contractid", "contractno", "contract"),
        *("agreementid", "membershipid", "planinstanceid", "id", "vertragsnummer", "abonummer"),
    ),
    "started": (
        *("started", "startedat", "start", "startdate", "startutc", "startdateutc"),
        *("subscriptionstart", "subscriptionstartdate", "subscribedat", "activatedat"),
        *("activationdate", "begin", "begindate", "beginn", "contractstart", "validfrom"),
        *("from", "datefrom", "signupdate", "signedupat", "joined", "joindate", "since"),
        *("createdutc", "createdat", "created", "startdatum", "vertragsbeginn", "datedebut"),
        *("fechainicio", "datainizio"),
    ),
    "ended": (
        *("ended", "endedat", "endedatutc", "end", "enddate", "subscriptionend", "cancelled"),
        *("subscriptionenddate", "cancelledat", "canceledat", "canceledatutc", "cancelledatutc"),
        *("canceled", "canceldate", "cancellationdate", "churnedat", "churndate", "churned"),
        *("terminated", "terminatedat", "terminationdate", "expiredat", "expirydate", "validto"),
        *("to", "dateto", "until", "leftat", "enddatum", "vertragsende", "datefin", "fechafin"),
    ),
    "amount": (
        *("amount", "price", "planamount", "unitamount", "recurringamount", "charge", "fee"),
        *("subscriptionamount", "subscriptionprice", "planprice", "value", "revenue", "total"),
        *("contractvalue", "mrr", "monthlyamount", "betrag", "preis", "montant", "importe"),
    ),
    "billing_period": (
        *("billingperiod", "billinginterval", "billingcycle", "billingfrequency", "interval"),
        *("period", "frequency", "cycle", "term", "planinterval", "recurrence", "billing"),
        *("abrechnungszeitraum", "laufzeit", "intervall", "zahlweise"),
    ),
    "period_count": ("intervalcount", "periodcount", "billingintervalcount", "planintervalcount"),
    "plan": (
        *("plan", "planname", "planid", "product", "productname", "tier", "package", "sku"),
        *("membershiptype", "subscriptiontype", "edition", "tarif", "paket", "abo", "forfait"),
    ),
    "trial_end": (
        *("trialend", "trialendutc", "trialendsat", "trialenddate", "trialenddateutc"),
        *("trialuntil", "endoftrial", "probeende", "testende"),
    ),
    "status": ("status", "subscriptionstatus", "state", "contractstatus"),
    "paused": ("paused", "pausedat", "pausestart", "pausedfrom", "pausedon", "frozenat"),
    "resumed": ("resumed", "resumedat", "resumesat", "pauseend", "pauseduntil", "resumedon"),
    "currency": ("currency", "currencycode", "planccurrency", "isocurrency", "waehrung"),
    "source": ("source", "acquisitionsource", "utmsource", "channel", "acquisitionchannel"),
}
FIELDS = tuple(SPELLINGS)
NEEDED = ("customer_id", "started", "ended", "amount")
DATES = ("started", "ended", "trial_end", "paused", "resumed")
_OPTIONS = {
    "customer": "customer_id",
    "start": "started",
    "end": "ended",
    "period": "billing_period",
}
_HINTS = {
    "customer_id": "who|user|cust|client|buyer|member|account",
    "started": "start|begin|from|since|sign|join|creat",
    "ended": "end|cancel|churn|until|term|left|stop",
    "amount": "amount|price|fee|mrr|value|charge",
}


@dataclass(frozen=True)
class SubscriptionColumns:
    """Fields and the columns they were found in; `notes` for the reader of the audit."""

    fields: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def utc(self, field: str) -> bool:
        """Whether a date column says in its name that it is UTC."""
        return key(self.fields.get(field, "")).endswith("utc")


def find_subscription_columns(
    columns: Iterable[str],
    mapping: Mapping[str, str | None] | None = None,
    *,
    what: str = "subscriptions",
) -> SubscriptionColumns:
    """Find the fields of a table of subscriptions among its columns.

    `mapping` (field -> column) wins over any guess; a field mapped to None or 'none' is left out,
    a needed one too: without `ended` all still run, without `amount` payments are counted.

    Raises:
        ColumnError: a needed column is absent, or the mapping names what is not there.
    """
    names = list(columns)
    fields, dropped = read_mapping(
        mapping, names, FIELDS, what=what, row="a subscription", other_names=_OPTIONS, once=True
    )
    if "customer_id" in dropped or "started" in dropped:
        raise ColumnError("Subscriptions need customer_id and started.", "Map both to columns.")
    notes: list[str] = []
    for field, spellings in SPELLINGS.items():
        if field in fields or field in dropped:
            continue
        taken = set(fields.values())
        free = [name for name in names if name not in taken]
        found = [name for spelling in spellings for name in free if key(name) == spelling]
        if found:
            fields[field] = found[0]
            if len(found) > 1 and field in NEEDED:
                others = ", ".join(repr(name) for name in found[1:])
                notes.append(f"{field} is taken from {found[0]!r}; {others} could be it too.")
    missing = [field for field in NEEDED if field not in fields and field not in dropped]
    if missing:
        raise _lacking(missing, fields, names, what)
    return SubscriptionColumns(fields, tuple(notes))


def _lacking(
    missing: list[str], fields: Mapping[str, str], names: list[str], what: str
) -> ColumnError:
    free = [name for name in names if name not in fields.values()]

    def example(field: str) -> str:
        likely = [name for name in free if re.search(_HINTS[field], name, re.IGNORECASE)]
        name = likely[0] if likely else "COLUMN"
        return name if re.fullmatch(r"\w+", name) else f'"{name}"'

    flags = " ".join(f"--map {field}={example(field)}" for field in missing)
    hint = " (or --map ended=none if all still run)" * ("ended" in missing)
    hint += " (or --map amount=none to count payments without money)" * ("amount" in missing)
    return ColumnError(
        f"{what} lack {' and '.join(missing)}. Columns found: {', '.join(names) or 'none'}.",
        f"Map yours: {flags}{hint}",
    )

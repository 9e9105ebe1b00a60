"""Which column of a table of ad spend means what: known exports, usual spellings, a user's map."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regulars.data.amounts import CODES
from regulars.data.mapping import Map, key, read_mapping
from regulars.terms.errors import ColumnError

FIELDS = ("date", "start", "end", "source", "campaign", "cost", "currency")
MONTHLY = frozenset({"month", "monat", "mois", "mes", "mese", "maand", "yearmonth", "monthyear"})
WEEKLY = frozenset({"week", "woche", "semaine", "semana", "isoweek", "weekstart", "weekof"})
WEEKLY |= {"weekstarting", "weekcommencing", "weekbeginning", "yearweek"}
# Spellings without case, blanks and punctuation, best first.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "date": (
        *("day", "date", "spentat", "spenton", "spenddate", "costdate", "segmentsdate"),
        *("reportdate", "datum", "tag", "fecha", "jour", "dia", "data"),
        *sorted(WEEKLY - {"weekstart"}),
        *("weekstart", "segmentsweek"),
        *sorted(MONTHLY),
        *("segmentsmonth", "period"),
    ),
    "start": (
        *("reportingstarts", "from", "start", "startdate", "datefrom", "datestart", "von", "begin"),
        *("periodstart", "starts", "startedat"),
    ),
    "end": (
        *("reportingends", "to", "end", "enddate", "dateto", "datestop", "bis", "until"),
        *("periodend", "ends", "endedat"),
    ),
    "source": (
        *("source", "utmsource", "acquisitionsource", "trafficsource", "marketingsource"),
        *("platform", "adplatform", "channel", "marketingchannel", "medium", "utmmedium"),
        *("provider", "publisher", "quelle", "kanal", "canal"),
    ),
    "campaign": (
        *("campaign", "campaignname", "utmcampaign", "kampagne", "campagne", "campana"),
        *("campaignid",),
    ),
    "cost": (
        *("cost", "spend", "amountspent", "adspend", "adcost", "spent", "amount", "costmicros"),
        *("metricscostmicros", "totalcost", "totalspend", "mediacost", "mediaspend", "budgetspent"),
        *("costs", "kosten", "ausgaben", "coste", "depense", "cout"),
    ),
    "currency": ("currencycode", "currency", "accountcurrency", "customercurrencycode", "wahrung"),
}
_MICROS = frozenset({"costmicros", "metricscostmicros"})
_OPTIONS = {"from": "start", "to": "end", "spend": "cost", "amount": "cost"}
_GOOGLE = frozenset({"impr", "avgcpc", "avgcost", "costconv", "convrate", "campaignstatus"})
_GOOGLE |= {"campaigntype", "interactionrate", "campaignstate", *_MICROS}
_META = frozenset({"reportingstarts", "reportingends", "campaignname", "adsetname", "reach"})


@dataclass(frozen=True)
class Platform:
    """An export that is known by its columns; `source` names its spend where no column does."""

    source: str
    title: str


GOOGLE_ADS = Platform("google_ads", "a Google Ads report")
META_ADS = Platform("meta", "a Meta Ads report")


@dataclass(frozen=True)
class CostColumns:
    """Fields and the columns they were found in.

    currency: the code that the cost column carries in its name, '' where it has none.
    micros: whether costs are counted in millionths of a unit.
    """

    fields: Mapping[str, str]
    platform: Platform | None
    currency: str
    micros: bool
    notes: tuple[str, ...]

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    @property
    def every(self) -> str | None:
        """`month` or `week` where the name of the date column says so."""
        name = key(self.fields.get("date", "")).removeprefix("segments")
        return "month" if name in MONTHLY else "week" if name in WEEKLY else None


def is_cost_header(names: Iterable[str]) -> bool:
    """Whether cells of a line name a cost and something that dates it or says what for."""
    names = list(names)
    dated = any(_claims(field, names) for field in ("date", "start", "campaign", "source"))
    return len(names) > 1 and dated and bool(_claims("cost", names))


def find_cost_columns(
    columns: Iterable[str],
    mapping: Map | None = None,
    *,
    what: str = "costs",
    dated: bool = False,
) -> CostColumns:
    """Find the fields of a table of ad spend among its columns.

    `mapping` (field -> column) wins over any guess; a field mapped to None or 'none' is left out.
    `dated` says that the days are known without a column.

    Raises:
        ColumnError: no date or no cost is found, or the mapping names what is not there.
    """
    names = list(columns)
    fields, dropped = read_mapping(
        mapping, names, FIELDS, what=what, row="a cost", flag="--cost-map ", other_names=_OPTIONS
    )
    platform = _platform(names)
    notes = [] if platform is None else [f"Read as {platform.title}."]
    for field in FIELDS:
        if field in fields or field in dropped:
            continue
        if field == "source" and platform is not None:
            continue  # what a platform calls network or channel is a part of itself
        free = [name for name in names if name not in fields.values()]
        found = _claims(field, free)
        if found:
            fields[field] = found[0]
    if "date" in fields:
        fields = {
            field: column for field, column in fields.items() if field not in ("start", "end")
        }
    missing = [] if dated or "date" in fields or "start" in fields else ["date"]
    missing += [] if "cost" in fields else ["cost"]
    if missing:
        flags = " ".join(f"--cost-map {field}=COLUMN" for field in missing)
        raise ColumnError(
            f"{what} lack {' and '.join(missing)}. Columns found: {', '.join(names) or 'none'}.",
            f"Map yours: {flags}",
        )
    cost = key(fields["cost"])
    return CostColumns(fields, platform, _code(fields["cost"]), cost in _MICROS, tuple(notes))


def _claims(field: str, names: list[str]) -> list[str]:
    """Columns that are called like the field, best spelling first."""
    keys = {name: _bare(name) if field == "cost" else key(name) for name in names}
    return [name for spelling in SPELLINGS[field] for name in names if keys[name] == spelling]


def _bare(name: str) -> str:
    """A cost column's key without the currency that it carries: `Amount spent (EUR)`."""
    whole, code = key(name), _code(name)
    return whole.removesuffix(code.lower()) if code else whole


def _code(name: str) -> str:
    found = re.search(rf"(?:^|[\s_(\[-])({CODES})[)\]\s]*$", name.strip(), re.IGNORECASE)
    return found[1].upper() if found else ""


def _platform(names: list[str]) -> Platform | None:
    keys = {key(name) for name in names}
    if any(name.startswith("amountspent") for name in keys) and keys & _META:
        return META_ADS
    if keys & {"cost", *_MICROS} and keys & _GOOGLE:
        return GOOGLE_ADS
    return None

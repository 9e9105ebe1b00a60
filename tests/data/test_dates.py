"""Dates in the shapes that exports use, in the business's time zone."""

import datetime as dt
import zoneinfo

import pyarrow as pa
import pytest

from data.shop import TODAY, orders_of, read_text
from regulars.data import read_orders, summarise
from regulars.data.dates import ambiguous_sql, date_sql, read_dates
from regulars.data.engine import connect
from regulars.terms.errors import FormatError, InputError


def _read(
    *texts: str, date_format: str | None = None, timezone: str = "UTC", in_utc: bool = False
) -> list[str | None]:
    """Each text as an ISO time, None where unreadable, '?' where ambiguous."""
    with connect(threads=1) as engine:
        relation = engine.relation(pa.table({"when": list(texts)}))
        how = read_dates(engine, relation, "when", date_format)
        table = engine.query(
            f"SELECT {date_sql('when', how, timezone, in_utc)} AS x,"
            f" {ambiguous_sql('when', how)} AS unclear FROM {relation}"
        )
        return [
            "?" if unclear else None if x is None else x.isoformat()
            for x, unclear in zip(*(c.to_pylist() for c in table.columns), strict=True)
        ]


def test_iso_and_its_cousins() -> None:
    texts = ["2024-01-05", "2024-01-05 10:20", "2024-01-05T10:20:30.5", "2024/1/5", "20240105"]
    assert _read(*texts) == [
        "2024-01-05T00:00:00",
        "2024-01-05T10:20:00",
        "2024-01-05T10:20:30.500000",
        "2024-01-05T00:00:00",
        "2024-01-05T00:00:00",
    ]


def test_offsets_move_the_time_and_are_never_dropped() -> None:
    texts = ["2024-01-05 23:30:00+02:00", "2024-01-05T23:30Z", "2024-01-05 23:30:00 -0500"]
    texts += ["2024-01-05 23:30:00+05:30", "2024-01-05T23:30:00-05", "2024-01-05 23:30 UTC"]
    assert _read(*texts, timezone="Europe/Berlin") == [
        "2024-01-05T22:30:00",
        "2024-01-06T00:30:00",
        "2024-01-06T05:30:00",
        "2024-01-05T19:00:00",
        "2024-01-06T05:30:00",
        "2024-01-06T00:30:00",
    ]
    assert _read("2024-07-05T23:30Z", timezone="Europe/Berlin") == ["2024-07-06T01:30:00"]
    assert _read("2024-01-05 23:30", timezone="Europe/Berlin") == ["2024-01-05T23:30:00"]
    assert _read("2024-01-05 23:30", timezone="Europe/Berlin", in_utc=True) == [
        "2024-01-06T00:30:00"
    ]


def test_month_names_epochs_and_spreadsheet_days() -> None:
    assert _read("Jan 5, 2024", "5 January 2024", "Fri, 05 Jan 2024 10:00:00 GMT", "5-Jan-24") == [
        "2024-01-05T00:00:00",
        "2024-01-05T00:00:00",
        "2024-01-05T10:00:00",
        "2024-01-05T00:00:00",
    ]
    assert _read("1704456000", "1704456000000", "45000.5") == [
        "2024-01-05T12:00:00",
        "2024-01-05T12:00:00",
        "2023-03-15T12:00:00",
    ]


def test_the_column_tells_days_from_months() -> None:
    assert _read("03/04/2024", "13/04/2024") == ["2024-04-03T00:00:00", "2024-04-13T00:00:00"]
    assert _read("03/04/2024", "04/13/2024") == ["2024-03-04T00:00:00", "2024-04-13T00:00:00"]
    assert _read("3.4.2024", "2024-01-01")[0] == "2024-04-03T00:00:00"
    assert _read("5/13/24 7:45 PM", "5/1/24 12:10 am") == [
        "2024-05-13T19:45:00",
        "2024-05-01T00:10:00",
    ]
    assert _read("03/04/2024", date_format="mdy") == ["2024-03-04T00:00:00"]
    assert _read("03/04/2024", date_format="dmy") == ["2024-04-03T00:00:00"]
    assert _read("05/05/2024") == ["2024-05-05T00:00:00"]


def test_contradictions_are_left_open() -> None:
    assert _read("13/04/2024", "04/25/2024", "03/04/2024", "5/5/2024") == [
        "2024-04-13T00:00:00",
        "2024-04-25T00:00:00",
        "?",
        "2024-05-05T00:00:00",
    ]
    many = ["14/04/2024"] * 30
    assert _read(*many, "04/25/2024", "03/04/2024")[-2:] == ["?", "2024-04-03T00:00:00"]


def test_an_undecidable_column_names_both_readings_and_the_flag() -> None:
    with pytest.raises(FormatError, match="day first or month first") as caught:
        _read("03/04/2024", "2024-01-01")
    assert "--date-format dmy" in caught.value.fix
    with pytest.raises(FormatError, match="no order of dates"):
        _read("03/04/2024", date_format="ymd")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2024-02-30",
        "2024-13-01",
        "2024-01-05 25:00",
        "00/00/0000",
        "2024",
        "31.02.2024",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert _read(text, "2024-01-05")[0] is None


def test_three_formats_in_one_file_are_all_read(tmp_path) -> None:
    text = "customer_id,date,amount\na,2025-01-14,1\na,15/01/2025,1\na,16 Jan 2025,1\n"
    orders = read_text(tmp_path, text)
    assert orders.audit["rows_refused"] == 0
    assert summarise(orders, unit="day").last_order_age.tolist() == [2.0]


def test_days_before_1970_after_today_and_none_are_refused(tmp_path) -> None:
    text = "customer_id,date,amount\na,2025-01-14,1\nb,1969-12-31,1\nc,2026-07-01,1\nd,,1\ne,x,1\n"
    text += "f,2026-06-30 23:59:59,1\n"
    orders = read_text(tmp_path, text)
    assert orders.audit["refused"] == {
        "bad_date": 1,
        "before_1970": 1,
        "future_date": 1,
        "missing_date": 1,
    }
    typed = [
        {"customer_id": 1, "date": date, "amount": 1.0}
        for date in (dt.date(2025, 1, 1), dt.date(1960, 1, 1), TODAY + dt.timedelta(days=1), None)
    ]
    assert orders_of(typed).audit["refused"] == {
        "before_1970": 1,
        "future_date": 1,
        "missing_date": 1,
    }


def test_typed_columns_become_local_days() -> None:
    moment = dt.datetime(2025, 1, 1, 23, 30, tzinfo=dt.UTC)
    aware = [{"customer_id": 1, "date": moment, "amount": 1.0}]
    assert orders_of(aware, timezone="Europe/Berlin").bounds == (dt.date(2025, 1, 2),) * 2
    assert orders_of(aware).bounds == (dt.date(2025, 1, 1),) * 2
    for number in (20250101, 45658, 1735689600, 1735689600_000, 1735689600_000_000):
        rows = [{"customer_id": 1, "date": number, "amount": 1.0}]
        assert orders_of(rows).bounds == (dt.date(2025, 1, 1),) * 2, number
    with pytest.raises(FormatError, match="holds no dates"):
        orders_of([{"customer_id": 1, "date": 7, "amount": 1.0}])


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(InputError, match="no time zone"):
        orders_of([{"customer_id": 1, "date": 20250101, "amount": 1.0}], timezone="Mars/Base")


def test_today_is_the_day_where_the_business_is(tmp_path) -> None:
    """Fourteen hours east of Greenwich tomorrow has often begun already."""
    zone = zoneinfo.ZoneInfo("Pacific/Kiritimati")
    now = dt.datetime.now(zone).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    path = tmp_path / "orders.csv"
    path.write_text(f"customer_id,date,amount\na,{now},5\n")
    assert read_orders(path, timezone="Pacific/Kiritimati").audit["rows_refused"] == 0

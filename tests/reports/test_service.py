"""The service section: cards, tables, charts and definitions that agree with the metrics."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from chat.tables import service
from regulars.chat import BusinessHours, measure
from regulars.reports.charts import look
from regulars.reports.charts.export import to_svg
from regulars.reports.charts.service import ticks
from regulars.reports.exports.service import service_tables
from regulars.reports.pdf import render_pdf
from regulars.reports.sections.service import service_definitions, service_section
from regulars.reports.service_figures import service_figures
from regulars.reports.service_words import duration, ends, is_told, reached, shown
from regulars.terms.metrics import Metric

COLOURS = {look.INK, look.MUTED, look.GRID, look.SOFT, look.LINE, look.ACCENT, look.PAPER}
OFFICE = BusinessHours.parse("Mon-Fri 09:00-17:00")


def shop(**settings):
    """Eight weeks of tickets, some still open, with surveys and promises."""
    rng = np.random.default_rng(3)
    tickets, surveys = [], []
    start = np.datetime64("2025-01-06T00:00:00")
    for i in range(160):
        created = start + np.timedelta64(int(rng.integers(0, 56 * 86_400)), "s")
        reply = created + np.timedelta64(int(rng.exponential(7200)) + 30, "s")
        solved = reply + np.timedelta64(int(rng.exponential(200_000)), "s")
        done = bool(solved < np.datetime64("2025-03-03"))
        tickets.append(
            {
                "ticket_id": f"t{i}",
                "customer_id": f"c{rng.integers(90)}",
                "channel": "chat" if i % 3 else "<b>mail</b>",
                "agent_id": f"a{i % 5}",
                "status": "solved" if done else "open",
                "created_at": created,
                "first_response_at": reply,
                "solved_at": solved if done else None,
                "reopens": int(rng.random() < 0.1),
                "agent_replies": int(rng.integers(1, 4)),
                "handle_seconds": 300.0,
                "cost": 4.5,
                "first_response_target": 3600.0,
            }
        )
        surveys.append(
            {
                "survey_id": f"s{i}",
                "ticket_id": f"t{i}",
                "kind": ("csat", "nps", "ces")[i % 3],
                "sent_at": solved,
                "answered_at": solved if i % 2 else None,
                "score": float(rng.integers(1, 6)) if i % 2 else None,
            }
        )
    held = service(tickets, None, None, surveys, until=dt.date(2025, 3, 2), currency="EUR")
    return measure(held, **{"hours": OFFICE, "by": "channel", **settings})


@pytest.mark.parametrize("dialect", ["zendesk", "chatwoot"])
def test_the_page_shows_what_was_measured(dialect):
    metrics = shop(dialect=dialect)
    html = service_section(metrics, {})
    for name in ("first_response_time", "csat", "backlog", "sla_first_response"):
        assert shown(metrics[name], "EUR") in html, name
    assert shown(metrics["cost_per_resolution"], "EUR").startswith("€")
    assert shown(metrics["cost_per_resolution"], "EUR") in html
    assert "&lt;b&gt;mail&lt;/b&gt;" in html
    assert "<b>mail" not in html
    assert f"counted as {metrics.product} counts" in html


def test_every_term_leads_to_its_definition():
    html = service_section(shop(), {})
    led = set(re.findall(r'href="#(def-[^"]+)"', html))
    assert led
    assert led <= set(re.findall(r'id="(def-[^"]+)"', html))


def test_what_is_not_told_is_named_not_shown():
    metrics = shop()
    html = service_section(metrics, {})
    assert "Self-service ratio (needs sessions of the help centre)" in html
    keys = {key for key, _, _ in service_definitions(metrics)}
    assert "service-self-service-ratio" not in keys
    assert "nan" not in re.sub(r"<[^>]+>", " ", html).lower().split()


def test_a_service_with_hardly_anything_still_has_a_page():
    held = service(surveys=[{"kind": "nps", "sent_at": "2025-03-03T10:00:00", "score": 9}])
    html = service_section(measure(held))
    assert "NPS" in html
    assert "First response time," in html  # among what is not told


@pytest.mark.parametrize("size", [look.WIDE, look.NARROW], ids=["wide", "narrow"])
def test_charts_are_valid_and_themeable(size):
    style = resources.files("regulars.reports").joinpath("style.css").read_text("utf-8")
    figures = service_figures(shop())
    assert [f.name for f in figures] == ["service-backlog", "service-flow", "service-response"]
    for figure in figures:
        chart = figure.draw(size)
        assert chart.to_dict()["title"] == figure.title
        assert len(figure.body[0]) == len(figure.head)
        for kind, colour in re.findall(
            r'(fill|stroke)="(?!none|transparent)([^"]+)"', to_svg(chart, figure.name)
        ):
            assert colour in COLOURS | set(look.RAMP), (figure.name, colour)
            assert f'[{kind}="{colour}"]' in style, (figure.name, kind, colour)


def test_the_page_with_its_charts_becomes_a_pdf():
    html = service_section(shop())
    assert html.count("<figure") == 3
    pdf = render_pdf(html, "Service", dt.date(2025, 3, 2))
    assert pdf.startswith(b"%PDF")


def test_tables_hold_every_metric_and_tie_out():
    metrics = shop()
    tables = service_tables(metrics)
    assert tables["service_metrics"]["metric"].tolist() == [m.name for m in metrics.metrics]
    lengths = {name: {len(c) for c in columns.values()} for name, columns in tables.items()}
    assert all(len(found) == 1 for found in lengths.values()), lengths
    groups = tables["service_groups"]
    created = groups["value"][groups["metric"] == "tickets_created"].sum()
    assert created == tables["service_agents"]["cases"].sum() == 160
    last = tables["service_backlog"]["date"] == np.datetime64("2025-03-02")
    assert tables["service_backlog"]["open"][last].sum() == metrics["backlog"].value
    assert tables["service_cohorts"]["created"].sum() == 160
    assert tables["service_weeks"]["created"].sum() == 160  # eight whole weeks from a Monday


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (np.nan, "n/a"),
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (75, "1 min 15 s"),
        (3569, "59 min"),
        (3599, "1 h"),
        (3600 * 4 + 600, "4 h 10 min"),
        (86_400 * 2.3, "2.3 days"),
    ],
)
def test_durations_read_as_people_say_them(seconds, text):
    assert duration(seconds).replace("\u00a0", " ") == text


def test_what_was_not_reached_lies_beyond_the_longest_seen():
    metric = Metric("m", "M", "speed", "seconds", "A.", longest=7200.0, n=3, censored=3)
    assert reached(metric.median, metric) == "over 2\u00a0h"
    assert is_told(metric)
    assert not is_told(replace(metric, n=0))


@pytest.mark.parametrize(
    ("unit", "value", "low", "high", "text", "interval"),
    [
        ("share", 0.757, 0.728, 0.783, "76%", "73% to 78%"),
        ("points", 10.67, -4.8, 16.6, "11", "−5 to 17"),
        ("money", 1.66, 1.6, 1.7, "€1.66", "€1.60 to €1.70"),
        ("score", 4.033, 3.98, 4.09, "4.03", "3.98 to 4.09"),
        ("count", 1234.0, np.nan, np.nan, "1,234", ""),
    ],
)
def test_numbers_are_written_in_their_unit(unit, value, low, high, text, interval):
    metric = Metric("m", "M", "x", unit, "A.", value=value, low=low, high=high, n=9)
    assert shown(metric, "EUR") == text
    assert ends(metric, "EUR") == interval


@pytest.mark.parametrize(
    ("low", "high", "first", "last"),
    [(5, 50, 1, 60), (60, 60, 60, 600), (0.1, 1e12, 1, 365 * 86_400)],
)
def test_ticks_lie_around_what_is_drawn(low, high, first, last):
    found = ticks(low, high)
    assert (found[0], found[-1]) == (first, last)


def test_answers_alone_leave_no_place_without_a_number():
    """Surveys of NPS give no card: no empty row of them stands on the page or in the PDF."""
    asked = [
        {
            "survey_id": f"s{i}",
            "kind": "nps",
            "sent_at": np.datetime64("2024-01-01"),
            "answered_at": np.datetime64("2024-01-02"),
            "score": score,
        }
        for i, score in enumerate((10.0, 9.0, 5.0))
    ]
    html = service_section(measure(service(surveys=asked, until=dt.date(2024, 2, 1))))
    assert "tiles" not in html
    assert render_pdf(html, "Report", dt.date(2024, 2, 1)).startswith(b"%PDF")

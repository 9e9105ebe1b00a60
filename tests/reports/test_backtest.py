"""The page of a backtest: complete, closed, offline, with its numbers in words and pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import regulars as rg
from regulars.fitting.judge.scores import METRICS
from regulars.reports import judged
from regulars.reports.backtest import figures, print_backtest, render_backtest, write_backtest
from regulars.reports.charts import look
from regulars.reports.html import escape
from regulars.terms.errors import OutputError
from reports.test_page import LIMIT, Outline

pytestmark = pytest.mark.slow  # runs in .ci/run


@cache
def result():
    """A small shop judged from two origins, by one model and the baselines."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        rg.simulate_orders(customers=250, days=540, seed=2).write_csv(f"{folder}/orders.csv")
        orders = rg.read_orders(f"{folder}/orders.csv")
        found = rg.backtest(orders, horizon="20w", origins=2, models=["bg-nbd"], draws=20)
        orders.close()
    return found


@cache
def rendered() -> str:
    return render_backtest(result())


def moneyless():
    """The same with orders alone, from one origin."""
    (one,) = result().rounds[-1:]
    kept = tuple(found for found in one.judged if found.target == "orders")
    return replace(result(), rounds=(replace(one, judged=kept),), targets=("orders",), verdict={
        "orders": result().verdict["orders"]
    })  # fmt: skip


@cache
def plain() -> str:
    return render_backtest(moneyless())


@pytest.mark.parametrize("page", [rendered, plain], ids=["two", "one"])
def test_the_page_is_closed_alone_and_small(page):
    outline = Outline(page())
    assert outline.open == []
    assert [key for key, n in outline.ids.items() if n > 1] == []
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    bare = page().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|url\((?!#)", bare)
    assert len(page().encode()) < LIMIT
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|NaT", " ".join(outline.words))


def test_sections_stand_in_order():
    found = re.findall(r'<section id="([\w-]+)"', rendered())
    assert found == [
        "verdict", "scores-orders", "pictures-orders", "scores-value", "pictures-value",
        "origins", "definitions",
    ]  # fmt: skip


def test_every_score_is_shown_and_defined():
    for metric in METRICS:
        assert f'id="def-{metric.name}"' in rendered()
        assert rendered().count(f'href="#def-{metric.name}"') == 2
        assert escape(metric.meaning) in rendered()


def test_every_chart_is_described_and_has_its_numbers():
    found = re.findall(r"<figure.*?</figure>", rendered(), re.S)
    assert len(found) == 10
    for figure in found:
        assert figure.count("<svg") == 2
        assert "<details>" in figure
        assert re.search(r'role="img" aria-label="[^"]{40,}"', figure)


@pytest.mark.parametrize("size", [look.WIDE, look.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("place", range(5))
def test_every_chart_is_valid(place, size):
    figure = figures(result(), "value")[place]
    assert figure.draw(size).to_dict()["title"]


def test_every_colour_is_one_that_the_stylesheet_maps():
    known = {look.INK, look.MUTED, look.GRID, look.SOFT, look.LINE, look.ACCENT, look.PAPER}
    drawings = re.findall(r"<svg.*?</svg>", rendered(), re.S)
    colours = {c for svg in drawings for c in re.findall(r'(?:fill|stroke)="(#\w+)"', svg)}
    assert colours <= known


def test_panels_add_the_origins_up():
    for panel in judged.panels(result(), "orders", lambda one: one.deciles):
        came = sum(one.actual["orders"] for one in result().rounds)
        assert panel.groups.actual.sum() == pytest.approx(came)
        assert panel.groups.labels == tuple(str(i) for i in range(1, 11))
    (cohorts, *_) = judged.panels(result(), "value", lambda one: one.cohorts)
    assert list(cohorts.groups.labels) == sorted(cohorts.groups.labels)


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("bias", 0.1234, "+12.3%"),
        ("bias", -0.05, "−5.0%"),
        ("bias", 0.0, "0.0%"),
        ("gini", -0.0321, "−0.032"),
        ("coverage", 0.8999, "90.0%"),
        ("rmse", 1.23456, "1.235"),
        ("rmse", 1234.5, "1,234"),
        ("width", 12_345_678.0, "12.3M"),
        ("winkler", float("nan"), "n/a"),
        ("total_holds", 2 / 3, "67%"),
    ],
)
def test_scores_as_people_read_them(metric, value, text):
    assert judged.shown(metric, value) == text


def test_a_difference_of_nothing_has_no_sign():
    assert judged.measure(-0.00001) == "0.000"


def test_printed_lines_fit_eighty_columns(capsys):
    from rich.console import Console

    wild = dict.fromkeys(("mae", "rmse"), 12345.678) | {"one_time_bias": 98.76, "bias": -0.999}
    rounds = tuple(
        replace(
            one,
            judged=tuple(replace(f, scores={**f.scores, **wild}) for f in one.judged),
            failures={"trees": "They are not installed. " * 9},
        )
        for one in result().rounds
    )
    print_backtest(replace(result(), rounds=rounds), console=Console(width=80))
    printed = capsys.readouterr().out
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80
    assert "…" not in printed.split("Orders")[1].split("On orders")[0]
    assert "12,346" in printed
    assert "! From" in printed


def test_files_appear_whole(tmp_path):
    page = write_backtest(moneyless(), tmp_path / "new" / "folder")
    assert page.read_text("utf-8") == plain()
    assert sorted(path.name for path in page.parent.iterdir()) == [
        "backtest.html", "backtest.json", "scores.csv",
    ]  # fmt: skip
    (tmp_path / "file").write_text("here")
    with pytest.raises(OutputError):
        write_backtest(result(), tmp_path / "file")


def test_a_candidate_that_is_wildly_off_leaves_the_others_readable():
    rounds = tuple(
        replace(
            one,
            judged=tuple(
                replace(
                    found,
                    deciles=replace(found.deciles, expected=found.deciles.expected * 1e6),
                    scores={**found.scores, "bias": 1e6},
                )
                if found.candidate == "formula"
                else found
                for found in one.judged
            ),
        )
        for one in result().rounds
    )
    wild = replace(result(), rounds=rounds)
    deciles = figures(wild, "orders")[3].draw(look.WIDE).to_dict()
    tops = {
        layer["encoding"]["y"]["scale"]["domain"][1]
        for panel in deciles["concat"]
        for layer in panel["layer"]
        if "scale" in layer["encoding"]["y"]
    }
    most = max(
        float((p.groups.actual / p.groups.customers).max())
        for p in judged.panels(result(), "orders", lambda one: one.deciles)
    )
    assert len(tops) == 1
    assert most <= tops.pop() <= 2 * most
    assert np.isfinite(max(judged.ratios(wild, "orders")["formula"]))

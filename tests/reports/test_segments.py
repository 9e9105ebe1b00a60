"""Segments as a section, as tables, in the terminal and as one object."""

import io
import json
import re
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

import regulars as rg
from regulars.pipeline import value_base
from regulars.pipeline.segments import segment_customers
from regulars.reports.definitions import definitions
from regulars.reports.exports.segments import file_names, segments_tables
from regulars.reports.sections.segments import segments_figures, segments_section
from regulars.reports.segment_words import segment_definitions
from regulars.reports.segments import print_segments, segments_object, write_segments

RULES = {"<b>late</b>": "days_since > 60", "Late!": "days_since > 90", "late": "p_alive < 0.5"}


@pytest.fixture(scope="module")
def valued():
    orders = rg.read_orders(rg.simulate_orders(900, days=500, seed=5))
    return value_base(orders, model="pareto-nbd", margin=0.4)


@pytest.fixture(scope="module")
def found(valued):
    return segment_customers(valued, rules=RULES)


def test_the_section_names_every_group_once_and_escapes_what_users_wrote(found):
    html = segments_section(found)
    for group in found.rfm.groups:
        assert html.count(f">{group.name}<") >= 1
    assert "<b>late</b>" not in html
    assert "&lt;b&gt;late&lt;/b&gt;" in html
    assert not re.search(r"\bnan\b", html, re.IGNORECASE)
    assert "Segments look back at the orders there were" in html


def test_a_phone_shows_what_is_expected_and_at_risk(found):
    html = segments_section(found)
    told = re.findall(r'<small class="phone">(expected|at risk) [^<]*[0-9]', html)
    groups = sum(group.expected is not None for group in found.rfm.groups)
    assert told.count("at risk") == groups
    assert told.count("expected") > groups


def test_every_term_of_the_section_is_defined(valued, found):
    leads = set(re.findall(r'href="#def-([a-z-]+)"', segments_section(found)))
    told = {key for key, _, _ in (*definitions(valued.answer), *segment_definitions(found))}
    assert leads <= told


def test_shares_of_the_chart_are_those_of_the_table(found):
    (fig,) = segments_figures(found)
    assert [row[0] for row in fig.body] == [group.name for group in found.rfm.groups]
    assert sum(group.share for group in found.rfm.groups) == pytest.approx(1)
    assert sum(found.rfm.share_of_net(g) for g in found.rfm.groups) == pytest.approx(1)


def test_without_a_prediction_the_section_still_stands():
    frame = {"customer_id": ["a", "b"], "date": ["2024-01-01", "2024-02-01"], "amount": [5.0, 9.0]}
    import pyarrow as pa

    few = segment_customers(rg.read_orders(pa.table(frame)))
    html = segments_section(few)
    assert "Nothing could be predicted" in html
    assert "Personas" not in html
    told = {key for key, _, _ in segment_definitions(few)}
    assert set(re.findall(r'href="#def-([a-z-]+)"', html)) <= told
    assert not re.search(r"\bnan\b", html, re.IGNORECASE)


def test_without_amounts_orders_are_told():
    import pyarrow as pa

    frame = {"customer_id": ["a", "a", "b"], "date": ["2024-01-01", "2024-01-09", "2024-02-01"]}
    orders = rg.read_orders(pa.table(frame), map={"amount": None})
    html = segments_section(segment_customers(orders))
    assert ">Orders<" in html
    assert "Net revenue" not in html


def test_the_object_is_json_and_says_what_the_tables_say(found):
    whole = json.loads(json.dumps(segments_object(found), allow_nan=False))
    assert [g["name"] for g in whole["segments"]] == [g.name for g in found.rfm.groups]
    total = sum(group["net_revenue"] for group in whole["segments"])
    assert total == pytest.approx(found.rfm.net / 10_000)
    assert [audience["rule"] for audience in whole["audiences"]] == list(RULES.values())


def test_files_of_audiences_keep_their_letters():
    names = ["Stammgäste", "最近の顧客", "पुराने ग्राहक", "../x", "!!!", "最近の顧客!", "x" * 300]
    files = file_names(SimpleNamespace(name=name) for name in names)
    assert list(files.values())[:6] == [
        "stammgäste.csv",
        "最近の顧客.csv",
        "पुराने-ग्राहक.csv",
        "x.csv",
        "audience.csv",
        "最近の顧客-2.csv",
    ]
    assert len(files["x" * 300]) < 60


def test_files(found, tmp_path):
    write_segments(found, tmp_path / "out")
    names = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert {"segments.json", "audiences/late.csv", "audiences/late-2.csv"} <= names
    assert "audiences/b-late-b.csv" in names
    for name, columns in segments_tables(found).items():
        table = pq.read_table(tmp_path / "out" / "tables" / f"{name}.parquet")
        assert table.column_names == list(columns)
    assert len(set(file_names(found.audiences).values())) == 3
    again = tmp_path / "again"
    write_segments(found, again)
    for path in (tmp_path / "out").rglob("*.parquet"):
        assert path.read_bytes() == (again / path.relative_to(tmp_path / "out")).read_bytes()


def test_personas_have_profiles(found):
    table = segments_tables(found)["personas"]
    kept = len(found.personas.personas)
    assert (table["share_of_customers"][:kept] >= 0.01).all()
    assert np.isfinite(table["orders_each"][:kept]).all()


def test_the_terminal_tells_groups_and_risk(found):
    out = io.StringIO()
    print_segments(found, Console(file=out, width=110, highlight=False))
    text = out.getvalue()
    assert "Champions" in text
    assert "At risk since" in text
    assert "<b>late</b>" in text

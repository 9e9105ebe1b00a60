"""Charts: valid definitions, deterministic and themeable SVG, files with titles."""

from __future__ import annotations

import re

import pytest

from regulars.reports.charts import look
from regulars.reports.charts.export import to_png, to_svg, with_title
from regulars.reports.charts.growth import money_expression
from regulars.reports.charts.worth import band_names
from regulars.reports.figures import figures
from regulars.reports.page import write_report
from regulars.reports.tables import bands
from reports import sample

COLOURS = {look.INK, look.MUTED, look.GRID, look.SOFT, look.LINE, look.ACCENT, look.PAPER}


@pytest.mark.parametrize("size", [look.WIDE, look.NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", [figure.name for figure in figures(sample.shop())])
def test_every_chart_is_valid_and_carries_its_title(name, size):
    figure = next(f for f in figures(sample.shop()) if f.name == name)
    spec = figure.draw(size).to_dict()
    assert spec["title"]
    assert spec["width"] == size.width


def test_every_colour_is_one_that_the_stylesheet_maps():
    from importlib import resources

    style = resources.files("regulars.reports").joinpath("style.css").read_text("utf-8")
    for figure in figures(sample.shop()):
        svg = to_svg(figure.draw(look.WIDE), figure.name)
        for kind, colour in re.findall(r'(fill|stroke)="(?!none|transparent)([^"]+)"', svg):
            assert colour in COLOURS | set(look.RAMP), (figure.name, colour)
            assert f'[{kind}="{colour}"]' in style, (figure.name, kind, colour)


def test_ids_do_not_clash_between_charts():
    figure = figures(sample.shop())[0]
    one, two = (to_svg(figure.draw(look.WIDE), name) for name in ("one", "two"))
    assert set(re.findall(r'id="([^"]+)"', one)).isdisjoint(re.findall(r'id="([^"]+)"', two))
    assert one.replace("one-", "") == two.replace("two-", "")


def test_a_file_has_title_and_paper():
    svg = with_title('<svg width="500" height="320"></svg>', "Value & <more>", "A line. " * 30)
    assert "Value &amp; &lt;more&gt;" in svg
    assert svg.count("A line.") == 30
    assert to_png(svg).startswith(b"\x89PNG")


def test_money_axis_writes_amounts_as_the_page_does():
    assert money_expression("GBP").startswith("'£' + format(")
    assert money_expression("CHF").endswith("+ '\u00a0CHF'")
    assert "'" not in money_expression("it's")[1:-1].replace("' + ", "").replace(" + '", "")[1:6]


def test_band_names():
    answer = sample.shop()
    split = bands(answer.customers["expected_value"])
    names = band_names(split, "GBP")
    assert len(names) == len(split.customers)
    assert names[0].startswith("under £")
    assert names[-1].endswith(" or more")


def test_written_files(tmp_path):
    files = write_report(sample.too_little(), tmp_path / "new" / "folder")
    names = {path.relative_to(tmp_path / "new" / "folder").as_posix() for path in files}
    assert "report.html" in names
    assert "charts/retention.svg" in names
    assert "charts/retention.png" in names
    assert all(path.stat().st_size > 500 for path in files)
    again = write_report(sample.too_little(), tmp_path / "again")
    assert [a.read_bytes() for a in files] == [b.read_bytes() for b in again]

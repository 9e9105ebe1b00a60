"""The report of a study: one page, the same as a PDF, a summary, and every table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from regulars import data
from regulars.reports.definitions import definitions
from regulars.reports.digest import digest_markdown, digest_section
from regulars.reports.document import Maker, Part, Titles, document
from regulars.reports.figures import Drawn, draw, figures
from regulars.reports.format import clean, counted, day, short_day
from regulars.reports.html import el
from regulars.reports.moneyless import in_its_own_terms
from regulars.reports.moved import digest
from regulars.reports.objects import plain
from regulars.reports.page import value_parts, write_charts
from regulars.reports.pdf import render_pdf
from regulars.reports.results import (
    Written,
    check_folder,
    metadata,
    remove_stale,
    rounded,
    set_aside,
    write_audit_into,
    write_json,
)
from regulars.reports.sections.alerts import alerts_section
from regulars.reports.sections.data import definitions_section
from regulars.reports.study_object import study_object
from regulars.reports.study_sections import chapters
from regulars.reports.study_tables import SHARES, study_tables
from regulars.reports.workbook import write_workbook
from regulars.terms.digest import Digest
from regulars.terms.errors import InputError
from regulars.terms.study import Study

SECTIONS = (
    *("alerts", "digest", "answer", "act", "value", "sources", "cohorts", "drivers", "segments"),
    *("forecast", "chat", "service", "subscriptions", "checks", "formula", "model", "data"),
)
_CUSTOMERS = "tables/customers.parquet"
FORMATS = ("parquet", "csv", "xlsx")


def write_study(
    study: Study,
    orders: data.Orders,
    folder: str | Path,
    *,
    sections: Iterable[str] | None = None,
    formats: Iterable[str] = ("parquet",),
    pdf: bool = True,
    refused: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
) -> Written:
    """Write report.html, report.pdf, summary.json, the audit, model, charts and every table.

    Everything is first written beside the folder's files and moved in place at the end.

    Args:
        study: what was found.
        orders: what it was found in.
        folder: where to; made where missing.
        sections: of `SECTIONS`, which the report shows; all that there are where None.
        formats: of `FORMATS`, in which the tables are written, parquet always.
        pdf: whether to write the PDF as well.
        refused: rows of other tables that were refused, by name: costs makes rejected_costs.csv.

    Raises:
        InputError: for a section or format that there is not.
        OutputError: when the folder cannot be written.
    """
    folder = check_folder(folder)
    shown, kinds = check_sections(sections), check_formats(formats)
    answer = study.answer
    before = _files_before(folder)
    with set_aside(folder) as aside:
        html, drawn = _rendered(study, shown)
        (aside / "report.html").write_text(html, encoding="utf-8")
        if pdf:
            made = render_pdf(html, _title(study), answer.about.data_date)
            (aside / "report.pdf").write_bytes(made)
        write_audit_into(aside, orders)
        for name, rows in (refused or {}).items():
            data.write_refused(rows, aside / f"rejected_{name}.csv")
        if answer.model_document is not None:
            write_json(aside / "model.json", plain(dict(answer.model_document)))
        moved = study_digest(study)
        if moved is not None:
            (aside / "digest.md").write_text(digest_markdown(moved), encoding="utf-8")
        write_charts(drawn, aside)
        _write_tables(study, aside, kinds)
        names = {path.relative_to(aside) for path in aside.rglob("*") if path.is_file()}
        names.add(Path("summary.json"))
        files = sorted(name.as_posix() for name in names)
        write_json(aside / "summary.json", {**study_object(study), "files": files})
    remove_stale(folder, names)
    for name in before - names:
        (folder / name).unlink(missing_ok=True)
    return Written(folder, folder / "report.html", tuple(folder / n for n in sorted(names)))


def study_digest(study: Study) -> Digest | None:
    """What moved since an earlier day and why; None where nobody asked."""
    if study.moved is None:
        return None
    found, about = study.moved, study.answer.about
    return digest(
        found.before,
        found.now,
        since=found.since,
        until=about.data_date,
        currency=about.currency,
        level=about.level,
        foretold=found.foretold,
    )


def check_sections(sections: Iterable[str] | None) -> frozenset[str]:
    """The sections to show; all of them where None.

    Raises:
        InputError: for one that there is not.
    """
    return _known(SECTIONS if sections is None else sections, SECTIONS, "section")


def check_formats(formats: Iterable[str]) -> frozenset[str]:
    """The formats of the tables.

    Raises:
        InputError: for one that there is not.
    """
    return _known(formats, FORMATS, "format of tables")


def _known(names: Iterable[str], known: tuple[str, ...], what: str) -> frozenset[str]:
    wanted = frozenset(names)
    for name in sorted(wanted - set(known)):
        raise InputError(f"'{name}' is no {what}.", f"Use {', '.join(known)}.")
    return wanted


def _rendered(study: Study, shown: frozenset[str]) -> tuple[str, list[Drawn]]:
    answer = in_its_own_terms(study.answer)
    drawn = [draw(figure) for figure in figures(answer)]
    terms = definitions(answer)
    parts = {part.key: part for part in value_parts(answer, drawn, _CUSTOMERS)}
    for chapter in chapters(study):
        if chapter.key not in shown:
            continue
        charts = {figure.name: draw(figure) for figure in chapter.figures}
        html = chapter.write(charts)
        if html is not None:
            parts[chapter.key] = Part(chapter.key, chapter.name, html)
            drawn += charts.values()
            terms += chapter.terms
    alarm = alerts_section(study.alerts, study.notes)
    if alarm is not None:
        parts["alerts"] = Part("alerts", "Look first", alarm)
    moved = study_digest(study)
    if moved is not None:
        parts["digest"] = Part("digest", "What moved", digest_section(moved))
    ordered = [parts[key] for key in SECTIONS if key in parts and key in shown]
    ordered.append(Part("definitions", "Definitions", definitions_section(terms)))
    about = answer.about
    html = document(
        Titles(title=_title(study), heading="Your customers", skip="Skip to the first section"),
        [
            el("bdi", clean(about.source)),
            f" · {short_day(about.first_date)} to {short_day(about.data_date)} · "
            f"{counted(answer.totals.customers, 'customer')}",
        ],
        ordered,
        Maker(about.version, about.seed, about.data_hash),
    )
    return html, [chart for chart in drawn if f"figure-{chart.figure.name}" in html]


def _title(study: Study) -> str:
    return f"Customers, their worth and what to do, {day(study.answer.about.data_date)}"


def _files_before(folder: Path) -> set[Path]:
    """What the last report in a folder wrote, by its own word; only what lies inside it."""
    try:
        told = json.loads((folder / "summary.json").read_text("utf-8")).get("files", [])
        names = {PurePosixPath(name) for name in told}
    except (OSError, ValueError, AttributeError, TypeError):
        return set()
    return {Path(name) for name in names if not name.is_absolute() and ".." not in name.parts}


def _write_tables(study: Study, folder: Path, kinds: frozenset[str]) -> None:
    place, about = folder / "tables", metadata(study.answer)
    place.mkdir()
    tables = study_tables(study)
    for name, columns in tables.items():
        data.write_parquet(columns, place / f"{name}.parquet", about)
        if "csv" in kinds:
            data.write_csv(rounded(columns), place / f"{name}.csv")
    if "xlsx" in kinds:
        made = study.answer.about.data_date
        write_workbook(tables, place / "tables.xlsx", percent=SHARES, made=made)

"""The chapters of a study beside those on value, each where its part is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from regulars.reports.chat_figures import chat_figures
from regulars.reports.figures import Drawn, Figure
from regulars.reports.html import Html
from regulars.reports.sections.chat_value import chat_section
from regulars.reports.sections.contract_words import DEFINITIONS
from regulars.reports.sections.drivers import drivers_figures, drivers_section
from regulars.reports.sections.forecast import forecast_figures, forecast_section
from regulars.reports.sections.retention import retention_figures, retention_section
from regulars.reports.sections.segments import segments_figures, segments_section
from regulars.reports.sections.service import service_section
from regulars.reports.sections.sources import sources_figures, sources_section
from regulars.reports.sections.subscribers import subscribers_section
from regulars.reports.segment_words import segment_definitions
from regulars.reports.service_figures import service_figures
from regulars.reports.source_words import source_definitions
from regulars.reports.subscriptions import figures as contract_figures
from regulars.terms.study import Study

Charts = Mapping[str, Drawn]


@dataclass(frozen=True)
class Chapter:
    """A section that is still to be written: its charts are drawn first.

    Attributes:
        key, name: its anchor, and its name in the navigation.
        figures: the charts it needs.
        write: makes it of the drawn charts; None where it has nothing to say.
        terms: what its words mean (key, name, meaning), where it does not say so itself.
    """

    key: str
    name: str
    figures: Sequence[Figure]
    write: Callable[[Charts], Html | None]
    terms: Sequence[tuple[str, str, str]] = field(default=())


def chapters(study: Study) -> Iterator[Chapter]:
    """The chapters in the order of the page."""
    won = study.acquisition.get("source") or study.acquisition.get("campaign")
    if won is not None:
        yield Chapter(
            "sources",
            "Sources",
            sources_figures(won),
            lambda drawn: sources_section(won, drawn),
            source_definitions(won),
        )
    if (grid := study.cohorts) is not None:
        yield Chapter(
            "cohorts", "Retention", retention_figures(grid), lambda d: retention_section(grid, d)
        )
    if (found := study.drivers) is not None:
        yield Chapter(
            "drivers", "Drivers", drivers_figures(found), lambda d: drivers_section(found, d)
        )
    if (groups := study.segments) is not None:
        yield Chapter(
            "segments",
            "Segments",
            segments_figures(groups),
            lambda drawn: segments_section(groups, drawn),
            segment_definitions(groups),
        )
    if (coming := study.forecast) is not None:
        yield Chapter(
            "forecast", "Forecast", forecast_figures(coming), lambda d: forecast_section(coming, d)
        )
    if (served := study.service) is not None:
        if served.chat is not None:
            yield Chapter("chat", "Chat", chat_figures(served), lambda d: chat_section(served, d))
        if (metrics := served.metrics) is not None:
            yield Chapter(
                "service",
                "Service",
                service_figures(metrics),
                lambda d: service_section(metrics, d),
            )
    if (contracts := study.subscriptions) is not None:
        yield Chapter(
            "subscriptions",
            "Subscriptions",
            contract_figures(contracts),
            lambda drawn: subscribers_section(contracts, drawn),
            DEFINITIONS,
        )

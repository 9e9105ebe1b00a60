"""Altair charts of an answer's parts: the same in a notebook, in the report and as files."""

from regulars.reports.charts.checks import (
    alive_chart as alive_chart,
)
from regulars.reports.charts.checks import (
    calibration_chart as calibration_chart,
)
from regulars.reports.charts.checks import (
    running_total_chart as running_total_chart,
)
from regulars.reports.charts.checks import (
    tracking_chart as tracking_chart,
)
from regulars.reports.charts.growth import ltv_chart as ltv_chart
from regulars.reports.charts.growth import retention_chart as retention_chart
from regulars.reports.charts.worth import bands_chart as bands_chart
from regulars.reports.charts.worth import concentration_chart as concentration_chart
from regulars.reports.charts.worth import formula_chart as formula_chart

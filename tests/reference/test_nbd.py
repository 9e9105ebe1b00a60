"""NBD on CDNOW: the field's R package."""

from __future__ import annotations

import pytest

from regulars.fitting.fit import fit
from shared_data import cdnow


def test_cdnow_parameters_and_log_likelihood():
    """r .38476615, alpha 12.07202285, LL -9763.657615.

    Source: R's BTYDplus on the same summary; its optimiser stops within 1e-6 of the top.
    """
    report = fit("nbd", cdnow().summary).report
    assert tuple(report.parameters.values()) == pytest.approx((0.38476615, 12.07202285), rel=1e-6)
    assert report.log_likelihood == pytest.approx(-9763.657615, abs=5e-7)

"""The interval of a counted share: published, of nothing, of all."""

import numpy as np
import pytest

from regulars.terms.shares import wilson


def test_published():
    """Newcombe (1998), Statistics in Medicine 17, 857-872, Table I: 81/263, 15/148, 0/20."""
    low, high = wilson(np.array([81, 15, 0]), np.array([263, 148, 20]), 0.95)
    assert low == pytest.approx([0.2553, 0.0624, 0.0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611], abs=5e-5)


def test_of_nothing_and_of_all():
    assert np.isnan(wilson(0, 0, 0.9)).all()
    assert (wilson(range(1, 40), range(1, 40), 0.9)[1] == 1).all()
    assert wilson(0, 5, 0.9)[0] == 0

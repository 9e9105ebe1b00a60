"""What an outlook says of a customer who is still there."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from regulars.fitting import Outlook


def outlook(value: Any, p_alive: Any, variance: Any) -> Outlook:
    blank: Any = dict.fromkeys(Outlook.__dataclass_fields__)
    blank["value"] = np.array(value)
    blank["prediction"] = SimpleNamespace(p_alive=np.array(p_alive))
    blank["spread"] = SimpleNamespace(value_variance=np.array(variance))
    return Outlook(**blank)


def test_value_if_alive_and_its_variance_are_told_of_everybody():
    """Where P(alive) is 0 nothing is expected; what is not known stays unknown."""
    made = outlook([50.0, 90.0, 0.0, np.nan], [0.5, 0.9, 0.0, 0.4], [0.1, 0.2, 0.0, 0.3])
    assert made.if_alive == pytest.approx([100, 100, 0, np.nan], nan_ok=True)
    assert made.own_variance == pytest.approx([1000, 2000, 0, np.nan], nan_ok=True)

"""Where a model of contracts meets the contracts: fit, survival, residual value, the whole flow.

What needs the data engine is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from regulars.fitting.contracts.fit import FittedContract as FittedContract
from regulars.fitting.contracts.fit import fit_contract as fit_contract
from regulars.fitting.contracts.predict import ContractPrediction as ContractPrediction
from regulars.fitting.contracts.predict import predict_contracts as predict_contracts
from regulars.fitting.contracts.predict import residual_lifetime as residual_lifetime
from regulars.fitting.contracts.predict import retention_curve as retention_curve
from regulars.fitting.contracts.predict import survival_curve as survival_curve
from regulars.fitting.contracts.store import load_contracts as load_contracts

if TYPE_CHECKING:
    from regulars.fitting.contracts.answer import SubscriptionAnswer as SubscriptionAnswer
    from regulars.fitting.contracts.flow import value_subscriptions as value_subscriptions
    from regulars.fitting.contracts.from_table import (
        value_retention_table as value_retention_table,
    )

_HOME = {
    "SubscriptionAnswer": "answer",
    "value_retention_table": "from_table",
    "value_subscriptions": "flow",
}


def __getattr__(name: str) -> Any:
    """Import a name that needs the data engine on first use, and keep it."""
    if name not in _HOME:
        raise AttributeError(f"module 'regulars.fitting.contracts' has no attribute '{name}'")
    found = getattr(import_module(f"regulars.fitting.contracts.{_HOME[name]}"), name)
    globals()[name] = found
    return found

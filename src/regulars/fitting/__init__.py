"""Where model, summary and method meet: fit, predict, choose, save.

What a fit of arrays does not need is imported when it is first used, so that such a fit costs
little more than NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from regulars.fitting.fit import fit as fit  # a name that is a module's too cannot wait
from regulars.fitting.predict import predict as predict

if TYPE_CHECKING:
    from regulars.fitting.columns import customer_columns as customer_columns
    from regulars.fitting.columns import score_columns as score_columns
    from regulars.fitting.fitted import Fitted as Fitted
    from regulars.fitting.intervals import OrderIntervals as OrderIntervals
    from regulars.fitting.intervals import predict_intervals as predict_intervals
    from regulars.fitting.outlook import Outlook as Outlook
    from regulars.fitting.outlook import alive_grid as alive_grid
    from regulars.fitting.outlook import look_ahead as look_ahead
    from regulars.fitting.predict import LIFETIME_CAP as LIFETIME_CAP
    from regulars.fitting.predict import Prediction as Prediction
    from regulars.fitting.predict import expected_orders as expected_orders
    from regulars.fitting.predict import expected_spend as expected_spend
    from regulars.fitting.predict import p_alive as p_alive
    from regulars.fitting.probabilities import expected_orders_new as expected_orders_new
    from regulars.fitting.probabilities import order_probabilities as order_probabilities
    from regulars.fitting.question import Question as Question
    from regulars.fitting.registry import PERIODIC as PERIODIC
    from regulars.fitting.registry import likelihood as likelihood
    from regulars.fitting.registry import orders_model as orders_model
    from regulars.fitting.spend import fit_spend as fit_spend
    from regulars.fitting.store import as_object as as_object
    from regulars.fitting.store import load as load
    from regulars.fitting.store import save as save
    from regulars.fitting.tracking import track as track

_HOME = {
    "OrderIntervals": "intervals",
    "predict_intervals": "intervals",
    "track": "tracking",
    "Fitted": "fitted",
    "LIFETIME_CAP": "predict",
    "Outlook": "outlook",
    "PERIODIC": "registry",
    "Prediction": "predict",
    "Question": "question",
    "alive_grid": "outlook",
    "as_object": "store",
    "customer_columns": "columns",
    "expected_orders": "predict",
    "expected_orders_new": "probabilities",
    "expected_spend": "predict",
    "fit_spend": "spend",
    "likelihood": "registry",
    "load": "store",
    "look_ahead": "outlook",
    "order_probabilities": "probabilities",
    "orders_model": "registry",
    "p_alive": "predict",
    "save": "store",
    "score_columns": "columns",
}


def __getattr__(name: str) -> Any:
    """Import a name on first use, and keep it."""
    if name not in _HOME:
        raise AttributeError(f"module 'regulars.fitting' has no attribute '{name}'")
    found = getattr(import_module(f"regulars.fitting.{_HOME[name]}"), name)
    globals()[name] = found
    return found

"""What every customer is worth, how sure that is, and what to do about it.

```python
import regulars as rg

orders = rg.read_orders("orders.csv")
answer = rg.value_customers(orders, horizon="12mo", margin=0.35)
rg.write_results(answer, orders, "out")
```

A name is imported when it is first used, so `import regulars` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from regulars.terms.version import VERSION

if TYPE_CHECKING:
    from regulars.chat.hours import BusinessHours as BusinessHours
    from regulars.data import Orders as Orders
    from regulars.data import cohort_table as cohort_table
    from regulars.data import count_chances as count_chances
    from regulars.data import read_attributes as read_attributes
    from regulars.data import read_costs as read_costs
    from regulars.data import read_courses as read_courses
    from regulars.data import read_orders as read_orders
    from regulars.data import read_retention_table as read_retention_table
    from regulars.data import read_service as read_service
    from regulars.data import read_subscriptions as read_subscriptions
    from regulars.data import service_costs as service_costs
    from regulars.data import simulate_business as simulate_business
    from regulars.data import simulate_orders as simulate_orders
    from regulars.data import simulate_subscriptions as simulate_subscriptions
    from regulars.data import summarise as summarise
    from regulars.data import summary_over as summary_over
    from regulars.data import summary_with as summary_with
    from regulars.data import with_known as with_known
    from regulars.data.parts import read_summary as read_summary
    from regulars.data.parts import write_summary as write_summary
    from regulars.fitting import store
    from regulars.fitting.contracts import fit_contract as fit_contract
    from regulars.fitting.contracts import value_subscriptions as value_subscriptions
    from regulars.fitting.fit import fit as fit
    from regulars.fitting.fitted import Fitted as Fitted
    from regulars.fitting.given import given as given
    from regulars.fitting.given import log_likelihood as log_likelihood
    from regulars.fitting.grouped import grouped_summary as grouped_summary
    from regulars.fitting.intervals import predict_intervals as predict_intervals
    from regulars.fitting.judge import Backtest as Backtest
    from regulars.fitting.judge import backtest as backtest
    from regulars.fitting.posterior import posterior_of as posterior_of
    from regulars.fitting.predict import Prediction as Prediction
    from regulars.fitting.predict import expected_orders as expected_orders
    from regulars.fitting.predict import expected_spend as expected_spend
    from regulars.fitting.predict import p_alive as p_alive
    from regulars.fitting.predict import predict as predict
    from regulars.fitting.probabilities import expected_orders_new as expected_orders_new
    from regulars.fitting.probabilities import order_probabilities as order_probabilities
    from regulars.fitting.season import fit_seasonal as fit_seasonal
    from regulars.fitting.stream import score_summary as score_summary
    from regulars.fitting.tracking import track as track
    from regulars.pipeline import score_customers as score_customers
    from regulars.pipeline import segment_customers as segment_customers
    from regulars.pipeline import service_report as service_report
    from regulars.pipeline import value_base as value_base
    from regulars.pipeline import value_customers as value_customers
    from regulars.pipeline.acquisition import acquisition as acquisition
    from regulars.pipeline.cohorts import cohorts as cohorts
    from regulars.pipeline.decide import decide as decide
    from regulars.pipeline.drivers import drivers as drivers
    from regulars.pipeline.forecast import forecast as forecast
    from regulars.pipeline.study import study as study
    from regulars.reports import write_results as write_results
    from regulars.reports.study import write_study as write_study
    from regulars.terms.answer import Answer as Answer
    from regulars.terms.errors import DataError as DataError
    from regulars.terms.errors import FitError as FitError
    from regulars.terms.errors import InputError as InputError
    from regulars.terms.errors import OutputError as OutputError
    from regulars.terms.errors import RegularsError as RegularsError
    from regulars.terms.money import Money as Money
    from regulars.terms.period import Period as Period
    from regulars.terms.summary import Summary as Summary
    from regulars.valuation import formula_value as formula_value

    load_model, save_model = store.load, store.save

__version__ = VERSION

# Public name -> where it lives, and its name there where that differs
_HOME = {
    "Answer": "regulars.terms.answer",
    "Backtest": "regulars.fitting.judge",
    "BusinessHours": "regulars.chat.hours",
    "DataError": "regulars.terms.errors",
    "FitError": "regulars.terms.errors",
    "Fitted": "regulars.fitting.fitted",
    "InputError": "regulars.terms.errors",
    "Money": "regulars.terms.money",
    "Orders": "regulars.data",
    "OutputError": "regulars.terms.errors",
    "Period": "regulars.terms.period",
    "Prediction": "regulars.fitting.predict",
    "RegularsError": "regulars.terms.errors",
    "Summary": "regulars.terms.summary",
    "acquisition": "regulars.pipeline.acquisition",
    "backtest": "regulars.fitting.judge",
    "cohort_table": "regulars.data",
    "cohorts": "regulars.pipeline.cohorts",
    "count_chances": "regulars.data",
    "decide": "regulars.pipeline.decide",
    "drivers": "regulars.pipeline.drivers",
    "expected_orders": "regulars.fitting.predict",
    "expected_orders_new": "regulars.fitting.probabilities",
    "expected_spend": "regulars.fitting.predict",
    "fit": "regulars.fitting.fit",
    "fit_seasonal": "regulars.fitting.season",
    "given": "regulars.fitting.given",
    "fit_contract": "regulars.fitting.contracts",
    "forecast": "regulars.pipeline.forecast",
    "formula_value": "regulars.valuation",
    "grouped_summary": "regulars.fitting.grouped",
    "log_likelihood": "regulars.fitting.given",
    "load_model": "regulars.fitting.store:load",
    "order_probabilities": "regulars.fitting.probabilities",
    "p_alive": "regulars.fitting.predict",
    "posterior_of": "regulars.fitting.posterior",
    "predict": "regulars.fitting.predict",
    "predict_intervals": "regulars.fitting.intervals",
    "read_attributes": "regulars.data",
    "read_costs": "regulars.data",
    "read_courses": "regulars.data",
    "read_orders": "regulars.data",
    "read_retention_table": "regulars.data",
    "read_service": "regulars.data",
    "read_subscriptions": "regulars.data",
    "read_summary": "regulars.data.parts",
    "save_model": "regulars.fitting.store:save",
    "score_customers": "regulars.pipeline",
    "score_summary": "regulars.fitting.stream",
    "segment_customers": "regulars.pipeline",
    "service_costs": "regulars.data",
    "service_report": "regulars.pipeline",
    "simulate_business": "regulars.data",
    "simulate_orders": "regulars.data",
    "simulate_subscriptions": "regulars.data",
    "summarise": "regulars.data",
    "summary_over": "regulars.data",
    "summary_with": "regulars.data",
    "track": "regulars.fitting.tracking",
    "value_base": "regulars.pipeline",
    "value_customers": "regulars.pipeline",
    "value_subscriptions": "regulars.fitting.contracts",
    "write_summary": "regulars.data.parts",
    "study": "regulars.pipeline.study",
    "write_results": "regulars.reports",
    "write_study": "regulars.reports.study",
    "with_known": "regulars.data",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, and keep it."""
    try:
        module, _, there = _HOME[name].partition(":")
    except KeyError:
        raise AttributeError(f"module 'regulars' has no attribute '{name}'") from None
    found = getattr(import_module(module), there or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names, for completion."""
    return sorted([*_HOME, "__version__"])

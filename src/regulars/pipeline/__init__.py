"""The flow from orders to decisions: one file a question, each with one public function."""

from regulars.pipeline.segments import segment_customers as segment_customers
from regulars.pipeline.service import service_report as service_report
from regulars.pipeline.value import Valued as Valued
from regulars.pipeline.value import as_valued as as_valued
from regulars.pipeline.value import score_customers as score_customers
from regulars.pipeline.value import summary_for as summary_for
from regulars.pipeline.value import value_base as value_base
from regulars.pipeline.value import value_customers as value_customers

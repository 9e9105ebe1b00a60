"""Orders and spend become money: the textbook formula, discounting, value."""

from regulars.valuation.discount import discount_nodes as discount_nodes
from regulars.valuation.discount import discount_periods as discount_periods
from regulars.valuation.economics import Economics as Economics
from regulars.valuation.economics import base_totals as base_totals
from regulars.valuation.estimate import total_estimate as total_estimate
from regulars.valuation.formula import formula_of_base as formula_of_base
from regulars.valuation.formula import formula_value as formula_value

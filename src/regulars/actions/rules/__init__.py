"""Named rules: a small language that says who is meant, without running anything."""

from regulars.actions.rules.evaluate import Known as Known
from regulars.actions.rules.evaluate import matches as matches
from regulars.actions.rules.parse import Rule as Rule
from regulars.actions.rules.parse import parse_rule as parse_rule
from regulars.actions.rules.parse import print_rule as print_rule
from regulars.actions.rules.store import RuleBook as RuleBook
from regulars.actions.rules.store import Version as Version
from regulars.actions.rules.store import digest as digest
from regulars.actions.rules.store import load_rules as load_rules
from regulars.actions.rules.store import save_rules as save_rules

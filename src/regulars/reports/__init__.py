"""Tables, charts and files made from an Answer; no web framework."""

from regulars.reports.backtest import print_backtest as print_backtest
from regulars.reports.backtest import write_backtest as write_backtest
from regulars.reports.objects import fit_object as fit_object
from regulars.reports.objects import summary_object as summary_object
from regulars.reports.page import render_report as render_report
from regulars.reports.page import write_report as write_report
from regulars.reports.results import check_folder as check_folder
from regulars.reports.results import write_audit as write_audit
from regulars.reports.results import write_results as write_results
from regulars.reports.terminal import print_answer as print_answer
from regulars.reports.terminal import print_audit as print_audit
from regulars.reports.terminal import print_fit as print_fit

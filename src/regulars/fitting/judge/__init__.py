"""The judge: candidates look ahead from days inside the data and are held against what came."""

from regulars.fitting.judge.backtest import backtest as backtest
from regulars.fitting.judge.base import Candidate as Candidate
from regulars.fitting.judge.base import Forecasted as Forecasted
from regulars.fitting.judge.result import Backtest as Backtest

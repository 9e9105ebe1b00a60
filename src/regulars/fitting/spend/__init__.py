"""Spend: the value of a future order, from the model that fits best, or by shrinkage."""

from regulars.fitting.spend.base import Spend as Spend
from regulars.fitting.spend.choice import fit_spend as fit_spend
from regulars.fitting.spend.fitted_spend import GammaGammaSpend as GammaGammaSpend
from regulars.fitting.spend.fitted_spend import LogNormalSpending as LogNormalSpending
from regulars.fitting.spend.link import FrequencyLink as FrequencyLink
from regulars.fitting.spend.link import frequency_link as frequency_link
from regulars.fitting.spend.shrunk import ShrunkSpend as ShrunkSpend

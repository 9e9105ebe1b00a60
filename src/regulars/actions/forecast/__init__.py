"""Totals of the coming months: shared shocks, new customers, what-if, and a check of the past."""

from regulars.actions.forecast.check import LEAST_MONTHS as LEAST_MONTHS
from regulars.actions.forecast.check import Past as Past
from regulars.actions.forecast.check import check_past as check_past
from regulars.actions.forecast.groups import Groups as Groups
from regulars.actions.forecast.groups import group_rows as group_rows
from regulars.actions.forecast.plan import Plan as Plan
from regulars.actions.forecast.scenarios import Business as Business
from regulars.actions.forecast.scenarios import effects as effects
from regulars.actions.forecast.scenarios import read_changes as read_changes
from regulars.actions.forecast.scenarios import words_of as words_of
from regulars.actions.forecast.simulate import Expected as Expected
from regulars.actions.forecast.simulate import Paths as Paths
from regulars.actions.forecast.simulate import course as course
from regulars.actions.forecast.simulate import mean_paths as mean_paths
from regulars.actions.forecast.simulate import total as total
from regulars.actions.forecast.simulate import with_chance as with_chance
from regulars.actions.forecast.weather import Weather as Weather
from regulars.actions.forecast.weather import draw_weather as draw_weather
from regulars.actions.forecast.weather import seen_twice as seen_twice
from regulars.actions.forecast.words import pace_words as pace_words

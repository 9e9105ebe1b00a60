"""A whole business of known truth, simulated: to try things on, and to test what finds it again."""

from regulars.data.simulated.business import Business as Business
from regulars.data.simulated.business import simulate_business as simulate_business

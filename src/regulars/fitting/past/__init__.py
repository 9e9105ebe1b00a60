"""What would have been expected of each month, had one looked ahead from earlier months' ends."""

from regulars.fitting.past.outset import expected_past as expected_past
from regulars.fitting.past.outset import look_back as look_back
from regulars.fitting.past.outset import month_ends as month_ends
from regulars.fitting.past.outset import months_of as months_of

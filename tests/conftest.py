"""Settings that every test shares."""

import os

from hypothesis import HealthCheck, settings

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=_QUIET, print_blob=False
)
settings.register_profile("dev", deadline=None, suppress_health_check=_QUIET, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

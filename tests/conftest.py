"""Settings that every test shares."""

import os

from hypothesis import HealthCheck, settings

# workers take it over before they load NumPy: more threads than cores only wait in turn
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=_QUIET, print_blob=False
)
settings.register_profile("dev", deadline=None, suppress_health_check=_QUIET, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

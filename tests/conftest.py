"""What all tests share."""

from hypothesis import HealthCheck, settings

# The same examples in every run: a fault that a fuzz finds is the change's own. To look for new ones:
# pytest --hypothesis-profile=default. How long an example takes to make or to run says how busy the machine is.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

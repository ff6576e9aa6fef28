"""What all tests share."""

from hypothesis import settings

# The same examples in every run: a fault that a fuzz finds is the change's own. To look for new ones:
# pytest --hypothesis-profile=default
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

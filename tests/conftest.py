"""Settings of all tests."""

import os

from hypothesis import settings

# No test is timed by the clock: a busy machine is no failure. In continuous integration the examples are the same each
# time; everywhere else every run searches anew.
settings.register_profile("steeliq", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("steeliq")

"""Settings of the web app for tests: a data folder of their own, made before any model is imported."""

import atexit
import os
import shutil
import tempfile

import django


def _set_up() -> None:
    """Settings read the data folder once; other tests keep the environment as it was."""
    home = tempfile.mkdtemp(prefix="steeliq-tests-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    before = os.environ.get("STEELIQ_HOME")
    os.environ["STEELIQ_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"
    django.setup()
    if before is None:
        del os.environ["STEELIQ_HOME"]
    else:
        os.environ["STEELIQ_HOME"] = before


_set_up()

"""``python -m steeliq.desktop.doctor``: the examination without the command line's own packages."""

from __future__ import annotations

import sys

from steeliq.desktop.doctor.examination import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m steeliq``."""

from steeliq.cli import main

if __name__ == "__main__":
    main()

"""``python -m steeliq``; a program too damaged for its command line can still say what is wrong with it."""

import sys

try:
    from steeliq.cli import main
except ImportError as error:
    if sys.argv[1:2] != ["doctor"]:
        sys.exit(f"steeliq: the program is not complete ({error}); 'steeliq doctor' tells what is missing")
    from steeliq.desktop.doctor.examination import main as doctor

    sys.exit(doctor(sys.argv[2:]))

if __name__ == "__main__":
    main()

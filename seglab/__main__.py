"""`python -m seglab` and `seglab`: the command line, or the doctor where even that is broken."""

import sys


def main() -> int:
    """Run the command line; returns its exit code."""
    try:
        from seglab import cli
    except ImportError as error:
        from seglab import doctor

        print(f"seglab cannot start its command line ({error}). What is installed:\n")
        return doctor.main() or 1
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())

"""The command `samgen`, from its first moment: also `python -m generator`, where its console script is not on PATH."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it as quietly as later on."""
    try:
        from generator.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: nothing was written.\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()

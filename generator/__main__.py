"""`python -m generator`: the command `samgen` where its console script is not on PATH."""

from generator.cli import main

if __name__ == "__main__":
    main()

"""``python -m sqlopt``."""

from sqlopt.cli import main

main()

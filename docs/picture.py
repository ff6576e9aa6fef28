"""Draw docs/check.svg: what `sqlopt check` prints, as it looks in a terminal.

Run it from the repository's root: ``python docs/picture.py``.
"""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console
from rich.text import Text

FILES = (
    "fixtures/shop/bigquery/reports/black_friday.sql",
    "fixtures/shop/bigquery/models/first_touch_30d.sql",
    "fixtures/shop/snowflake/reports/refund_rate.sql",
)
WIDTH = 118


def main() -> None:
    """Run the check in colour and save the picture."""
    command = [
        sys.executable,
        "-m",
        "sqlopt",
        "check",
        *FILES,
        "--exit-zero",
        "--no-cache",
        "--color",
        "always",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env={"COLUMNS": str(WIDTH)})  # noqa: S603
    console = Console(record=True, width=WIDTH, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    console.print(Text.from_ansi(f"$ sqlopt check {FILES[0]} …\n{ran.stdout}"))
    console.save_svg("docs/check.svg", title="sqlopt check")


if __name__ == "__main__":
    main()

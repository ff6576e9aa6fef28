"""A made-up model of a thousand lines and 32 CTEs, and keystrokes in it; for tests and benchmarks."""

from __future__ import annotations

CTES, LINES = 32, 1_000


def model():
    """Return the model: CTEs that read one another, most of their columns read further on."""
    text = ["WITH"]
    columns = (LINES - 10) // CTES - 14
    for number in range(CTES):
        source = "shop.sales.orders" if number % 4 == 0 else f"step_{number - 1}"
        text += [f"step_{number} AS (", "  SELECT"]
        text += ["    s.order_id,", "    s.user_id,", "    s.order_date,", "    s.note,"]
        for column in range(columns):
            value = "s.total" if number % 4 == 0 else f"s.total_{column}"
            text.append(
                f"    CASE WHEN {value} > {column * 10 + number} THEN {value} * {column} "
                f"ELSE COALESCE({value}, 0) END AS total_{column},"
            )
        text += ["    s.total" if number % 4 == 0 else "    s.total AS total"]
        text += [f"  FROM {source} AS s"]
        if number % 3 == 0:
            text += ["  LEFT JOIN shop.sales.users AS u", "    ON u.user_id = s.user_id"]
        text += ["  WHERE", f"    s.order_date >= DATE '2026-01-{number % 28 + 1:02}'"]
        text += [f"    AND s.order_id > {number}", "),"]
    text[-1] = ")"
    sums = [f"  SUM(f.total_{column}) AS total_{column}," for column in range(columns)]
    last = [f"FROM step_{CTES - 1} AS f", f"JOIN step_{CTES // 2} AS g ON g.order_id = f.order_id"]
    text += ["SELECT", *sums, "  f.user_id", *last, "GROUP BY f.user_id"]
    return "\n".join(text) + "\n"


def keystrokes(text, dice):
    """Yield the texts as a person types digits into conditions of one CTE and another, and takes them back."""
    places = [at for at in range(len(text)) if text.startswith("s.order_id > ", at)]
    places += [at for at in range(len(text)) if text.startswith("COALESCE(s.", at)]
    while True:
        at = dice.choice(places)
        at = text.index(" > ", at) + 3 if text.startswith("s.", at) else text.index(", 0)", at) + 2
        for typed in ("1", "17", "170"):
            yield text[:at] + typed + text[at:]
        yield text[:at] + "1" + text[at:]

"""Values of SQL in Python: constants, intervals, durations, the calendar, volatility."""

"""One module a format, all from the same `Report`."""

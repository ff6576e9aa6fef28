"""Two statements run on generated databases, until they differ."""

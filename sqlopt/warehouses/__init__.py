"""All that is peculiar to one engine, in the same rooms for each."""

"""Where the nodes of a tree stand in the text."""

"""Text edits that keep comments and formatting, and their proof."""

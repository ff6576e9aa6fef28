"""What many statements have in common: blocks that one materialized view serves."""

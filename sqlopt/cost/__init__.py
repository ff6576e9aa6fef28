"""What a statement costs: bytes, money, as low, expected and high with a basis."""

"""Orders and spend become money: formula, discount, value."""

"""What every customer is worth, how sure that is, and what to do about it."""

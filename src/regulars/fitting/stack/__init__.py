"""The stack behind `auto`: several models for the level, learners for the order of customers."""

"""Sections of the report, one file each: an Answer in, a piece of HTML out."""

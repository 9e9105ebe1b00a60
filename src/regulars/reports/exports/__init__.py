"""Exports: every answer as tables of arrays, for Parquet, CSV and Excel."""

"""The only floor that knows the engine: files and tables in, checked orders and summaries out."""

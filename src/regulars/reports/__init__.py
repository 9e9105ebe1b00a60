"""Tables, charts and files made from an Answer; no web framework."""

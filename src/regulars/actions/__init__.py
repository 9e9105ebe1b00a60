"""What to do: who moves, who differs, whom to act on; no models are fitted here."""

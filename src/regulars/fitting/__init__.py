"""Where model, summary and method meet: fit, predict, choose, save."""

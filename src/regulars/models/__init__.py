"""Likelihoods and expectations: one file per model, no data, no estimates."""

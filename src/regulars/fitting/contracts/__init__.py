"""Where a model of contracts meets the contracts: fit, survival, residual value."""

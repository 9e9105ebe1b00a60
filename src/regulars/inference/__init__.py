"""Log-density in, draws out: automatic differentiation, Newton, Laplace."""

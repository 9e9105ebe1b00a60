"""Log-densities given by their formulas."""

import numpy as np

from regulars.inference.base import Evaluation


class Hill:
    """A log-density given by functions for value, gradient and Hessian."""

    def __init__(self, value, gradient, hessian):
        self.parts = value, gradient, hessian

    def value(self, point):
        return self.parts[0](point)

    def evaluate(self, point):
        with np.errstate(all="ignore"):
            value, gradient, hessian = (np.asarray(part(point), float) for part in self.parts)
        return Evaluation(float(value), gradient, hessian)

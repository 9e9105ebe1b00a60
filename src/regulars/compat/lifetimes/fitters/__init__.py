"""The fitters, each in the module where `lifetimes` has it."""

from regulars.compat.lifetimes.fitters.base_fitter import BaseFitter as BaseFitter

"""Drop-in packages: classes and helpers under the names of other libraries, with our numbers.

An import changes and nothing else: `from regulars.compat.lifetimes import BetaGeoFitter` for
`from lifetimes import BetaGeoFitter`, `from regulars.compat.pymc_marketing import clv` for
`from pymc_marketing import clv`. All maths is that of the floors below.
"""

"""Drop-in for `lifetimes` 0.11: change the import, keep the code; the fits are our own.

```python
from regulars.compat.lifetimes import BetaGeoFitter

fitter = BetaGeoFitter(penalizer_coef=0.0)
fitter.fit(data["frequency"], data["recency"], data["T"])
```
"""

from regulars.compat.lifetimes.fitters import BaseFitter as BaseFitter
from regulars.compat.lifetimes.fitters.beta_geo_beta_binom_fitter import (
    BetaGeoBetaBinomFitter as BetaGeoBetaBinomFitter,
)
from regulars.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter as BetaGeoFitter
from regulars.compat.lifetimes.fitters.gamma_gamma_fitter import (
    GammaGammaFitter as GammaGammaFitter,
)
from regulars.compat.lifetimes.fitters.modified_beta_geo_fitter import (
    ModifiedBetaGeoFitter as ModifiedBetaGeoFitter,
)
from regulars.compat.lifetimes.fitters.pareto_nbd_fitter import ParetoNBDFitter as ParetoNBDFitter

__version__ = "0.11.3"  # the version whose names and numbers these are

"""Drop-in for the customer lifetime models of PyMC-Marketing 0.19, without PyMC.

```python
from regulars.compat.pymc_marketing import clv

model = clv.BetaGeoModel()
model.fit(data, method="map")
```
"""

from regulars.compat.pymc_marketing import clv as clv
from regulars.compat.pymc_marketing.prior import Prior as Prior

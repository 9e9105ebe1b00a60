"""The models and helpers of `pymc_marketing.clv`."""

from regulars.compat.pymc_marketing.clv.models import BetaGeoBetaBinomModel as BetaGeoBetaBinomModel
from regulars.compat.pymc_marketing.clv.models import BetaGeoModel as BetaGeoModel
from regulars.compat.pymc_marketing.clv.models import CLVModel as CLVModel
from regulars.compat.pymc_marketing.clv.models import GammaGammaModel as GammaGammaModel
from regulars.compat.pymc_marketing.clv.models import ModifiedBetaGeoModel as ModifiedBetaGeoModel
from regulars.compat.pymc_marketing.clv.models import ParetoNBDModel as ParetoNBDModel
from regulars.compat.pymc_marketing.clv.models import ShiftedBetaGeoModel as ShiftedBetaGeoModel
from regulars.compat.pymc_marketing.clv.models import (
    ShiftedBetaGeoModelIndividual as ShiftedBetaGeoModelIndividual,
)
from regulars.compat.pymc_marketing.clv.utils import (
    customer_lifetime_value as customer_lifetime_value,
)
from regulars.compat.pymc_marketing.clv.utils import rfm_segments as rfm_segments
from regulars.compat.pymc_marketing.clv.utils import rfm_summary as rfm_summary
from regulars.compat.pymc_marketing.clv.utils import rfm_train_test_split as rfm_train_test_split

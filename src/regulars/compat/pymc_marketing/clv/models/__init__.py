"""The models, each in the module where PyMC-Marketing has it."""

from regulars.compat.pymc_marketing.clv.models.basic import CLVModel as CLVModel
from regulars.compat.pymc_marketing.clv.models.beta_geo import BetaGeoModel as BetaGeoModel
from regulars.compat.pymc_marketing.clv.models.beta_geo_beta_binom import (
    BetaGeoBetaBinomModel as BetaGeoBetaBinomModel,
)
from regulars.compat.pymc_marketing.clv.models.gamma_gamma import (
    GammaGammaModel as GammaGammaModel,
)
from regulars.compat.pymc_marketing.clv.models.modified_beta_geo import (
    ModifiedBetaGeoModel as ModifiedBetaGeoModel,
)
from regulars.compat.pymc_marketing.clv.models.pareto_nbd import ParetoNBDModel as ParetoNBDModel
from regulars.compat.pymc_marketing.clv.models.shifted_beta_geo import (
    ShiftedBetaGeoModel as ShiftedBetaGeoModel,
)
from regulars.compat.pymc_marketing.clv.models.shifted_beta_geo import (
    ShiftedBetaGeoModelIndividual as ShiftedBetaGeoModelIndividual,
)

"""What explains a predictor's answers."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from infergraph.declaration.container import Container
from infergraph.declaration.int32 import Int32
from infergraph.declaration.unit import Endpoint


class ExplainerType(StrEnum):
    """The method of explanation (SELDON_V1 §1.6)."""

    ANCHOR_TABULAR = "AnchorTabular"  # rules on columns that hold the answer in place
    ANCHOR_IMAGES = "AnchorImages"  # the parts of an image that do
    ANCHOR_TEXT = "AnchorText"  # the words of a text that do
    COUNTERFACTUALS = "Counterfactuals"  # the nearest input with another answer
    CONTRASTIVE = "Contrastive"  # what is missing for another answer
    KERNEL_SHAP = "KernelShap"  # shares of the columns, for any model
    INTEGRATED_GRADIENTS = "IntegratedGradients"  # shares by gradients, for neural networks
    ALE = "ALE"  # the effect of a column, averaged
    TREE_SHAP = "TreeShap"  # shares of the columns, for trees


class Explainer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.6. Without a type there is no explainer, whatever else is given."""

    type: ExplainerType | None = None
    model_uri: str = ""
    service_account_name: str = ""
    container_spec: Container | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    endpoint: Endpoint | None = None
    env_secret_ref_name: str = ""
    storage_initializer_image: str = ""
    replicas: Int32 | None = None
    init_parameters: str = ""  # a JSON text

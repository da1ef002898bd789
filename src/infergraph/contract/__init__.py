"""Contracts: what a component may be asked and what it must answer, in a file, and whether a running one keeps it.

Belongs here: reading a contract (SELDON_V1 §9.3), making requests of it, and judging the answers. MUST NOT be here:
how requests are sent, which is the client's, and how findings are shown.
"""

from infergraph.contract.contract import BadContract, Contract, read_contract
from infergraph.contract.endpoint import ENDPOINTS
from infergraph.contract.feature import Feature
from infergraph.contract.finding import Finding
from infergraph.contract.trial import Trial, try_contract

__all__ = ["ENDPOINTS", "BadContract", "Contract", "Feature", "Finding", "Trial", "read_contract", "try_contract"]

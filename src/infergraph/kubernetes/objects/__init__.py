"""What a deployment is on a cluster: every object of it, as plain data (SELDON_V1 §2).

Pure. Objects are mappings as YAML has them; what the user wrote of pods and containers passes through as it is.
"""

from infergraph.kubernetes.objects.accounts import accounts_needed
from infergraph.kubernetes.objects.credentials import Credentials, credentials_of
from infergraph.kubernetes.objects.objects import objects
from infergraph.kubernetes.objects.settings import Settings

__all__ = ["Credentials", "Settings", "accounts_needed", "credentials_of", "objects"]

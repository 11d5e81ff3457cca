from integrations.platforms.sandbox.models import SandboxFault, SandboxPost

from .api_key import ApiKey, Scope
from .integration import Integration, IntegrationStatus
from .rest import PlatformRest
from .workspace import Membership, Mode, Role, Workspace

__all__ = [
    "ApiKey",
    "Integration",
    "IntegrationStatus",
    "Membership",
    "Mode",
    "PlatformRest",
    "Role",
    "SandboxFault",
    "SandboxPost",
    "Scope",
    "Workspace",
]

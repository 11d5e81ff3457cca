from integrations.platforms.sandbox.models import SandboxFault, SandboxPost

from .api_key import ApiKey, Scope
from .audit import AuditAction, AuditEntry
from .connecting import SignIn
from .integration import Integration, IntegrationStatus
from .rest import PlatformRest
from .second_factor import SecondFactor
from .webhook import EventType, OutboxEvent, WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint
from .workspace import Membership, Mode, Role, Workspace

__all__ = [
    "ApiKey",
    "AuditAction",
    "AuditEntry",
    "EventType",
    "Integration",
    "IntegrationStatus",
    "Membership",
    "Mode",
    "OutboxEvent",
    "PlatformRest",
    "Role",
    "SandboxFault",
    "SandboxPost",
    "Scope",
    "SecondFactor",
    "SignIn",
    "WebhookDelivery",
    "WebhookDeliveryStatus",
    "WebhookEndpoint",
    "Workspace",
]

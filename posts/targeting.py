"""From the names in a request to the accounts a post is meant for."""

import uuid
from collections.abc import Sequence

from integrations.models import Integration, IntegrationStatus, Workspace
from integrations.platforms import registry
from openpost.api.errors import refuse, short
from openpost.written_once import WrittenOnce

_CONNECTED = WrittenOnce(
    lambda workspace_id: (
        Integration.objects.filter(workspace=workspace_id).defer("credentials").order_by("created_at", "id")
    ),
    uuid.UUID(int=1),
)


def canonical(name: str) -> str:
    """This will give the platform's own name for it in any case or by an alias (`X`), and any other text as it is."""
    rules = registry.by_name(name.lower())
    return rules.name if rules else name


def accounts_for(
    workspace: Workspace, *, platforms: Sequence[str], integrations: Sequence[uuid.UUID]
) -> list[Integration]:
    """This will find the accounts that platform names and integration ids mean, in the order given, each once.

    Raises a 400 that names the culprit and lists what would be right: an unknown or unconnected platform, an
    account that needs reconnecting, a name that fits several accounts.
    """
    connected = _CONNECTED(workspace.id)
    for account in connected:
        account.workspace = workspace
    chosen: dict[uuid.UUID, Integration] = {}
    by_id = {account.id: account for account in connected}
    named = [_account(by_id, wanted, index) for index, wanted in enumerate(integrations)]
    for index, name in enumerate(platforms):
        account = _by_platform(connected, named, name, index)
        chosen.setdefault(account.id, account)
    for account in named:
        chosen.setdefault(account.id, account)
    return list(chosen.values())


def _account(by_id: dict[uuid.UUID, Integration], wanted: uuid.UUID, index: int) -> Integration:
    account = by_id.get(wanted)
    if account is None:
        raise refuse("integration_not_found", f"There is no integration {wanted} here.", field=f"/integrations/{index}")
    require_active(account, field=f"/integrations/{index}")
    return account


def _by_platform(connected: list[Integration], named: list[Integration], name: str, index: int) -> Integration:
    field = f"/platforms/{index}"
    platform = canonical(name)
    active = [account for account in connected if account.status == IntegrationStatus.ACTIVE]
    for account in named:
        if account.platform == platform:
            return account
    fitting = [account for account in active if account.platform == platform]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        ids = [str(account.id) for account in fitting]
        raise refuse(
            "platform_ambiguous",
            f"Several {short(name)} accounts are connected; name the ones you mean in integrations: {', '.join(ids)}.",
            field=field,
            integrations=ids,
        )
    for account in connected:
        if account.platform == platform:
            require_active(account, field=field)
    names = sorted({account.platform for account in active})
    connects = f"Connected platforms: {', '.join(names) or 'none'}."
    if platform not in registry.PLATFORMS:
        sentence = f"{short(name)} is not a platform we know. {connects}"
        raise refuse("unknown_platform", sentence, field=field, connected=names)
    raise refuse("platform_not_connected", f"{short(name)} is not connected. {connects}", field=field, connected=names)


def require_active(account: Integration, *, field: str) -> None:
    if account.status != IntegrationStatus.ACTIVE:
        raise refuse(
            "integration_not_active",
            f"{account} is not connected any more ({account.status}); connect it again first.",
            field=field,
        )

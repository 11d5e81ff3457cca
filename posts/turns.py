"""Whose turn it is: the one question the dispatcher asks every second, of what is due and not of what is stored."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

#: How many targets of one account are in workers' hands at a time: fewer than a worker has threads, so that an
#: account with ten thousand posts, or one that hangs, never keeps all of them from another's.
IN_FLIGHT = 4


def due(
    *, now: datetime, most: int, accounts: Collection[uuid.UUID] | None, without: Collection[str], left_behind: bool
) -> tuple[str, dict[str, Any]]:
    """This will give a query, and its values, for up to `most` due targets: id, platform, `turn` and `due_at`.

    In turn across accounts, at most IN_FLIGHT of one in workers' hands, and nothing new of an account or platform that
    rests; what a worker left behind, and what is to be looked up, comes first and always. So ten thousand posts of one
    account do not delay one post of another. Two callers never get the same row: SKIP LOCKED (at the same moment they
    may get a few more of an account than IN_FLIGHT). The arguments are those of `lifecycle.hand_off`.
    """
    query = _DUE.replace("{waiting}", _EVERY_ACCOUNT if accounts is None else _THESE_ACCOUNTS)
    return query, {
        "now": now,
        "most": most,
        "in_flight": IN_FLIGHT,
        "accounts": list(accounts or ()),
        "without": list(without),
        "left_behind": left_behind,
    }


_EVERY_ACCOUNT = "SELECT DISTINCT integration_id FROM posts_posttarget WHERE due_at <= %(now)s"
_THESE_ACCOUNTS = "SELECT unnest(%(accounts)s::uuid[])"
_DUE = """
    WITH account AS (
        SELECT integration.id, integration.platform,
            rest.platform IS NOT NULL OR coalesce(integration.resting_until > %(now)s, false) AS rests
        FROM ({waiting}) AS waiting(id)
        JOIN integrations_integration integration USING (id)
        JOIN integrations_workspace workspace ON workspace.id = integration.workspace_id
        LEFT JOIN integrations_platformrest rest
          ON rest.platform = integration.platform AND rest.until > %(now)s AND workspace.mode = 'live'
        WHERE integration.platform <> ALL(%(without)s::text[])
    ), chosen AS (
        SELECT due.id, due.due_at, account.platform,
            row_number() OVER (PARTITION BY account.id ORDER BY due.place, due.due_at) AS turn
        FROM account CROSS JOIN LATERAL (
            -- What a worker left, or what is to be looked up, waits for no slot and no rest.
            (SELECT id, due_at, 0 AS place FROM posts_posttarget
             WHERE integration_id = account.id AND due_at <= %(now)s AND status = 'publishing'
             ORDER BY due_at LIMIT %(in_flight)s)
            UNION ALL
            (SELECT id, due_at, 1 AS place FROM posts_posttarget
             WHERE integration_id = account.id AND due_at <= %(now)s AND status = 'pending'
               AND NOT account.rests AND (in_hand OR NOT %(left_behind)s)
             ORDER BY due_at LIMIT greatest(0, %(in_flight)s - (
                SELECT count(*) FROM posts_posttarget
                WHERE integration_id = account.id AND in_hand AND due_at > %(now)s)))
        ) due
    )
    SELECT target.id, chosen.platform, chosen.turn, chosen.due_at
    FROM chosen JOIN posts_posttarget target ON target.id = chosen.id
    WHERE target.due_at <= %(now)s
    ORDER BY chosen.turn, chosen.due_at
    LIMIT %(most)s
    FOR UPDATE OF target SKIP LOCKED
"""

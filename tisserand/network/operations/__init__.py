"""Writes of the network."""

from tisserand.network.operations.accounts import (
    change_name,
    close_sessions,
    end_role,
    grant_role,
    open_account,
    resume_role,
)
from tisserand.network.operations.invitations import (
    Newcomer,
    accept_invitation,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from tisserand.network.operations.networks import create_network
from tisserand.network.operations.structures import ensure_structure, remember_alias, update_structure
from tisserand.network.operations.ties import (
    Terms,
    date_affiliation,
    end_agreement,
    renew_agreement,
    sign_agreement,
)

__all__ = [
    "Newcomer",
    "Terms",
    "accept_invitation",
    "change_name",
    "close_sessions",
    "create_network",
    "date_affiliation",
    "end_agreement",
    "end_role",
    "ensure_structure",
    "grant_role",
    "invite",
    "open_account",
    "remember_alias",
    "renew_agreement",
    "renew_invitation",
    "resume_role",
    "sign_agreement",
    "update_structure",
    "withdraw_invitation",
]

"""Writes of the network."""

from tisserand.network.operations.access import export_data, open_file
from tisserand.network.operations.accounts import (
    change_name,
    close_sessions,
    end_role,
    grant_role,
    open_account,
    resume_role,
)
from tisserand.network.operations.erasure import erase_account, replay
from tisserand.network.operations.invitations import (
    Newcomer,
    accept_invitation,
    invite,
    renew_invitation,
    withdraw_invitation,
)
from tisserand.network.operations.merging.accounts import merge_accounts, part_accounts
from tisserand.network.operations.merging.structures import merge_structures, part_structures
from tisserand.network.operations.networks import create_network, say_controller, update_network
from tisserand.network.operations.structures import ensure_structure, remember_alias, standing, update_structure
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
    "erase_account",
    "export_data",
    "grant_role",
    "invite",
    "merge_accounts",
    "merge_structures",
    "open_account",
    "open_file",
    "part_accounts",
    "part_structures",
    "remember_alias",
    "renew_agreement",
    "renew_invitation",
    "replay",
    "resume_role",
    "say_controller",
    "sign_agreement",
    "standing",
    "update_network",
    "update_structure",
    "withdraw_invitation",
]

"""Giving someone what is kept of them; reading the file of someone else."""

from datetime import date
from typing import IO

from tisserand.common.operations import operation, require
from tisserand.messages.links import public_address
from tisserand.network.models import User
from tisserand.network.operations.erasure import require_answering
from tisserand.network.queries import accounts_of, subject_of
from tisserand.network.rules import Actor, opens_file_of
from tisserand.privacy.export import archive
from tisserand.privacy.journal import record


@operation
def export_data(*, actor: Actor, user: User, asked_on: date | None = None) -> IO[bytes]:
    """Make the archive of all that is kept of *user*; the journal says who took it.

    Args:
        actor: the person, or who answers for all that they do.
        user: whose data these are.
        asked_on: the day of the person's written request, when someone else takes it.

    Raises:
        PermissionDenied: *actor* is not the person, and does not answer for all that they do.
        ValidationError: the day of the request is missing.
    """
    require_answering(actor, user, asked_on)
    asked = {"asked_on": asked_on.isoformat()} if asked_on else {}
    record(actor=actor, verb="network.data_exported", subject=user, **asked)
    return archive([subject_of(account) for account in accounts_of(user)], address=public_address)


@operation
def open_file(*, actor: Actor, user: User) -> None:
    """Note that *actor* reads who *user* is.

    Raises:
        PermissionDenied: *user* works in no network that *actor* administers.
    """
    require(opens_file_of(actor, user), "")
    record(actor=actor, verb="network.person_read", subject=user)

"""What is under way before a sheet is public, for those who write it and those who read it."""

from django.db.models import QuerySet

from tisserand.actions.enums import State
from tisserand.actions.models import Action, Remark
from tisserand.network.rules import Actor, is_staff_of, writes_for


def remarks_seen_by(viewer: Actor, action: Action) -> QuerySet[Remark]:
    """What the network asks of a sheet, the first thing asked first.

    While it reads, what it writes is its own: the writers see it once they have the sheet again.
    """
    rows = action.remarks.select_related("created_by", "settled_by")
    if is_staff_of(viewer, action.network):
        return rows
    if not writes_for(viewer, action.network, action.structure):
        return rows.none()
    return rows.filter(created_at__lt=action.submitted_at) if action.state == State.SUBMITTED else rows

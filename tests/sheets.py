"""What the tests of the life of a sheet do over and over."""

from django.db import transaction

from tests.factories import UserFactory
from tisserand.actions.fields import mark
from tisserand.actions.operations.life import publish, rewrite
from tisserand.actions.operations.remarks import add_remark
from tisserand.actions.operations.sheets import apply_values, locked
from tisserand.actions.operations.writing import write_field
from tisserand.actions.vocabulary import Vocabulary
from tisserand.network.operations import grant_role
from tisserand.privacy.journal import SYSTEM

WHOLE = {"summary": "Un jardin partagé.", "description": "On y vient le mercredi."}


def person(network, structure=None, kind="member"):
    """Someone who holds this role."""
    user = UserFactory()
    grant_role(actor=SYSTEM, user=user, network=network, structure=structure, kind=kind)
    return user


def write(actor, sheet, **values):
    """Write fields one by one, as the form does."""
    for key, value in values.items():
        sheet.refresh_from_db()
        write_field(actor=actor, action=sheet, key=key, value=value, base=mark(sheet.content()[key]))
    sheet.refresh_from_db()


def edit(action, by=SYSTEM, **values):
    """Change a public sheet as people do: rewritten beside itself, then published."""
    copy = rewrite(actor=by, action=action)
    write(by, copy, **values)
    return publish(actor=by, action=copy)


def changed_elsewhere(action, **values):
    """The sheet changes under those who rewrite it, as an import does."""
    with transaction.atomic():
        apply_values(locked(action), values, Vocabulary(action.network), by=SYSTEM)


def ask(actor, sheet, field="summary", text="Dites pour qui."):
    """A remark of the network's team."""
    count = sheet.remarks.count()
    return add_remark(actor=actor, action=sheet, field=field, text=text, token=f"{sheet.pk}-{field}-{count}")

"""Bringing a file of sheets into the catalogue: deposit, read, settle, apply; and taking it back.

Reading stages the records beside the catalogue and writes nothing to it. Applying is one transaction
under the network's lock: it decides everything again from what is there at that moment.
"""

from tisserand.actions.operations.imports.applying import apply_import, confirm_import
from tisserand.actions.operations.imports.batches import (
    cancel_import,
    deposit_import,
    give_back,
    give_up,
    mark_applying,
    resume_import,
)
from tisserand.actions.operations.imports.settling import Answer, settle_row, settle_rows
from tisserand.actions.operations.imports.staging import read_import
from tisserand.actions.operations.imports.undoing import undo_import

__all__ = [
    "Answer",
    "apply_import",
    "cancel_import",
    "confirm_import",
    "deposit_import",
    "give_back",
    "give_up",
    "mark_applying",
    "read_import",
    "resume_import",
    "settle_row",
    "settle_rows",
    "undo_import",
]

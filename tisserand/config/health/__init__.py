"""Is this instance well? The same checks answer `tisserand doctor`, all of them, and `/sante/`, the quick ones."""

from tisserand.config.health.findings import ERROR, OK, WARN, Finding
from tisserand.config.health.machine import backup_age, clock, disk, leftovers, python, rights
from tisserand.config.health.parts import database, library, mail, migrations, queue, worker
from tisserand.config.health.safety import address, deployment

__all__ = ["ERROR", "OK", "WARN", "Finding", "examine"]


def examine() -> list[Finding]:
    """Every check; those that need the database only when it answers."""
    found = [python(), disk(), *rights(), backup_age(), *leftovers(), worker(), address(), *deployment()]
    reached = database()
    found.append(reached)
    if reached.level == OK:
        found += [library(), migrations()]
        if found[-1].level == OK:  # else tables may be missing
            found += [queue()]
    if all(finding.level == OK for finding in found if finding.key in {"database", "migrations"}):
        found += [clock(), *mail()]
    return sorted(found, key=lambda finding: (ERROR, WARN, OK).index(finding.level))

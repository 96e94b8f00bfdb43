"""What the tests of roles ask."""

from tisserand.network.rules import current_roles


def works_in(user, network, structure) -> bool:
    """Whether *user* is of the team of *structure* today."""
    return current_roles(user).filter(network=network, structure=structure, kind__in=("director", "member")).exists()

"""Everything that leads to a structure or to an account: to furnish two that are one, and to compare."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from tests.factories import ActionFactory, StructureFactory, UserFactory
from tisserand.actions.operations.calls import ask_network
from tisserand.common.following import foreign_keys_to
from tisserand.network.models import AccountMerge, Role, Structure, StructureMerge, User
from tisserand.network.operations import (
    Terms,
    grant_role,
    invite,
    merge_structures,
    remember_alias,
    renew_agreement,
    sign_agreement,
)
from tisserand.privacy.journal import SYSTEM
from tisserand.search.models import SearchDoc


def today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every column of every row that a merge could lose, and what the search knows of sheets."""
    models = {field.model for target in (Structure, User) for field in foreign_keys_to(target)}
    found = {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in (models | {Structure, User}) - {StructureMerge, AccountMerge}
    }
    return found | {"facets": list(SearchDoc.objects.order_by("pk").values("pk", "facets", "visible"))}


def double(network) -> tuple[Structure, Structure]:
    """Two structures that are one, with links of every kind, some of them the same on both sides."""
    kept = StructureFactory(network=network, name="Centre social La Navette", commune="Brévy", phone="03 00 00 00 01")
    gone = StructureFactory(network=network, name="La Navete", email="accueil@navette.example", phone="03 00 00 00 02")
    someone = UserFactory()
    for number, structure in enumerate((kept, gone)):
        structure.affiliations.update(starts=today(-100 * (number + 1)))
        grant_role(actor=SYSTEM, user=someone, network=network, structure=structure, kind="member")
        Role.objects.filter(structure=structure, user=someone).update(starts=today(-50 * (number + 1)))
        grant_role(actor=SYSTEM, user=UserFactory(), network=network, structure=structure, kind="director")
        for email in ("deux-fois@exemple.example", f"une-fois-{number}@exemple.example"):
            invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=email)
        terms = Terms("Convention d'objectifs", today(-300), today(40))
        first = sign_agreement(actor=SYSTEM, network=network, structure=structure, terms=terms)
        renew_agreement(
            actor=SYSTEM, agreement=first, terms=Terms("Convention d'objectifs", today(41), today(400 + number))
        )
        sign_agreement(actor=SYSTEM, network=network, structure=structure, terms=Terms("Charte", today(-10)))
        remember_alias(
            actor=SYSTEM, network=network, structure=structure, name=f"Navette {number}", department="Ardennes"
        )
        for draft in (False, True):
            ActionFactory(network=network, structure=structure, draft=draft)
        ask_network(actor=SYSTEM, network=network, structure=structure, question="Qui jardine ?", token=f"q{number}")
    return kept, gone


def merged(kept, gone, actor=SYSTEM, **options) -> StructureMerge:
    return merge_structures(actor=actor, kept=kept, gone=gone, **options)

"""Whatever is merged, in whatever order, and undone as one may: no link is lost, and all of it can be put back."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import ActionFactory, StructureFactory, UserFactory
from tests.network.links import everything, today
from tisserand.actions.models import Action
from tisserand.network.models import AccountMerge, Affiliation, Invitation, Role, Structure, StructureMerge, User
from tisserand.network.operations import (
    Terms,
    invite,
    merge_accounts,
    merge_structures,
    part_accounts,
    part_structures,
    remember_alias,
    sign_agreement,
)
from tisserand.network.operations.accounts import keep_address
from tisserand.network.operations.merging import moving
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db
SIZE = 4  # structures, and people
which = st.integers(0, SIZE - 1)
roles = st.lists(st.tuples(which, which, st.sampled_from(["member", "director"])), min_size=3, max_size=9, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["structures", "accounts"]), which, which),
        st.tuples(st.just("part"), st.integers(0, 5), st.just(0)),
    ),
    min_size=2,
    max_size=8,
)


class World:
    """Structures and people, what leads to them, and who became whom."""

    def __init__(self, network) -> None:
        self.network = network
        self.people = [UserFactory() for _n in range(SIZE)]
        self.structures = [StructureFactory(network=network) for _n in range(SIZE)]
        for user in self.people[1:]:
            keep_address(user, proven=True)
        for rank, structure in enumerate(self.structures):
            structure.affiliations.update(starts=today(-rank))
            terms = Terms("Charte", today(-9), today(rank // 2))  # two by two the same
            sign_agreement(actor=SYSTEM, network=network, structure=structure, terms=terms)
            remember_alias(actor=SYSTEM, network=network, structure=structure, name=f"Autre {rank}", department="")
            ActionFactory(network=network, structure=structure, draft=rank == 1)
            for email in ("partout@exemple.example", f"{rank}@exemple.example"):
                invite(actor=SYSTEM, network=network, structure=structure, kind="member", email=email)
        for rank, invitation in enumerate(Invitation.objects.order_by("pk")):
            Invitation.objects.filter(pk=invitation.pk).update(created_by=self.people[rank % SIZE])

    def play(self, roles, steps) -> None:
        for rank, (who, where, kind) in enumerate(roles):
            Role.objects.create(
                user=self.people[who], network=self.network, structure=self.structures[where], kind=kind,
                starts=today(-rank),
            )  # fmt: skip
        before = everything()
        links = list(Role.objects.values("user", "structure", "kind", "starts"))
        sheets = dict(Action.objects.values_list("pk", "structure"))
        for step in steps:
            self.do(*step)
            self.nothing_is_lost(links, sheets)
        while merges := self.merges():
            assert self.part(merges[-1]), "the last merge can always be undone"
        assert everything() == before

    def do(self, what, one, other) -> None:
        if what == "part":
            merges = self.merges()
            if merges:
                self.part(merges[one % len(merges)])
        elif what == "structures":
            kept, gone = (Structure.objects.filter(pk=self.structures[rank].pk).first() for rank in (one, other))
            if kept and gone and kept != gone:
                merge_structures(actor=SYSTEM, kept=kept, gone=gone, taken={"name"} if one < other else set())
        else:
            kept, gone = (User.objects.get(pk=self.people[rank].pk) for rank in (one, other))
            if kept.is_active and gone.is_active and kept != gone:
                merge_accounts(actor=SYSTEM, network=self.network, kept=kept, gone=gone)

    def merges(self) -> list[StructureMerge | AccountMerge]:
        return sorted([*StructureMerge.objects.all(), *AccountMerge.objects.all()], key=lambda one: one.created_at)

    def part(self, merge) -> bool:
        part = part_structures if isinstance(merge, StructureMerge) else part_accounts
        try:
            part(actor=SYSTEM, merge=merge)
        except ValidationError:
            return False  # another one first
        return True

    def nothing_is_lost(self, links, sheets) -> None:
        became = dict(StructureMerge.objects.values_list("gone", "kept"))
        persons = dict(AccountMerge.objects.values_list("gone", "kept"))
        held = {(role.user_id, role.structure_id, role.kind): role.starts for role in Role.objects.all()}
        for link in links:
            user, structure = link["user"], link["structure"]
            starts = held[persons.get(user, user), became.get(structure, structure), link["kind"]]
            assert starts <= link["starts"]
        assert dict(Action.objects.values_list("pk", "structure")) == {
            pk: became.get(structure, structure) for pk, structure in sheets.items()
        }
        assert set(Affiliation.objects.values_list("structure", flat=True)) == {
            became.get(structure.pk, structure.pk) for structure in self.structures
        }


@pytest.fixture
def play(network):
    world = World(network)

    def run(roles, steps):
        with transaction.atomic():
            world.play(roles, steps)
            transaction.set_rollback(True)

    return run


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles=roles, steps=steps)
def test_any_history_can_be_put_back(play, roles, steps):
    play(roles, steps)


SHARED = [(0, 0, "member"), (0, 1, "member"), (1, 0, "member"), (1, 1, "member")]


def test_negative_control_a_role_that_is_dropped_is_seen(play, monkeypatch):
    monkeypatch.setattr(moving, "_part", lambda *_arguments: False)
    with pytest.raises(AssertionError):
        play(SHARED, [("structures", 0, 1)])


def test_negative_control_undone_in_any_order_it_would_be_lost(play, monkeypatch):
    """Two merges of the same roles: without the order that is asked for, the role of the first one is lost."""
    history = [("structures", 0, 1), ("accounts", 0, 1), ("part", 0, 0)]
    play(SHARED, history)
    monkeypatch.setattr("tisserand.network.queries.merging.later_than", lambda _merge: None)
    with pytest.raises((AssertionError, KeyError)):
        play(SHARED, history)

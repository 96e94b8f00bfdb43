"""Two structures become one while people write in both, page after page: no word that was kept is lost."""

import threading
from itertools import count

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests.factories import StructureFactory
from tests.sheets import person
from tisserand.actions.fields import mark
from tisserand.actions.models import Action
from tisserand.actions.operations.life import begin_sheet
from tisserand.network.models import Network, Role, Structure
from tisserand.network.operations import merge_structures
from tisserand.privacy.journal import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 2  # in each structure


class Writer(threading.Thread):
    """Someone who begins a sheet, then saves its lead again and again; remembers what was answered."""

    def __init__(self, network: Network, structure: Structure, stop: threading.Event) -> None:
        super().__init__()
        self.stop, self.statuses, self.kept = stop, set(), ""
        self.answered = threading.Event()
        user = person(network, structure)
        self.sheet = begin_sheet(actor=user, network=network, structure=structure, title=f"De {user.pk}", token="t")
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.begun: list[str] = []

    def run(self) -> None:
        try:
            for number in count():
                self.save(f"Version {number}")
                self.begin(f"{self.name} {number}")
                self.answered.set()
                if self.stop.is_set():
                    break
        finally:
            connections.close_all()

    def save(self, text: str) -> None:
        sent = {"key": "summary", "value": text, "base": mark(self.kept)}
        answer = self.client.post(reverse("sheet-field", args=[self.sheet.pk]), sent)
        self.statuses.add(answer.status_code)
        if answer.status_code == 200:
            self.kept = text

    def begin(self, title: str) -> None:
        page = self.client.get(reverse("sheet-begin"))
        form = page.context["form"]
        sent = {"title": title, "place": form["place"].value(), "token": form["token"].value()}
        answer = self.client.post(reverse("sheet-begin"), sent)
        self.statuses.add(answer.status_code)
        if answer.status_code == 302:
            self.begun.append(title)


def test_merged_while_people_write_in_both(network):
    two = [StructureFactory(network=network, name=name) for name in ("La Navette", "La Navete")]
    stop = threading.Event()
    writers = [Writer(network, structure, stop) for structure in two for _n in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for writer in writers:
            assert writer.answered.wait(60)
            writer.answered.clear()
        merge_structures(actor=SYSTEM, kept=two[0], gone=two[1])
        for writer in writers:  # and a while after
            assert writer.answered.wait(60)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert list(Structure.objects.all()) == [two[0]]
    assert Role.objects.filter(structure=two[0]).count() == len(writers)
    assert set(Action.objects.values_list("structure", flat=True)) == {two[0].pk}
    for writer in writers:
        # A page opened before names a structure that is no more: its form says so, and what is typed stays there.
        assert writer.statuses <= {200, 302, 422}
        assert Action.objects.get(pk=writer.sheet.pk).summary == writer.kept
        assert Action.objects.filter(title__in=writer.begun).count() == len(writer.begun)

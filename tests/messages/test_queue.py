"""A message is queued with what it tells, sent at most once, and told when it did not leave."""

import smtplib
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from tisserand.messages import kinds, operations
from tisserand.messages.enums import Delivery
from tisserand.messages.links import refusal_address
from tisserand.messages.models import Message, Refusal
from tisserand.messages.operations import queue, refuse, send
from tisserand.messages.privacy import purge_messages
from tisserand.messages.queries import troubled

pytestmark = pytest.mark.django_db
NEWS = kinds.register("test.news", "Nouvelles du réseau", optional=True)
LINK = kinds.register("test.link", "Lien demandé")


@pytest.fixture
def no_worker(monkeypatch):
    """Messages stay in the queue: the test sends them itself."""
    monkeypatch.setattr(
        "tisserand.messages.tasks.deliver", type("Task", (), {"enqueue": staticmethod(lambda pk: None)})
    )


def put(key="un", kind=LINK, to="Nadia@exemple.example", **values):
    return queue(
        key=key, kind=kind, to=to, subject="Bonjour", text="Un lien : https://exemple.example/secret", **values
    )


def test_a_message_leaves_once_and_its_words_are_forgotten():
    message = put()
    assert [sent.to for sent in mail.outbox] == [["nadia@exemple.example"]]
    message.refresh_from_db()
    assert (message.state, message.text, message.subject) == (Delivery.SENT, "", "")
    assert send(message_id=message.pk) is None
    assert put() is None
    assert len(mail.outbox) == 1


def test_a_subject_is_one_line():
    queue(key="deux", kind=LINK, to="nadia@exemple.example", subject="Fiche\nBcc: a@exemple.example", text="Oui.")
    assert [sent.subject for sent in mail.outbox] == ["Fiche Bcc: a@exemple.example"]


def test_a_message_that_cannot_be_made_is_told_as_not_sent(no_worker, monkeypatch):
    monkeypatch.setattr(operations.EmailMessage, "send", lambda _self: 1 / 0)
    message = put()
    with pytest.raises(ZeroDivisionError):
        send(message_id=message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == (Delivery.FAILED, "ZeroDivisionError")


def test_nothing_leaves_when_what_it_tells_does_not_hold(no_worker):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_server_that_refuses_is_tried_again_then_told(no_worker, monkeypatch):
    monkeypatch.setattr(operations.EmailMessage, "send", _refuse)
    message = put()
    waits = [send(message_id=message.pk) for _try in range(5)]
    assert waits == [timedelta(minutes=n) for n in operations.WAITS] + [None]
    message.refresh_from_db()
    assert message.state == Delivery.FAILED
    assert "SMTPServerDisconnected" in message.error
    assert list(troubled(timezone.now())) == [message]


def _refuse(self):
    raise smtplib.SMTPServerDisconnected("perdu")


def test_a_process_that_dies_while_sending_leaves_it_told_and_not_sent_twice(no_worker, monkeypatch):
    monkeypatch.setattr(operations.EmailMessage, "send", _die)
    message = put()
    with pytest.raises(SystemExit):
        send(message_id=message.pk)
    monkeypatch.undo()
    assert send(message_id=message.pk) is None
    assert mail.outbox == []
    assert list(troubled(timezone.now() + timedelta(minutes=16))) == [message]


def _die(self):
    raise SystemExit


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one(no_worker, monkeypatch):
    message = put()
    start, sent = threading.Barrier(8), []
    monkeypatch.setattr(operations, "_email", lambda message, kind: SimpleNamespace(send=lambda: sent.append(message)))

    def work():
        start.wait()
        send(message_id=message.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 1


def test_a_message_that_nobody_tries_is_told(no_worker):
    message = put()
    assert not troubled(timezone.now() + timedelta(hours=3)).exists()
    assert list(troubled(timezone.now() + timedelta(hours=4, minutes=1))) == [message]


def test_one_refuses_a_kind_by_a_link_and_takes_it_back(client):
    address = refusal_address("nadia@exemple.example", "test.news")
    path = "/" + address.split("/", 3)[3]
    page = client.get(path)
    assert "Nouvelles du réseau" in page.content.decode()
    assert not Refusal.objects.exists()  # mail programs open links by themselves
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert put("deux", NEWS).state == Delivery.REFUSED
    assert mail.outbox == []
    client.post(path, {"again": "1"})
    put("trois", NEWS)
    assert mail.outbox[0].extra_headers["List-Unsubscribe"] == f"<{address}>"


def test_a_message_of_a_kind_that_nobody_knows_is_told_and_not_sent(no_worker):
    message = put(kind=kinds.Kind("test.gone", "Ancienne lettre"))
    assert send(message_id=message.pk) is None
    assert mail.outbox == []
    assert list(troubled(timezone.now())) == [message]


def test_a_refusal_that_came_after_queueing_counts(no_worker):
    message = put("un", NEWS)
    refuse(email="nadia@exemple.example", kind=NEWS.key)
    send(message_id=message.pk)
    assert mail.outbox == []


@pytest.mark.parametrize("token", ["x", "W10:abc", "é"])
def test_links_that_nobody_made(client, token):
    assert client.get(reverse("message-refusal", args=[token])).status_code == 404


def test_what_was_asked_for_cannot_be_refused(client):
    path = "/" + refusal_address("nadia@exemple.example", "test.link").split("/", 3)[3]
    assert client.get(path).status_code == 404


def test_old_messages_go(no_worker):
    put()
    now = timezone.now() + timedelta(days=60)
    assert purge_messages(now - timedelta(minutes=1), False) == 0
    assert purge_messages(now + timedelta(minutes=1), True) == 1
    assert purge_messages(now + timedelta(minutes=1), False) == 1
    assert purge_messages(now + timedelta(minutes=1), False) == 0

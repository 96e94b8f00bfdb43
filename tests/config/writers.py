"""Run by a test in an instance: writes through operations until told to stop, and notes what was answered."""

import threading
import uuid

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connections

from tisserand.actions.operations.imports import deposit_import
from tisserand.actions.operations.sheets import create_action
from tisserand.network.models import Network, Structure
from tisserand.privacy.journal import SYSTEM


def work(log, lock, network, structure) -> None:
    try:
        while not (settings.DATA / "stop").exists():
            token = uuid.uuid4().hex
            content = ContentFile(token.encode() * 500)
            deposit_import(actor=SYSTEM, network=network, filename=f"{token}.txt", token=token, file=content)
            create_action(actor=SYSTEM, network=network, structure=structure, values={"title": token})
            with lock:
                print(token, file=log, flush=True)
    finally:
        connections.close_all()


def write(threads: int, name: str) -> None:
    """Each line of `confirmed-NAME`, in the data folder, was confirmed when it was written."""
    network, structure = Network.objects.get(slug="essai"), Structure.objects.first()
    lock = threading.Lock()
    with (settings.DATA / f"confirmed-{name}").open("w") as log:
        workers = [threading.Thread(target=work, args=(log, lock, network, structure)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

"""Whether a server may listen at an address, told before it tries; the address by which this machine reaches it."""

import errno
import os
import socket
from collections.abc import Iterator

from django.conf import settings

LAST_PORT = 65_535
TRIED = 20  # ports looked at after the one that is taken


class PortRefused(Exception):
    """Nothing can listen there. The text says why and what to do."""


def check_port(host: str, port: int) -> None:
    """Make sure that a server could listen at *host*, *port*.

    Raises:
        PortRefused: it could not; the text names a port that is free, when that is what is missing.
    """
    if not 0 < port <= LAST_PORT:
        raise PortRefused(f"Un port va de 1 à {LAST_PORT} ; {port} n'en est pas un. Essayez --port 8000.")
    error = _refusal(host, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        free = next((one for one in _next_ports(port) if _refusal(host, one) is None), None)
        text = f"Le port {port} est déjà pris, peut-être par un autre Tisserand resté ouvert."
        if free:
            text += f" Arrêtez-le, ou prenez un port libre : make demo PORT={free}, ou --port {free}."
        raise PortRefused(text)
    if error.errno in {errno.EACCES, errno.EPERM}:
        raise PortRefused(f"Le port {port} demande les droits d'administration de la machine. Essayez --port 8000.")
    raise PortRefused(f"Rien ne peut répondre à l'adresse {host}, port {port} : {error}.")


def answer_on(port: int) -> str:
    """Note the local address of the server, for the messages that this process writes and the worker that it starts."""
    os.environ["TISSERAND_PORT"] = str(port)
    settings.LOCAL_URL = address = f"http://localhost:{port}"
    return address


def _next_ports(port: int) -> Iterator[int]:
    yield from range(port + 1, min(port + TRIED, LAST_PORT) + 1)


def _refusal(host: str, port: int) -> OSError | None:
    """The error that a server would meet, or None."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            # As the server does: a port that closed a moment ago is free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            tried.listen(1)
    except OSError as error:
        return error
    return None

"""What the log of an instance says: enough to mend it, and nothing about people.

No e-mail, no address of the network, no body, no query string, no text of an exception (databases and mail
servers quote what they refuse). A request is told by its identifier, a user by their number.
"""

import copy
import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpRequest

# What the log adds to each line while a request is answered.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_EMAIL = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;]+")
_QUERY = re.compile(r"(?<=\S)\?[^\s\"'<>]+")
_NETWORK = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}|[0-9A-Fa-f]{1,4}::[0-9A-Fa-f]{1,4})(?![\w:])"
)
_NEUTRAL = {"int", "slug", "uuid"}  # converters of addresses whose values name nobody
_TOLD = ("status", "duration_ms", "method", "path", "user")


class RefusalsInOneLine(logging.Filter):
    """A request that was refused (4xx) is told in its line; only a failure of ours brings where it happened."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through, without the traceback of a refusal."""
        if getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class Plain(logging.Formatter):
    """One line for people, then where an exception came from."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """As ever, without the text that another handler may have kept of an exception."""
        record = copy.copy(record)
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging asks for
        """The line, without what speaks of people."""
        record.message = said(record)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the same
        """Where it happened and its kind, not what it says."""
        return "Traceback:\n" + "\n".join(place(ei[1]))


class Json(logging.Formatter):
    """One JSON object on each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, request; of a finished request, its status, duration, path and user."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": said(record),
        }
        if identifier := request_id.get():
            line["request"] = identifier
        line |= {key: getattr(record, key) for key in _TOLD if hasattr(record, key)}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = place(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def said(record: logging.LogRecord) -> str:
    """The message, with the path of its request made neutral and what looks like people or machines left out."""
    request = getattr(record, "request", None)
    arguments = record.args
    if request is not None and isinstance(arguments, tuple):
        path = getattr(request, "path", None)
        arguments = tuple(told_path(request) if path and argument == path else argument for argument in arguments)
    try:
        message = str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError):
        message = str(record.msg)
    return without_people(message)


def told_path(request: HttpRequest) -> str:
    """The path, without what a link may hold of someone.

    Links sent by e-mail hold tokens, some of which name an address: of those, the pattern is told. Of a path that
    leads nowhere, which anyone may type, the first part.
    """
    match = request.resolver_match
    if match is None:
        first = request.path.split("/")[1][:40]
        return without_people(f"/{first}/…" if request.path.count("/") > 1 else f"/{first}")
    kinds = set(re.findall(r"<(\w+):", match.route)) | ({"str"} if re.search(r"<\w+>|\(\?P", match.route) else set())
    return without_people(request.path if kinds <= _NEUTRAL else f"/{match.route.lstrip('^/')}")


def without_people(text: str) -> str:
    """*text* without e-mails, query strings and addresses of the network."""
    return _NETWORK.sub("…", _EMAIL.sub("…", _QUERY.sub("", text)))


def place(error: BaseException) -> list[str]:
    """Kind of *error* and of those behind it, each with the lines of code it crossed, innermost last."""
    lines = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(type(current).__qualname__)
        frames = traceback.extract_tb(current.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def tell_crashes() -> None:
    """Where programs read the log, a command that fails is told there too, and not in Python's own words."""
    if settings.LOG == "json":
        sys.excepthook = _tell_crash


def _tell_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("tisserand.command").critical("stopped", exc_info=(kind, error, trace))

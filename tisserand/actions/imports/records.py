"""What every reader yields, and how it complains."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Level = Literal["info", "warning", "error"]
Values = str | list[str]


class FileRefused(Exception):
    """The file as a whole cannot be read. The text says what is wrong, where, and what to do."""

    def __init__(self, text: str, *, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether both databases can hold *text*: no null, no half of a character."""
    return not _UNSTORABLE.search(text)


def storable(text: str) -> str:
    """*text* with what no database holds replaced by the sign of a lost character."""
    return _UNSTORABLE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell about a file: where, how serious, in words."""

    text: str
    level: Level = "info"
    line: int | None = None
    record: int | None = None
    field: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data, in the order of the JSON report."""
        data = asdict(self)
        return {key: data[key] for key in ("line", "record", "field", "level", "text")}


@dataclass(slots=True)
class Record:
    """One sheet of a file.

    Attributes:
        number: its rank in the file, from 1.
        line: the line (or row) where it begins.
        fields: values by key; a key is there only if the file has the label, even empty. Free text and
            names are `str`, closed values are lists.
        extras: what no field takes, `{"label", "after", "text"}`, in order.
        messages: what to tell.
        rejected: whether it cannot become a sheet.
    """

    number: int
    line: int
    fields: dict[str, Values]
    extras: list[dict[str, str]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    rejected: bool = False

    @property
    def title(self) -> str:
        """The title, or an empty string."""
        return str(self.fields.get("title", ""))

    def say(self, text: str, *, level: Level = "warning", field: str | None = None, line: int | None = None) -> None:
        """Add a message about this record."""
        self.messages.append(Message(text, level, line or self.line, self.number, field))

    def reject(self, text: str, *, field: str | None = None, line: int | None = None) -> None:
        """Refuse this record, and say why."""
        self.rejected = True
        self.say(text, level="error", field=field, line=line)

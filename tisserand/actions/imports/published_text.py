"""The text that centres publish: a line `Actions`, a title, then blocks opened by `- LABEL`.

Free text may hold lines that start with `- `, that equal a label or `Actions`. So no line is trusted alone:
a sheet begins at `Actions`, a title and the label of the structure, and inside a sheet the labels are the longest
reading in the published order whose closed values look like values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from tisserand.actions.fields import BY_KEY, FIELDS
from tisserand.actions.imports.apart import FILES, extra, label_of
from tisserand.actions.imports.records import FileRefused, Message, Record
from tisserand.actions.vocabulary import DEFAULT_LABELS
from tisserand.common.text import fold

OPENING = "Actions"
HEADER = "Les actions des centres sociaux"
PARTNERS_INTRO = "Partenaires d'action:"
MAX_LINES = 20_000  # of one sheet


@dataclass(frozen=True, slots=True)
class Block:
    """One label of the published text, in its place.

    `key` is a field, or "files" and "territory_again", which a sheet keeps apart. `shape`: what follows is
    a name, free text, one value (`- value`) or a list (a lone `-`, then values).
    """

    key: str
    label: str
    shape: str


def _blocks() -> tuple[Block, ...]:
    shapes = {"name": "name", "text": "text", "choice": "value", "choices": "list"}
    blocks = [Block(f.key, f.published, shapes[f.kind]) for f in FIELDS if f.published]
    keys = [block.key for block in blocks]
    blocks.insert(keys.index("structure") + 1, Block("files", FILES, "text"))
    keys = [block.key for block in blocks]
    # The published form asks for the territory twice.
    blocks.insert(keys.index("partners") + 1, Block("territory_again", "Territoire concerné", "value"))
    return tuple(blocks)


BLOCKS = _blocks()
_RANKS: dict[str, list[int]] = {}
for _rank, _block in enumerate(BLOCKS):
    _RANKS.setdefault(fold(_block.label), []).append(_rank)
_LONGEST = max(len(block.label) for block in BLOCKS) + 20
_INTRO = fold(PARTNERS_INTRO)
_KNOWN = {
    rank: {fold(label) for label in DEFAULT_LABELS[field.facet]}
    for rank, block in enumerate(BLOCKS)
    if (field := BY_KEY.get(block.key.removesuffix("_again"))) and field.facet
}


def ranks_of(line: str) -> list[int]:
    """The places in the order where *line* could be a label; case, accents and spacing do not matter."""
    return _ranks_of(line) if line.startswith("- ") and len(line) <= _LONGEST else []


@lru_cache(maxsize=4096)
def _ranks_of(line: str) -> list[int]:
    return _RANKS.get(fold(line[2:]), [])


def shielded(line: str, *, dash: bool = False, careful: bool = False) -> str:
    """A line that will be read as text: a backslash stands before what looks like a label or an opening.

    Args:
        dash: here any dash would open a label.
        careful: shield whatever could be misread; otherwise only what reading would take a backslash off.
    """
    bare = line.lstrip("\\")
    if careful and not line.strip():
        return "\\." + line  # blank lines at the end of a sheet would fall off
    label = bare.startswith("- ") if dash else bool(ranks_of(bare))
    taken_off = line != bare and (label or bare.strip() in {".", OPENING})
    return "\\" + line if taken_off or (label and (dash or careful)) or (careful and bare.strip() == OPENING) else line


def unshielded(line: str, *, dash: bool = False) -> str:
    """Undo `shielded`."""
    if line.startswith("\\.") and not line[2:].strip():
        return line[2:]
    return line[1:] if line.startswith("\\") and shielded(line, dash=dash) != line else line


def _is_intro(line: str) -> bool:
    """Whether *line* is the sentence that opens the partners."""
    return len(line) < 2 * len(PARTNERS_INTRO) and fold(line) == _INTRO


def read_published_text(lines: Iterable[str], messages: list[Message], *, ends_whole: bool = True) -> Iterator[Record]:
    """Yield the sheets of a published text, one in memory at a time.

    Args:
        messages: receives what concerns no sheet.
        ends_whole: whether the file ends with a newline; if not, its last sheet may have been cut.

    Raises:
        FileRefused: there is no sheet, or one sheet has no end.
    """
    number, complete = 0, True
    held: Record | None = None
    for start, sheet in _sheets(lines):
        if not start:
            _tell_preamble(sheet, messages)
            continue
        if held:
            complete = complete and "perspectives" in held.fields
            yield held
        number += 1
        held = _record(number, start, sheet)
    if held is None:
        raise FileRefused(
            _("Aucune fiche dans ce texte : une fiche commence par une ligne « Actions », puis son titre."), line=1
        )
    _refuse_if_cut(held, sheet, expects_end=number > 2 and complete and not ends_whole, start=start)
    yield held


def _tell_preamble(sheet: list[str], messages: list[Message]) -> None:
    lost = [line for line in sheet if line.strip() and fold(line) != fold(HEADER)]
    if lost:
        text = _("Ce texte placé avant la première fiche n'est pas repris : « %(text)s »")
        messages.append(Message(text % {"text": " / ".join(lost)[:300]}, "warning", 1))


def _refuse_if_cut(record: Record, sheet: list[str], *, expects_end: bool, start: int) -> None:
    """Reject the last sheet when the file visibly stops in the middle of it."""
    last = sheet[-1] if sheet else ""
    line = start + len(sheet)
    half_label = len(last) > 5 and any(f"- {b.label}".startswith(last) for b in BLOCKS) and not ranks_of(last)
    if half_label or (expects_end and "perspectives" not in record.fields):
        record.reject(
            _("Le fichier s'arrête au milieu de cette fiche, à la ligne %(line)d. Téléchargez-le à nouveau.")
            % {"line": line},
            line=line,
        )


def _sheets(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Cut the file into (line of `Actions`, lines of the sheet, title first); what precedes has line 0."""
    current: list[str] = []
    start = 0
    for number, line in enumerate(lines, 1):
        current.append(line)
        if len(current) > MAX_LINES:
            raise FileRefused(
                _("La fiche ouverte à la ligne %(line)d n'a pas de fin : plus de %(max)d lignes.")
                % {"line": max(start, 1), "max": MAX_LINES},
                line=max(start, 1),
            )
        head = _head_length(current) if 0 in ranks_of(line) else 0
        if head:
            yield start, current[:-head]
            current = current[1 - head :]
            start = number - head + 1
    yield start, current


def _head_length(current: list[str]) -> int:
    """How many of the last lines open a sheet: `Actions`, a title, the label of the structure; or 0.

    Only that label opens one: every sheet has it, and a free text may well hold `Actions`, a line, then another.
    """
    if len(current) >= 3 and current[-3].strip() == OPENING:
        return 3
    # Without a title the sheet will be refused; without this it would sink into the one before.
    return 2 if len(current) >= 2 and current[-2].strip() == OPENING else 0


def _record(number: int, start: int, sheet: list[str]) -> Record:
    title, body = ("", sheet) if not sheet or 0 in ranks_of(sheet[0]) else (sheet[0], sheet[1:])
    first_line = start + (1 if body is sheet else 2)
    while body and not body[-1].strip():  # blank lines between two sheets belong to neither
        body = body[:-1]
    record = Record(number, start, {"title": unshielded(title)})
    chosen = choose_labels(body)
    before = body[: chosen[0][0]] if chosen else body
    _keep_apart(record, before, label="", after="title", line=first_line)
    ends = [index for index, _rank in chosen[1:]] + [len(body)]
    for (index, rank), end in zip(chosen, ends, strict=False):
        _take(record, BLOCKS[rank], body[index + 1 : end], first_line + index)
    if not title.strip():
        record.reject(_("Cette fiche n'a pas de titre."), field="title")
    if not str(record.fields.get("structure", "")).strip():
        record.reject(_("Cette fiche ne dit pas quelle structure la mène."), field="structure")
    return record


def _keep_apart(record: Record, lines: list[str], *, label: str, after: str, line: int) -> None:
    """Keep lines that no field takes, to be looked at."""
    if any(text.strip() for text in lines):
        record.extras.append(extra(label, "\n".join(unshielded(text) for text in lines), after=after))
        record.say(_("Texte gardé à part, à vérifier."), field=after if after in BY_KEY else None, line=line)


def _take(record: Record, block: Block, lines: list[str], line: int) -> None:
    """Give the lines under a label to the field it opens."""
    if block.key == "files":
        _keep_apart(record, lines, label=block.label, after="files", line=line)
    elif block.shape == "text":
        record.fields[block.key] = "\n".join(unshielded(text) for text in lines)
    elif block.shape == "name":
        name, separator, department = (lines[0] if lines else "").removeprefix("- ").rpartition(" - ")
        record.fields["structure"], record.fields["department"] = (name, department) if separator else (department, "")
        _take_unknown_labels(record, lines[1:], line + 2)
    else:
        values, others = _closed_values(block, lines)
        if block.key == "territory_again":
            _take_second_territory(record, values, line)
        else:
            record.fields[block.key] = values
        _keep_apart(record, others, label=block.label, after=block.key.removesuffix("_again"), line=line + 1)


def _take_unknown_labels(record: Record, lines: list[str], line: int) -> None:
    """Under the name of the structure, which is one line, every other dash opens a label that is not of the form."""
    starts = [index for index, text in enumerate(lines) if text.startswith("- ")]
    loose = lines[: starts[0]] if starts else lines
    if any(text.strip() for text in loose):
        record.extras.append(extra("", "\n".join(unshielded(text, dash=True) for text in loose), after="structure"))
        record.say(_("Texte gardé à part, à vérifier."), field="structure", line=line)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        label = label_of(lines[start].removeprefix("- ").strip())
        text = "\n".join(unshielded(text, dash=True) for text in lines[start + 1 : end])
        record.extras.append(extra(label, text))
        told = _("Rubrique inconnue « %(name)s », gardée à part.") % {"name": label}
        record.say(told, level="info", line=line + start)


def _closed_values(block: Block, lines: list[str]) -> tuple[list[str], list[str]]:
    """The values under a closed label, and the lines that are not values."""
    several = block.shape == "list" or lines[:1] == ["-"]
    known = _KNOWN[BLOCKS.index(block)]
    values: list[str] = []
    others: list[str] = []
    for line in lines:
        if line.rstrip() == "-" or _is_intro(line):
            continue
        value = line.removeprefix("- ")
        is_value = line.startswith("- ") or (not several and not values)
        if (is_value and not others and (several or not values or fold(value) in known)) or (
            line.startswith("- ") and several
        ):
            values.append(value)
        else:
            others.append(line)
    return [value for value in values if value.strip()], others


def _take_second_territory(record: Record, values: list[str], line: int) -> None:
    first = record.fields.get("territory")
    if not first:
        record.fields["territory"] = values
    elif values and values != first:
        _keep_apart(
            record, ["- " + value for value in values], label="Territoire concerné", after="partners", line=line
        )


def choose_labels(body: list[str]) -> list[tuple[int, int]]:
    """The lines of *body* that are labels, as (index, rank), ranks growing.

    Among all readings in order, keep the one with the most labels; between equals, the one whose closed
    values look like values.
    """
    penalties = [0]  # penalties[i]: lines before i that cannot be a closed value
    for line in body:
        penalties.append(penalties[-1] + (0 if line.startswith("-") or _is_intro(line) else 1))
    # rank → places already met, as (score, node, index); the first and the last few of a label are enough
    places: list[list[tuple[float, int, int]]] = [[] for _ in BLOCKS]
    nodes: list[tuple[int, int, int]] = []  # (index, rank, previous node)
    for index, line in enumerate(body):
        for rank in ranks_of(line):
            score, previous = _best_before(places, rank, index, penalties)
            nodes.append((index, rank, previous))
            places[rank].append((score + 10 - _doubt(rank, body, index), len(nodes) - 1, index))
            if len(places[rank]) > 8:
                del places[rank][1]
    return _path(nodes, _best_before(places, len(BLOCKS), len(body), penalties)[1])


def _best_before(
    places: list[list[tuple[float, int, int]]], rank: int, index: int, penalties: list[int]
) -> tuple[float, int]:
    """The best reading that ends before *index* with labels under *rank*: its score and last node."""
    best, node = 0.0, -1
    for earlier in range(rank):
        for score, candidate, start in places[earlier]:
            if start < index and score - _cost(earlier, start, index, penalties) > best:
                best, node = score - _cost(earlier, start, index, penalties), candidate
    return best, node


def _cost(rank: int, start: int, end: int, penalties: list[int]) -> float:
    """What it costs to give the lines between *start* and *end* to the label of *rank*."""
    shape = BLOCKS[rank].shape
    if shape == "text":
        return 0
    odd = penalties[end] - penalties[start + 1]
    # One value takes one line; each further one costs a little, a line that is no value costs more.
    surplus = max(0, end - start - 2) if shape != "list" else 0
    return min(9, 3 * odd + 0.5 * surplus)


def _doubt(rank: int, body: list[str], index: int) -> float:
    """A closed label followed by a value that nobody knows is a little less likely to be one."""
    if rank not in _KNOWN:
        return 0
    following = next((line for line in body[index + 1 : index + 4] if line != "-" and not _is_intro(line)), "")
    is_value = not following or ranks_of(following) or fold(following.removeprefix("- ")) in _KNOWN[rank]
    return 0 if is_value else 0.4


def _path(nodes: list[tuple[int, int, int]], node: int) -> list[tuple[int, int]]:
    path = []
    while node >= 0:
        index, rank, node = nodes[node]
        path.append((index, rank))
    return path[::-1]

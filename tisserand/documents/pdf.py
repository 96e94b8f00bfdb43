"""Tagged PDF (PDF/UA-1) from a Typst template and plain data."""

import json
import re
import threading
import unicodedata
from pathlib import Path
from typing import Any

import typst

from tisserand.documents.fonts import fonts
from tisserand.documents.text import plain

# Templates inside the package may import one another; others see only their own folder.
_PACKAGE = Path(__file__).resolve().parent.parent
_PACKAGE_IMPORT = re.compile(r"""\b(?:import|include)\s*\(?\s*"@""")

# PDF/UA refuses a character that no font can draw: it is printed as a box instead.
_BOX = "\u25a1"
_REFUSED = re.compile(r'the text (?:contains the disallowed codepoint )?`"(.+?)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_JOINERS = "\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
_JOINER = re.compile(f"[{_JOINERS}]")
_BEYOND_LATIN = re.compile("[^\x00-\u024f\u2010-\u2027\u202f\u20ac\u25a1]")
_ROUNDS = 4


class PdfError(RuntimeError):
    """A template that does not compile; the message is the compiler's own."""


class _Glyphless:
    """The characters met so far that our fonts cannot draw, learnt from the compiler's refusals."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, refused: set[str]) -> bool:
        """Add the characters to blame in *refused*; say whether any was new."""
        found = {char for text in refused for char in _to_blame(text)}
        with self._lock:
            if found <= self._known:
                return False
            self._known |= found
            one = "[" + "".join(map(re.escape, sorted(self._known))) + "]"
            # A family drawn with joiners is one sign: one box.
            self._pattern = re.compile(f"{one}(?:[{_JOINERS}]+{one}?)*")
            return True

    def boxed(self, text: str) -> str:
        pattern = self._pattern
        return pattern.sub(_BOX, text) if pattern else text


def _to_blame(text: str) -> list[str]:
    # Our fonts hold Latin and the box: boxing those, for good, because of a neighbour would be worse.
    foreign = [char for char in text if _BEYOND_LATIN.match(char) and not _JOINER.match(char)]
    marks = [char for char in foreign if unicodedata.category(char).startswith("M")]
    return marks if marks and len(text) > 1 else foreign


_glyphless = _Glyphless()
_thread = threading.local()


def typst_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """Return the PDF/UA-1 file of *template* filled with *data*.

    The template reads `json(bytes(sys.inputs.data))`; strings are text there, never markup. Safe in
    threads: each has its compilers, which keep parsed templates and fonts. Nothing is downloaded.
    Raises FileNotFoundError without the template, PdfError if it does not compile or breaks
    PDF/UA, ValueError if it imports a package, TypeError for data that is not plain.
    """
    compiler = _compiler(Path(template).resolve())
    # A picture travels as a list of numbers: the compiler reads no file but ours.
    source = json.dumps(plain(data), ensure_ascii=False, separators=(",", ":"), default=list)
    for _ in range(_ROUNDS):
        try:
            return _compiled(compiler, _glyphless.boxed(source))
        except typst.TypstError as error:
            refused = {_unescaped(text) for text in _REFUSED.findall(error.diagnostic)}
            if not refused:
                raise PdfError(error.diagnostic) from error
            if not _glyphless.learn(refused):
                break
    return _plain_latin(compiler, source)


def _compiled(compiler: typst.Compiler, source: str) -> bytes:
    made = compiler.compile(format="pdf", pdf_standards="ua-1", sys_inputs={"data": source})
    if not isinstance(made, bytes):  # pragma: no cover - the stub covers formats we never ask for
        raise PdfError("The compiler returned no file")
    return made


def _plain_latin(compiler: typst.Compiler, source: str) -> bytes:
    # A sign that only fails beside another one: keep the document, box every script beyond Latin.
    try:
        return _compiled(compiler, _BEYOND_LATIN.sub(_BOX, source))
    except typst.TypstError as error:
        raise PdfError(error.diagnostic) from error


def _compiler(template: Path) -> typst.Compiler:
    compilers: dict[Path, typst.Compiler] = _thread.__dict__.setdefault("compilers", {})
    if template not in compilers:
        if not template.is_file():
            raise FileNotFoundError(f"No template at {template}")
        _refuse_packages(template.parent)
        root = _PACKAGE if template.is_relative_to(_PACKAGE) else template.parent
        compilers[template] = typst.Compiler(str(template), root=str(root), font_paths=fonts())
    return compilers[template]


def _refuse_packages(folder: Path) -> None:
    # The compiler would fetch them from the network, in the middle of a request.
    for source in sorted(folder.glob("*.typ")):
        if _PACKAGE_IMPORT.search(source.read_text(encoding="utf-8")):
            raise ValueError(f"{source} imports a Typst package: packages are never fetched")


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)

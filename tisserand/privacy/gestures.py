"""What people call the gestures that the journal notes by a code; each app says its own in `privacy.py`."""

from tisserand.privacy.registry import Words

_WORDS: dict[str, Words] = {}


def name_gestures(app: str, **words: Words) -> None:
    """Say the gestures of *app*, by the code that follows its name."""
    _WORDS.update({f"{app}.{code}": said for code, said in words.items()})


def gesture(verb: str) -> str:
    """The words of a gesture; its code when nobody says it any more."""
    return str(_WORDS.get(verb, verb))

"""Read sums of money, with who pays or what for, and the period they cover."""

from dataclasses import dataclass
from decimal import Decimal

from tisserand.actions.facts.lexicon import words
from tisserand.actions.facts.model import CENT, LABEL_LENGTH, LIMIT, Fact
from tisserand.actions.facts.periods import period_after, period_of_sentence
from tisserand.actions.facts.quantities import Quantity, fold_at, read_number, skip_hedges
from tisserand.actions.facts.tokens import Token

_EUROS = frozenset({"€", "euro", "euros", "eur"})
_SCALES = {"k": 1000, "m": 1_000_000, "million": 1_000_000, "millions": 1_000_000, "mille": 1000}
_CENTS = frozenset({"centime", "centimes", "cts"})
_TAXES = frozenset({"ttc", "ht", "net", "nets", "brut", "bruts"})
_HEDGES_AFTER = frozenset({"environ", "minimum", "maximum", "max", "mini", "maxi"})
# "pas un euro" says that there is no money.
_NONE = frozenset({"pas", "aucun", "sans", "moindre", "seul"})
_FILLERS = words("subvention aide financement participation don dotation soit pour de d ' un une montant total")
_PAYERS = words("""
    caf cnaf msa ville commune mairie departement region etat fdva fonjep acse anct drac ars carsat cpam
    prefecture reaap clas cnav fse feder leader""")
_LABEL_WORDS = 8
_LABEL_ENDS = frozenset(",;.!?•*€+()[]→>")
_LABEL_OPENERS = frozenset({"et", "ou", "puis", "dont", "soit", "-"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum read from `tokens[first:after]`."""

    low: Decimal
    high: Decimal
    approximate: bool
    first: int
    after: int


def read_money(tokens: list[Token], index: int, quantity: Quantity | None, line: str) -> tuple[Fact, int] | None:
    """Return the sum at *index*, where *quantity* was read, and the index after it; None when none."""
    amount = _read_amount(tokens, index, quantity)
    if amount is None or not _is_storable(amount):
        return None
    after, hedged = _skip_after(tokens, amount.after)
    period, after = period_after(tokens, after)
    fact = Fact(
        kind="money",
        start=tokens[amount.first].start,
        end=tokens[after - 1].end,
        low=amount.low,
        high=amount.high,
        approximate=amount.approximate or hedged,
        label=_label(tokens, amount.first, line),
        period=period or period_of_sentence(tokens, amount.first),
    )
    return fact, after


def _is_storable(amount: Amount) -> bool:
    """Refuse what is no sum of a sheet: "999999999999 M€", "12,5 centimes"."""
    return amount.high < LIMIT and amount.low % CENT == 0 == amount.high % CENT


def _read_amount(tokens: list[Token], index: int, quantity: Quantity | None) -> Amount | None:
    if quantity is None:
        return _read_between(tokens, index) or _read_sign_first(tokens, index)
    scale = _read_unit(tokens, quantity.after, quantity.partitive)
    if scale is None or (quantity.article and fold_at(tokens, index - 1) in _NONE):
        return None
    factor, after = scale
    cents, after = _read_cents(tokens, quantity, after)
    low, high = quantity.low * factor + cents, quantity.high * factor + cents
    amount = Amount(low, high, quantity.approximate, quantity.first, after)
    return _with_upper(tokens, amount) if not quantity.link else amount


def _read_unit(tokens: list[Token], index: int, partitive: bool = False) -> tuple[Decimal, int] | None:
    """Read the unit of money; return what to multiply by and the index after."""
    if fold_at(tokens, index) in _CENTS:
        return Decimal("0.01"), index + 1
    factor = 1
    word = fold_at(tokens, index)
    if word in ("keuro", "keuros"):
        return Decimal(1000), index + 1
    if word in _SCALES:
        factor, index = _SCALES[word], index + 1
        partitive = partitive or word.startswith("million")
    if partitive and fold_at(tokens, index) in ("de", "d"):
        index += 2 if fold_at(tokens, index + 1) == "'" else 1
    if fold_at(tokens, index) not in _EUROS:
        return None
    index += 1
    if [fold_at(tokens, index + i) for i in range(3)] == ["(", "s", ")"]:
        index += 3
    return Decimal(factor), index


def _read_cents(tokens: list[Token], quantity: Quantity, index: int) -> tuple[Decimal, int]:
    """Read the two digits of "2€50" and "2 euros 50"."""
    if quantity.low != quantity.high or index >= len(tokens):
        return Decimal(0), index
    token = tokens[index]
    if token.kind != "number" or len(token.text) != 2 or not token.text.isdigit():
        return Decimal(0), index
    follower = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.spaced and follower is not None and follower.kind != "sign":
        return Decimal(0), index
    if follower is not None and follower.fold in ("€", "%", "-", "/"):
        return Decimal(0), index
    return token.value / 100, index + 1


def _read_between(tokens: list[Token], index: int) -> Amount | None:
    """Read "entre 20 € et 300 €", where each bound has its unit."""
    start, hedged = skip_hedges(tokens, index)
    if fold_at(tokens, start) != "entre":
        return None
    low = read_number(tokens, start + 1)
    unit = low and _read_unit(tokens, low.after)
    if not low or not unit or fold_at(tokens, unit[1]) != "et":
        return None
    return _upper(tokens, Amount(low.value * unit[0], low.value, hedged, index, unit[1]))


def _read_sign_first(tokens: list[Token], index: int) -> Amount | None:
    """Read "€ 300", when the sign does not close an earlier sum."""
    if fold_at(tokens, index) != "€" or (index and tokens[index - 1].kind in ("number", "junk")):
        return None
    number = read_number(tokens, index + 1)
    if number is None or not number.digits or _read_unit(tokens, number.after):
        return None
    return Amount(number.value, number.value, False, index, number.after)


def _with_upper(tokens: list[Token], amount: Amount) -> Amount:
    """Extend "20 € à 30 €" and "20€-30€" to a range."""
    if fold_at(tokens, amount.after) not in ("a", "-", "ou"):
        return amount
    return _upper(tokens, amount) or amount


def _upper(tokens: list[Token], amount: Amount) -> Amount | None:
    number = read_number(tokens, amount.after + 1)
    unit = number and _read_unit(tokens, number.after)
    if not number or not unit or number.value * unit[0] <= amount.low:
        return None
    return Amount(amount.low, number.value * unit[0], amount.approximate, amount.first, unit[1])


def _skip_after(tokens: list[Token], index: int) -> tuple[int, bool]:
    """Step over "TTC", and over a hedge that follows ("200 € environ")."""
    if fold_at(tokens, index) in _TAXES:
        index += 1
    if fold_at(tokens, index) in _HEDGES_AFTER:
        return index + 1, True
    return index, False


def _label(tokens: list[Token], first: int, line: str) -> str:
    """Return the payer or the post before the colon ("CAF : 3 000 €"), or a payer just before."""
    index = first - 1
    for _ in range(4):
        if fold_at(tokens, index) not in _FILLERS or index < 0:
            break
        index -= 1
    if fold_at(tokens, index) not in (":", "="):
        payer = first - 2 if fold_at(tokens, first - 1) in ("(", "-") else first - 1
        return tokens[payer].text if fold_at(tokens, payer) in _PAYERS else ""
    start = _label_start(tokens, index)
    label = line[tokens[start].start : tokens[index - 1].end] if 0 <= start < index else ""
    return label if len(label) <= LABEL_LENGTH else ""


def _label_start(tokens: list[Token], colon: int) -> int:
    """Return the first token of the label that ends before *colon*, -1 when prose goes on too long."""
    start = colon
    while start and colon - start <= _LABEL_WORDS and not _ends_label(tokens, start - 1):
        start -= 1
    if colon - start > _LABEL_WORDS:
        return -1
    while start < colon and tokens[start].fold in _LABEL_OPENERS:
        start += 1
    kinds = {token.kind for token in tokens[start:colon]}
    # "x 12 mois = 3 600 €" is a sum being worked out, not a post.
    worked_out = fold_at(tokens, colon) == "=" and "number" in kinds
    return start if "word" in kinds and not worked_out else -1


def _ends_label(tokens: list[Token], index: int) -> bool:
    token = tokens[index]
    if token.fold in (":", "=") or (token.kind == "sign" and token.text in _LABEL_ENDS):
        return True
    if token.fold in ("-", "/"):
        return token.spaced or tokens[index - 1].kind != "word"
    return token.fold in _EUROS

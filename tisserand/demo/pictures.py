"""Pictures for the invented network, drawn here: a plan of the garden, and the cloth of its tablecloth."""

from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

PAPER, INK = "#f6f0e2", "#3b332b"
SIZE = (1_600, 1_060)
GREENS = ("#7d9a55", "#94ad62", "#5f8450", "#a9b56b", "#6c8f6a", "#8aa07a")
EARTH = ("#c9a777", "#bd9767", "#d3b58a")
DYES = ("#17566e", "#a17800", "#8c2340", "#29603f", "#d8c9ac", "#2f6f86")


def garden_plan() -> bytes:
    """Eighteen plots, two shared beds and a table, as on the wall of the hall."""
    chance = Random(17)  # noqa: S311 - a drawing
    made = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(made)
    pen.rounded_rectangle((70, 60, 1_530, 1_000), 18, fill="#e6dcc0", outline=INK, width=5)
    for column in range(6):
        for row in range(3):
            left, top = 130 + column * 180, 120 + row * 270
            _plot(pen, chance, (left, top, left + 150, top + 220))
    for top in (120, 390):
        _plot(pen, chance, (1_240, top, 1_470, top + 220))
    _table(pen, 1_355, 790)
    _hedge(pen, chance)
    return _jpeg(made.filter(ImageFilter.GaussianBlur(0.7)))


def _plot(pen: ImageDraw.ImageDraw, chance: Random, box: tuple[int, int, int, int]) -> None:
    """Earth with rows of plants, some in flower."""
    left, top, right, bottom = box
    pen.rectangle(box, fill=chance.choice(EARTH), outline=INK, width=3)
    green, dots = chance.choice(GREENS), chance.random() < 0.4
    for x in range(left + 22, right - 10, 26):
        for y in range(top + 18, bottom - 8, 22):
            size = chance.randint(6, 11)
            at = (x + chance.randint(-3, 3), y + chance.randint(-3, 3))
            pen.ellipse((at[0] - size, at[1] - size, at[0] + size, at[1] + size), fill=green)
            if dots and chance.random() < 0.5:
                pen.ellipse((at[0] - 3, at[1] - 3, at[0] + 3, at[1] + 3), fill=chance.choice(("#a01f38", "#f0d070")))


def _table(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    for rank in range(6):
        pen.rectangle((x - 110, y - 60 + rank * 21, x + 110, y - 44 + rank * 21), fill="#b98b52", outline=INK, width=2)
    for side in (-105, 105):
        pen.rectangle((x - 120, y + side - 12, x + 120, y + side + 12), fill="#a67a45", outline=INK, width=2)


def _hedge(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    for x in range(70, 1_530, 24):
        for y in (60, 1_000):
            size = chance.randint(14, 24)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=chance.choice(GREENS))


def cloth() -> bytes:
    """A plain weave seen close: bands of colour, one thread over, one under."""
    chance = Random(5)  # noqa: S311 - a drawing
    warp, weft = _bands(chance, SIZE[0]), _bands(chance, SIZE[1])
    made = Image.new("RGB", SIZE, "#1f1a16")
    pen = ImageDraw.Draw(made)
    step = 20
    for i, x in enumerate(range(0, SIZE[0], step)):
        for j, y in enumerate(range(0, SIZE[1], step)):
            over = (i + j) % 2
            pen.rounded_rectangle((x + 1, y - 4, x + step - 2, y + step + 3), 7, fill=warp[x])
            if over:
                pen.rounded_rectangle((x - 4, y + 1, x + step + 3, y + step - 2), 7, fill=weft[y])
    light = Image.radial_gradient("L").resize(SIZE).point(lambda dark: 255 - dark // 3)
    grain = Image.effect_noise(SIZE, 26).point(lambda dot: 200 + dot // 5)
    shaded = ImageChops.multiply(made, Image.merge("RGB", (light,) * 3))
    return _jpeg(ImageChops.multiply(shaded, Image.merge("RGB", (grain,) * 3)))


def _bands(chance: Random, length: int) -> list[str]:
    colours: list[str] = []
    while len(colours) < length:
        colours += [chance.choice(DYES)] * (20 * chance.choice((1, 2, 2, 3, 5)))
    return colours


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()

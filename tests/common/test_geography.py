"""Départements, outlines and maps: what is found, what is not, and what they weigh."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from importlib.resources import files

import pytest

from tisserand.common import geography
from tisserand.common.geography.counted import Counted, counted_map
from tisserand.common.geography.paths import area_of, box_of, label_point, path_of, rings
from tisserand.common.geography.svg import Area, AreaLike, map_svg

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = "M0 0h100v100h-100z"
CRESCENT = "M0 0L100 0L100 100L0 100L0 90L90 90L90 10L0 10Z"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Seine et Marne", "77"),
        ("seine-et-marne", "77"),
        ("SEINE & MARNE", "77"),
        ("77", "77"),
        (" 77 ", "77"),
        ("Seine-et-Marne (77)", "77"),
        ("77 - Seine-et-Marne", "77"),
        ("77 Seine-et-Marne", "77"),
        ("1", "01"),
        ("l’Ain", "01"),
        ("Val d'Oise", "95"),
        ("Val-d’Oise", "95"),
        ("val d oise", "95"),
        ("Corse-du-Sud", "2A"),
        ("2A", "2A"),
        ("2a", "2A"),
        ("2A Corse du Sud", "2A"),
        ("La Réunion", "974"),
        ("Réunion", "974"),
        ("974", "974"),
        ("Côtes d'Armor", "22"),
        ("cotes d armor", "22"),
        ("Le Nord", "59"),
        ("les Landes", "40"),
        ("Lot", "46"),
    ],
)
def test_a_department_is_found_however_it_is_written(text: str, code: str) -> None:
    found = geography.department_by_name(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "20", "0", "96", "Val-Fictif", "Seine-et-Marne (78)", "78 - Seine-et-Marne", "988", "La"],
)
def test_what_is_no_department_is_not_found(text: str) -> None:
    assert geography.department_by_name(text) is None


def test_departments_are_counted_and_distinct() -> None:
    everyone = geography.departments()
    assert len(everyone) == 101
    assert len({one.region for one in everyone}) == 18
    assert len({geography.department_key(one.name) for one in everyone}) == 101
    assert [one.code for one in everyone] == sorted(one.code for one in everyone)
    assert everyone[0] == geography.Department("01", "Ain", "Auvergne-Rhône-Alpes")
    for one in everyone:
        assert geography.department_by_name(one.name) == geography.department_by_name(one.code) == one


def whole_country() -> dict[str, str]:
    return geography.outlines_together(one.code for one in geography.departments())


def test_metropolitan_france_is_drawn_and_overseas_is_not() -> None:
    outlines = whole_country()
    assert set(outlines) == {one.code for one in geography.departments() if len(one.code) == 2}
    left, top, width, height = box_of(ring for path in outlines.values() for ring in rings(path))
    assert (left, top) == (0, 0)
    assert max(width, height) == 1000


def test_neighbours_keep_the_same_border() -> None:
    """Drawn apart, two neighbours would leave gaps: most corners inland must be shared."""
    corners = [set(ring) for path in whole_country().values() for ring in rings(path)]
    seine_et_marne = set(rings(whole_country()["77"])[0])
    shared = {point for point in seine_et_marne if sum(point in ring for ring in corners) > 1}
    assert len(shared) / len(seine_et_marne) > 0.7


def test_what_is_drawn_together_fills_its_frame() -> None:
    alone = geography.outlines_together(["77"])
    assert box_of(rings(alone["77"])) == (0, 0, 779, 1000)
    together = geography.outlines_together(["75", "92", "93", "94", "974", "nowhere"])
    assert set(together) == {"75", "92", "93", "94"}
    assert max(box_of(ring for path in together.values() for ring in rings(path))[2:]) == 1000
    assert geography.outlines_together([]) == {}


def test_paths_are_read_back_as_they_were_written() -> None:
    drawn = [[(0.0, 0.0), (10.0, -5.0), (7.0, 9.0)], [(-3.0, 4.0), (1.0, 1.0), (2.0, 8.0)]]
    assert rings(path_of(drawn)) == drawn
    assert rings("m1,1 2,0 0,2z m5 5h2v2H6z") == [
        [(1, 1), (3, 1), (3, 3)],
        [(6, 6), (8, 6), (8, 8), (6, 8)],
    ]
    assert abs(area_of(rings(SQUARE)[0])) == 10_000
    assert path_of([[(0, 0), (0.2, 0.1), (0.1, 0.3)]]) == ""


@pytest.mark.parametrize("path", ["M0 0C1 1 2 2 3 3z", "<script>", "L1 1 2 2z", "M1z", "12"])
def test_a_path_that_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        rings(path)


def test_a_number_is_written_inside_its_area() -> None:
    assert label_point(rings(SQUARE)) == (50, 50)
    assert label_point(rings(CRESCENT)) == (95, 50)


def test_a_map_without_links_is_one_picture() -> None:
    drawing = _parsed([(SQUARE, "map-area is-on", "Ain : 1 348 actions", None, 1348)], title="Carte", desc="Une")
    title, desc = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (drawing.get("role"), title.text, desc.text) == ("img", "Carte", "Une")
    assert drawing.get("aria-labelledby") == title.get("id")
    assert drawing.get("aria-describedby") == desc.get("id")
    assert drawing.get("viewBox") == "-8 -8 116 116"
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["1\u202f348"]
    assert not list(drawing.iter(f"{SVG}a"))


def test_linked_areas_are_named_and_scenery_is_silent() -> None:
    drawing = _parsed(
        [
            Area(SQUARE, "map-area is-on", "Ain : 3 actions", "/carte/01/?a=1&b=2", 3),
            Area(SQUARE, "map-area", "", None, None),
            Area(SQUARE, "map-area", "Aisne : moins de 5 actions", None, "< 5"),
        ]
    )
    assert drawing.get("role") == "group"
    [link] = drawing.iter(f"{SVG}a")
    assert (link.get("href"), link.get("aria-label")) == ("/carte/01/?a=1&b=2", "Ain : 3 actions")
    scenery, named = [shape for shape in drawing if shape.tag == f"{SVG}path"]
    assert scenery.get("aria-hidden") == "true"
    assert (named.get("role"), named.get("aria-label")) == ("img", "Aisne : moins de 5 actions")
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["3", "< 5"]
    assert list(drawing)[-1].get("class") == "map-labels"


def test_everything_is_escaped_and_nothing_is_styled() -> None:
    nasty = "\"><script>alert('x')</script>&\x0b"
    source = map_svg([(SQUARE, nasty, nasty, None, nasty)], title=nasty, desc=nasty)
    assert "<script" not in source
    assert "style" not in source
    drawing = ET.fromstring(source)
    assert drawing.findtext(f"{SVG}title") == nasty.rstrip("\x0b")


@pytest.mark.parametrize("address", ["javascript:alert(1)", " /x", "data:text/html,x"])
def test_a_map_links_only_to_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        map_svg([(SQUARE, "map-area", "Ain", address, None)], title="Carte", desc="")


def test_a_link_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        map_svg([(SQUARE, "map-area", "", "/ain/", None)], title="Carte", desc="")


def test_two_maps_of_one_page_have_their_own_identifiers() -> None:
    maps = [_parsed([(SQUARE, "map-area", "Ain", None, count)]) for count in (1, 2)]
    assert maps[0].get("aria-labelledby") != maps[1].get("aria-labelledby")


def test_zero_is_drawn_and_no_answer_is_not() -> None:
    drawing = _parsed([(SQUARE, "map-area", "Ain", None, 0), (SQUARE, "map-area", "Aisne", None, None)])
    assert [text.text for text in drawing.iter(f"{SVG}text")] == ["0"]


def test_an_empty_map_and_an_area_without_outline_are_well_formed() -> None:
    assert not list(_parsed([]).iter(f"{SVG}path"))
    drawing = _parsed([("", "map-area", "Ville inventée : 2 actions", None, 2)])
    assert not list(drawing.iter(f"{SVG}text"))


def test_two_spellings_of_one_department_add_up() -> None:
    counted = [Counted("Somme", 2, "#somme"), Counted("SOMME", 3, "#autre"), Counted("Ailleurs", 9)]
    shown = counted_map(counted, told=lambda name, n: f"{name} : {n}", title="T", desc="D", caption="C")
    assert shown is not None
    assert "Somme : 5" in shown["drawing"]
    assert shown["drawing"].count("href=") == 1


def test_the_whole_country_is_a_well_formed_map() -> None:
    areas: list[AreaLike] = [
        (path, "map-area", code, None, index) for index, (code, path) in enumerate(whole_country().items())
    ]
    drawing = _parsed(areas)
    assert len(list(drawing.iter(f"{SVG}path"))) == len(list(drawing.iter(f"{SVG}text"))) == 96


def test_shipped_files_stay_within_their_budget() -> None:
    data = files(geography) / "data"
    sizes = {one.name: len(one.read_bytes()) for one in data.iterdir() if one.name.endswith(".gz")}
    assert set(sizes) == {"departments.json.gz", "contours-departments.json.gz"}
    assert sizes["contours-departments.json.gz"] < 30_000
    assert sizes["departments.json.gz"] < 5_000


def _parsed(areas: Sequence[AreaLike], *, title: str = "Carte", desc: str = "Résumé") -> ET.Element:
    return ET.fromstring(map_svg(areas, title=title, desc=desc))

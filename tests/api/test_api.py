"""The API keeps its promises, whatever one asks."""

import json
import re

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils.html import escape
from hypothesis import HealthCheck, settings

from tests.texts import GARDEN_VALUES
from tisserand.api.example import ANSWER, QUERY

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheets(make_action):
    for number in range(7):
        make_action(**GARDEN_VALUES | {"title": f"Jardin {number}"})
    make_action(title="Permanence numérique", partners=["Caf"], initiators=["Un habitant"])


def test_the_list(client, sheets):
    answer = client.get("/api/actions?q=numerique").json()
    assert list(answer) == ["count", "items", "facets", "next"]
    assert answer["count"] == 1
    assert answer["items"][0]["partners"] == ["Caf"]
    assert answer["facets"]["partner"] == [{"value": "caf", "label": "Caf", "count": 1}]
    assert set(answer["facets"]) == {
        "dimension", "keyword", "public", "territory", "partner", "initiator", "status", "department", "structure",
    }  # fmt: skip
    one = client.get(f"/api/actions/{answer['items'][0]['id']}").json()
    assert one == answer["items"][0]


@pytest.mark.parametrize("sort", ["recent", "title", "relevance"])
def test_cursor_pages_give_every_sheet_once(client, sheets, sort):
    seen, address = [], f"/api/actions?q=jardin&limit=2&sort={sort}"
    while address:
        page = client.get(address).json()
        seen += [item["title"] for item in page["items"]]
        address = page["next"]
    assert sorted(seen) == [f"Jardin {n}" for n in range(7)]


def test_filters_are_the_same_as_on_the_page(client, sheets):
    for query in ("q=jardin", "partner=caf", "partner=caf&partner=commune&keyword=culture", "public=tous-publics"):
        page = client.get(f"/actions/?{query}")
        assert client.get(f"/api/actions?{query}").json()["count"] == page.context["count"]


def test_structures(client, sheets):
    answer = client.get("/api/structures?limit=3").json()
    assert answer["count"] == 8
    assert len(answer["items"]) == 3
    seen = [item["id"] for item in answer["items"]]
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        seen += [item["id"] for item in answer["items"]]
    assert len(seen) == len(set(seen)) == 8


def test_nothing_can_be_written(client, sheets):
    for method in (client.post, client.put, client.patch, client.delete):
        assert method("/api/actions").status_code == 405


def test_the_page_shows_a_request_and_an_answer_that_the_api_could_give(client, sheets):
    page = client.get("/api/").content.decode()
    assert f"/api/actions?{QUERY.replace('&', '&amp;')}" in page
    assert escape(ANSWER) in page
    assert 'href="/api/openapi.json"' in page
    example, real = json.loads(ANSWER), client.get(f"/api/actions?{QUERY}").json()
    assert list(example) == list(real)
    whole = client.get("/api/actions").json()["items"][0]
    told = example["items"][0]
    assert {name: type(value) for name, value in told.items()} == {name: type(whole[name]) for name in told}
    assert all(set(one) == {"value", "label", "count"} for one in example["facets"]["partner"])


def test_the_page_tells_in_words_each_parameter_and_each_field(client, sheets):
    page = client.get("/api/").content.decode()
    one = client.get("/api/actions?limit=1").json()["items"][0]
    for name in (*one, "q", "partner", "sort", "cursor", "limit", "kind"):
        words = re.search(rf"<dt><code>{name}</code></dt><dd><span>(.*?)</span></dd>", page)[1]
        assert words
        assert words != name
        assert "`" not in words
    client.cookies["django_language"] = "en"
    assert "Where the next page begins" in client.get("/api/").content.decode()


schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


@schema.parametrize()
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_request_fails(case):
    response = case.call(headers={"Host": "localhost"})
    assert response.status_code < 500

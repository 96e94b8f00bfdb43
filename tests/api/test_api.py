"""The API keeps its promises, whatever one asks."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings

from tests.texts import GARDEN_VALUES

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


schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())


@schema.parametrize()
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_request_fails(case):
    response = case.call(headers={"Host": "localhost"})
    assert response.status_code < 500

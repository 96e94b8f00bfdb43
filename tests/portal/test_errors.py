"""What people read when a request cannot be answered."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_request_that_is_not_understood_says_what_to_do(client):
    client.raise_request_exception = False
    answer = client.get("/actions/", HTTP_HOST="ailleurs.example")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Cette demande n’a pas été comprise" in page
    assert 'href="/"' in page

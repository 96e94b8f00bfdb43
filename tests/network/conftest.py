"""Fixtures of the tests of networks."""

import pytest

from tests.network.links import double


@pytest.fixture
def two(network):
    return double(network)


@pytest.fixture
def kept(two):
    return two[0]


@pytest.fixture
def gone(two):
    return two[1]

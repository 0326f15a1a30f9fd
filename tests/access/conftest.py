"""The world of the tables, and pages without the frame around them."""

import logging
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from tests.access.people import World

SHORT = Path(__file__).parent / "short"


@pytest.fixture(autouse=True, scope="module")
def _short_pages():
    """Thousands of pages are drawn, whose frame says nothing about who may see them and takes as
    long as all else. Nor is each refusal logged, so that a difference can be read.
    """
    [engine] = settings.TEMPLATES
    logging.disable()
    with override_settings(TEMPLATES=[engine | {"DIRS": [SHORT, *engine["DIRS"]]}]):
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(db):
    return World()

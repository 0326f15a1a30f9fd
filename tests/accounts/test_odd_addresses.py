"""Addresses that nothing of ours leads to."""

import pytest


@pytest.mark.parametrize(
    "address",
    [
        "/?after=%00",
        "/organizations/%00/",
        "/organizations/{key}/avatar/%00.png",
        "/organizations/{key}/repositories/?q=%00",
        "/organizations/{key}/projects/%00/",
        "/organizations/{key}/projects/?q=%00",
        "/organizations/{key}/members/?q=%00",
        "/invitations/%00/",
        "/organizations/{key}/lines-of-code/?q=%00",
        "/organizations/{key}/audit/?email=%00",
        "/organizations/switcher/?q=%00",
        "/imports/key/?key=%00",
        "/notifications/?after=%00",
        "/imports/------------------------------------/join/",
        "/api/v1/organizations/%00",
        "/api/v1/organizations/{key}/repositories?q=%00",
        "/api/v1/organizations/{key}/audit-events?email=%00",
    ],
)
def test_an_address_that_can_be_none_breaks_nothing(browser_of, alice, harbour, address):
    assert browser_of(alice).get(address.format(**harbour)).status_code in (400, 401, 404)

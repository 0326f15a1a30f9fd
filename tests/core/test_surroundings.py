"""What `bin/up` starts beside the product, and what it takes from whoever starts it."""

import pytest

from bin.stack import AZURE_VARIABLES, Stack

AZURE = dict.fromkeys(AZURE_VARIABLES, "https://azure.example.com")
MAIL = {"EMAIL_URL": "smtp://mail.example.com"}
OWN = {"STRIPE_SECRET_KEY": "sk_test_" + "ours"}


def test_plans_are_sold_through_the_sandbox(tmp_path):
    env = Stack(tmp_path, 1, 2, {}).env

    assert env["STRIPE_API_URL"] == "http://127.0.0.1:2/stripe"
    assert env["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert env["STRIPE_WEBHOOK_SECRETS"].startswith("whsec_")


def test_a_key_of_ones_own_is_for_the_real_stripe(tmp_path):
    env = Stack(tmp_path, 1, 2, OWN).env

    assert env["STRIPE_SECRET_KEY"] == OWN["STRIPE_SECRET_KEY"]
    assert "STRIPE_API_URL" not in env
    assert "STRIPE_WEBHOOK_SECRETS" not in env


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({}, True),
        (AZURE | MAIL, True),
        (AZURE | OWN, True),
        (MAIL | OWN, True),
        (AZURE | MAIL | OWN, False),
    ],
)
def test_the_sandbox_runs_if_anything_needs_it(tmp_path, given, needed):
    assert Stack(tmp_path, 1, 2, given).has_sandbox is needed

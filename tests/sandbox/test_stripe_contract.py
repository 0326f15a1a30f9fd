"""Requests against the types of the installed library, and answers against its classes."""

import base64
import time
import urllib.parse

import pytest
import stripe as library

from sandbox.stripe import contract
from sandbox.stripe.checking import checked
from sandbox.stripe.errors import StripeError
from sandbox.stripe.forms import decoded
from sandbox.stripe.shapes import misfits
from tests.sandbox.conftest import client_of

SESSION = "mode=subscription&line_items[0][price]=price_1&line_items[0][quantity]=1"


def refusal(method, template, form):
    with pytest.raises(StripeError) as refused:
        checked(contract.endpoint(method, template), decoded(form))
    return refused.value.error


@pytest.mark.parametrize(
    ("template", "form", "code", "param"),
    [
        ("customers", "emial=x", "parameter_unknown", "emial"),
        ("customers", "address[town]=x", "parameter_unknown", "address[town]"),
        ("customers", "balance=much", "parameter_invalid_integer", "balance"),
        ("customers", "email=", "parameter_invalid_empty", "email"),
        ("products", "description=x", "parameter_missing", "name"),
        ("prices", "currency=usd&recurring[x]=1", "parameter_unknown", "recurring[x]"),
        (
            "prices",
            "currency=usd&recurring[interval_count]=1",
            "parameter_missing",
            "recurring[interval]",
        ),
        ("customers/{}/tax_ids", "type=eu_vat", "parameter_missing", "value"),
        (
            "subscriptions",
            "items[0][price]=p&items[0][quantity]=one",
            "parameter_invalid_integer",
            "items[0][quantity]",
        ),
        (
            "checkout/sessions",
            f"{SESSION}&payment_method_types[0]=card",
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(template, form, code, param):
    error = refusal("POST", f"/v1/{template}", form)

    assert (error["code"], error["param"]) == (code, param)


@pytest.mark.parametrize(
    ("template", "form", "says"),
    [
        ("subscriptions/{}", "billing_cycle_anchor=now", "Invalid object"),
        ("subscriptions/{}", "items=si_1", "Invalid array"),
        ("subscriptions/{}", "cancel_at_period_end=yes", "Invalid boolean: yes"),
        ("subscriptions/{}", "trial_end=soon", "Invalid integer: soon"),
        ("customers", "tax_exempt=maybe", "must be one of exempt, none or reverse"),
        ("customers", "name[first]=x", "Invalid string"),
        ("checkout/sessions", f"{SESSION}&ui_mode=hosted", "Invalid ui_mode: must be one of"),
        ("invoices/create_preview", "subscription_details[items]=x", "Invalid array"),
    ],
)
def test_a_wrong_value_is_refused(template, form, says):
    assert says in refusal("POST", f"/v1/{template}", form)["message"]


def test_values_get_their_types():
    form = (
        "items[0][price]=p_1&items[0][quantity]=2&items[1][price]=3&cancel_at_period_end=true"
        "&metadata[loc_limit]=100000&metadata[gone]=&trial_end=now&expand[]=latest_invoice"
        "&billing_cycle_anchor[type]=now&default_tax_rates="
    )

    params = checked(contract.endpoint("POST", "/v1/subscriptions/{id}"), decoded(form))

    assert params == {
        "items": [{"price": "p_1", "quantity": 2}, {"price": "3"}],
        "cancel_at_period_end": True,
        "metadata": {"loc_limit": "100000", "gone": ""},
        "trial_end": "now",
        "expand": ["latest_invoice"],
        "billing_cycle_anchor": {"type": "now"},
        "default_tax_rates": "",
    }


def test_nothing_may_be_sent_where_nothing_is_taken(ask_stripe):
    made = ask_stripe.customers.create()

    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.customers.delete(made.id, {"force": "true"})

    assert refused.value.code == "parameter_unknown"


def test_the_whole_contract_is_read_at_once_and_soon():
    contract._endpoints.cache_clear()
    before = time.process_time()

    assert contract.endpoint("POST", "/v1/checkout/sessions/{session}/expire")

    assert time.process_time() - before < 1.0
    assert len(contract._endpoints()) > 500


def test_what_stripe_does_not_have_is_told_so(stripe):
    answer = raw_request(stripe, "/v1/anchors", "sk_test_" + "any")

    assert (answer.code, "Unrecognized request URL" in str(answer.body)) == (404, True)


def raw_request(stripe, path, key, header="Bearer"):
    secret = base64.b64encode(f"{key}:".encode()).decode() if header == "Basic" else key
    client = library.RequestsClient()
    body, code, _ = client.request(
        "get", stripe.url + path, {"Authorization": f"{header} {secret}"}
    )
    return type("Answer", (), {"code": code, "body": body})


def test_a_key_comes_as_a_bearer_token_or_as_a_user_name(stripe):
    key = "sk_test_" + "any"

    assert raw_request(stripe, "/v1/customers", key).code == 200
    assert raw_request(stripe, "/v1/customers", key, header="Basic").code == 200
    assert raw_request(stripe, "/v1/customers", "none", header="Digest").code == 401


@pytest.mark.parametrize("key", ["sk_test_" + "revoked", "sk_live_" + "any", "pk_test_" + "any"])
def test_another_key_is_refused(stripe, key):
    with pytest.raises(library.AuthenticationError):
        client_of(stripe, key).v1.customers.list()


def test_a_key_that_only_reads_may_not_write(stripe):
    reader = client_of(stripe, "rk_test_" + "any_readonly").v1

    assert list(reader.customers.list()) == []
    with pytest.raises(library.PermissionError):
        reader.customers.create()


def test_misfits_are_found_at_any_depth(ask_stripe, stripe):
    customer = stripe.get("customer", ask_stripe.customers.create().id)
    wrong = {
        **customer,
        "anchor": 1,
        "balance": "0",
        "tax_ids": None,
        "invoice_settings": {"footer": 5},
        "tax_exempt": "perhaps",
    }
    del wrong["livemode"]

    found = {each.partition(":")[0] for each in misfits(wrong)}

    assert misfits(customer) == []
    assert found == {
        "customer.anchor",
        "customer.balance",
        "customer.tax_ids",
        "customer.invoice_settings.footer",
        "customer.tax_exempt",
        "customer.livemode",
    }


def test_a_form_that_contradicts_itself_is_refused(stripe):
    query = urllib.parse.urlencode({"created": "1", "created[gte]": "2"})

    answer = raw_request(stripe, f"/v1/customers?{query}", "sk_test_" + "any")

    assert answer.code == 400

"""Events are handled once each, one account at a time, whatever their order and whatever fails."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from billing import events, tasks
from billing.models import BillingAccount, StripeEvent, Subscription
from billing.standing import entitlements_for
from billing.turns import account_turn
from sandbox.stripe.faults import StripeFault
from tests.billing.rows import EventFactory
from tests.billing.staff import stripe_v1


def asked(stripe, path):
    return sum(call.asked.url.startswith(path) for call in stripe.requests)


def waits(buyer, **values):
    return EventFactory(customer_id=buyer.customer["id"], **values)


def states(*found):
    return [StripeEvent.objects.get(pk=each.pk).state for each in found]


def test_a_purchase_is_heard_of(buyer, deliver):
    buyer.buys()

    deliver(buyer.stripe, buyer.stripe.new_events())

    assert entitlements_for(buyer.organization.pk).plan == "team"
    of_customer = StripeEvent.objects.exclude(customer_id="")
    assert set(of_customer.values_list("state", "account")) == {("done", buyer.account.pk)}
    assert not StripeEvent.objects.waiting().exists()


def test_case_26_events_in_the_wrong_order_end_in_the_right_state(buyer, deliver):
    bought = buyer.buys()
    stripe_v1(buyer).subscriptions.update(bought["id"], {"cancel_at_period_end": True})

    deliver(buyer.stripe, reversed(buyer.stripe.new_events()))

    assert buyer.subscription.status == "active"
    assert buyer.subscription.cancels_at == buyer.subscription.period_end


def test_case_27_an_old_event_after_the_end_revives_nothing(buyer, deliver):
    bought = buyer.buys()
    old = buyer.stripe.new_events()
    stripe_v1(buyer).subscriptions.cancel(bought["id"])
    deliver(buyer.stripe, buyer.stripe.new_events("customer.subscription.deleted"))
    assert entitlements_for(buyer.organization.pk).plan == "free"

    deliver(buyer.stripe, old)

    assert Subscription.objects.get().status == "canceled"
    assert entitlements_for(buyer.organization.pk).plan == "free"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_an_event_that_another_worker_is_about_to_write_locks_nothing(buyer):
    first, second = waits(buyer), waits(buyer)
    ends = []

    def handle_second():
        try:
            ends.append(events.handle_event(second.pk))
        finally:
            connection.close()

    other = threading.Thread(target=handle_second)

    def meanwhile(execute, sql, params, many, context):
        if sql.startswith('UPDATE "billing_stripeevent"') and '"done_at"' in sql:
            other.start()
            other.join(timeout=5)
        return execute(sql, params, many, context)

    with capture_logs() as logs, connection.execute_wrapper(meanwhile):
        assert events.handle_event(first.pk) is None
    other.join()

    assert ends == [events.BUSY]
    assert states(first, second) == ["done", "done"]
    assert "stripe_event_broke" not in [log["event"] for log in logs]


def test_case_28_an_event_of_an_unknown_type_is_done_with(buyer):
    event = waits(buyer, type="harbour.flooded")

    events.handle_event(event.pk)

    assert states(event) == ["done"]


def test_case_29_what_is_somebody_elses_is_ignored(buyer):
    theirs = buyer.shop.customer(email="elsewhere@example.com")
    bought = buyer.shop.subscribe(theirs, buyer.sells())
    told = [
        EventFactory(customer_id=theirs["id"], object_id=bought["id"]),
        EventFactory(customer_id=theirs["id"], object_id=theirs["id"]),
        EventFactory(customer_id=theirs["id"], object_id="in_1"),
        EventFactory(object_id="prod_1"),
        EventFactory(object_id="cus_gone", customer_id="cus_gone"),
    ]

    assert [events.handle_event(each.pk) for each in told] == [None] * 5

    assert states(*told) == ["ignored"] * 5
    assert not Subscription.objects.exists()


def test_a_customer_whose_id_was_lost_is_found_by_our_account(buyer):
    bought = buyer.buys()
    BillingAccount.objects.update(customer_id="")
    event = EventFactory(customer_id=buyer.customer["id"], object_id=buyer.customer["id"])

    events.handle_event(event.pk)

    assert buyer.subscription.stripe_id == bought["id"]
    assert BillingAccount.objects.get().customer_id == buyer.customer["id"]


def test_a_contract_that_staff_made_finds_the_account_it_names(buyer):
    BillingAccount.objects.update(customer_id="")
    theirs = buyer.shop.customer(email="purchasing@example.com")
    metadata = {"account": str(buyer.account.pk), "plan": "enterprise", "loc_limit": "3000000"}
    bought = buyer.shop.subscribe(theirs, buyer.shop.price(900_000, "year"), metadata=metadata)
    event = EventFactory(customer_id=theirs["id"], object_id=bought["id"])

    events.handle_event(event.pk)

    assert entitlements_for(buyer.organization.pk).loc_limit == 3_000_000


def test_an_account_that_has_a_customer_is_not_moved_to_another(buyer):
    theirs = buyer.shop.customer(email="other@example.com")
    metadata = {"account": str(buyer.account.pk)}
    bought = buyer.shop.subscribe(theirs, buyer.sells(), metadata=metadata)
    event = EventFactory(customer_id=theirs["id"], object_id=bought["id"])

    events.handle_event(event.pk)

    assert states(event) == ["ignored"]
    buyer.account.refresh_from_db()
    assert buyer.account.customer_id == buyer.customer["id"]


def test_what_waits_for_one_account_is_done_by_one_look(buyer):
    buyer.buys()
    told = [waits(buyer) for _ in range(10)]
    other = EventFactory(customer_id="cus_other")

    for each in told:
        events.handle_event(each.pk)

    assert states(*told, other) == ["done"] * 10 + ["waiting"]
    assert asked(buyer.stripe, "/v1/customers") == 1


def test_what_relied_on_an_event_that_others_did_is_not_left_waiting(buyer):
    buyer.buys()
    done, since = waits(buyer, state="done"), waits(buyer)

    tasks.handle_event(event_id=done.pk, mark=buyer.customer["id"])

    assert states(since) == ["done"]


def test_what_is_told_during_a_look_needs_another(transactional_db, buyer):
    first, told = waits(buyer), []

    def tell(endpoint, answer):
        if not told:
            told.append(waits(buyer))
            connection.close()

    buyer.stripe.desk.answered.append(tell)
    try:
        events.handle_event(first.pk)
    finally:
        buyer.stripe.desk.answered.remove(tell)

    assert states(first, *told) == ["done", "waiting"]


def test_case_25_two_workers_handle_an_event_once(transactional_db, buyer):
    event, both, delays = waits(buyer), threading.Barrier(2), []

    def work():
        both.wait(timeout=10)
        try:
            delays.append(events.handle_event(event.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert asked(buyer.stripe, "/v1/customers") == 1
    assert states(event) == ["done"]
    assert set(delays) <= {None, events.BUSY}


def test_case_71_one_account_has_one_worker_at_a_time(buyer):
    event = waits(buyer)

    with account_turn(buyer.account.pk):
        assert events.handle_event(event.pk) == events.BUSY

    assert (states(event), buyer.stripe.requests) == (["waiting"], [])
    assert events.handle_event(event.pk) is None
    assert states(event) == ["done"]


def test_silence_is_waited_out_longer_and_longer(buyer):
    event = waits(buyer)
    buyer.stripe.fail_next(StripeFault.ERROR, 9)

    delays = [events.handle_event(event.pk) for _ in range(3)]

    assert 5 <= delays[0] < 7 and 10 <= delays[1] < 13 and 20 <= delays[2] < 26
    assert events.handle_event(event.pk) is None
    assert states(event) == ["done"]


def test_case_19_too_many_requests_are_waited_out(buyer):
    event = waits(buyer)
    buyer.stripe.fail_next(StripeFault.RATE_LIMIT, 3)

    assert events.handle_event(event.pk) is not None
    assert states(event) == ["waiting"]


def test_silence_for_a_day_is_a_failure_and_an_alert(buyer):
    event = waits(buyer, attempts=events.ATTEMPTS - 1)
    buyer.stripe.fail_next(StripeFault.ERROR, 3)

    with capture_logs() as logs:
        assert events.handle_event(event.pk) is None

    assert states(event) == ["failed"]
    assert ("error", "stripe_event_failed") in [(log["log_level"], log["event"]) for log in logs]


def test_the_delays_add_up_to_about_a_day():
    delays = [
        min(events.FIRST_DELAY * 2**n, events.LONGEST_DELAY) for n in range(events.ATTEMPTS - 1)
    ]

    assert timedelta(hours=18) < timedelta(seconds=sum(delays)) < timedelta(hours=24)


def test_case_20_what_a_refused_key_left_undone_is_done_with_the_next(buyer):
    event = waits(buyer)
    buyer.stripe.fail_next(StripeFault.KEY_REFUSED)

    with capture_logs() as logs:
        assert events.handle_event(event.pk) >= events.FIRST_DELAY

    assert states(event) == ["waiting"]
    assert "stripe_key_refused" in [log["event"] for log in logs]
    assert events.handle_event(event.pk) is None
    assert states(event) == ["done"]


def test_case_33_a_bug_leaves_its_traceback_and_is_tried_again(buyer):
    subscription, event = buyer.find("subscription", buyer.buys()), waits(buyer)
    subscription["trial_end"] = "soon"

    delay = events.handle_event(event.pk)

    event.refresh_from_db()
    assert (event.state, event.attempts, delay is None) == ("waiting", 1, False)
    assert "Traceback" in event.error
    assert "TypeError" in event.error
    subscription["trial_end"] = None
    assert events.handle_event(event.pk) is None
    event.refresh_from_db()
    assert (event.state, event.error) == ("done", "")


def test_an_event_is_replayed(buyer):
    event = waits(buyer, state="failed", attempts=30)

    events.replay_event(event)
    events.handle_event(event.pk)

    assert states(event) == ["done"]


def test_what_was_forgotten_is_found(buyer):
    long_ago = timezone.now() - timedelta(minutes=5)
    forgotten = waits(buyer, next_attempt_at=long_ago)
    EventFactory(next_attempt_at=long_ago, state="done")
    fresh = EventFactory()

    assert events.forgotten_events() == [forgotten.pk]
    tasks.sweep_events()

    assert states(forgotten, fresh) == ["done", "waiting"]

"""Schedules: what a subscription will turn into by itself."""

from contextlib import suppress
from typing import Any

from sandbox.stripe.changing import merged
from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .changing import carry_out
from .ending import cancel
from .phases import (
    at_boundary,
    bounds,
    current,
    following,
    items_in,
    phase_of,
    phases_of,
    terms_of,
)
from .standing import ENDED, change, items_of, period_of

Params = dict[str, Any]


def schedule_from(world: StripeWorld, subscription: Object) -> Object:
    """With one phase: the period that is going on."""
    if subscription["schedule"]:
        raise StripeError(
            "You cannot migrate a subscription that is already attached to a schedule: "
            f"{subscription['schedule']}"
        )
    if subscription["status"] in (*ENDED, "incomplete"):
        raise StripeError(
            f"You cannot make a schedule of a subscription that is {subscription['status']}."
        )
    phase = phase_of(subscription)
    schedule = world.put(_new_schedule(world, subscription, phase))
    world.emit("subscription_schedule.created", schedule)
    change(world, subscription, schedule=schedule["id"])
    return schedule


def update_schedule(world: StripeWorld, schedule: Object, params: Params) -> Object:
    _must_be_active(schedule, "update")
    subscription = world.get("subscription", schedule["subscription"])
    values: Object = {}
    if "phases" in params:
        values = _new_phases(world, schedule, subscription, params)
    if "end_behavior" in params:
        values["end_behavior"] = params["end_behavior"]
    if "metadata" in params:
        values["metadata"] = merged(schedule["metadata"], params["metadata"])
    change(world, schedule, "subscription_schedule.updated", **values)
    _become_current(world, schedule, subscription, params)
    return schedule


def release(world: StripeWorld, schedule: Object) -> Object:
    """The subscription goes on as it is, by itself."""
    _must_be_active(schedule, "release")
    subscription = world.get("subscription", schedule["subscription"])
    schedule.update(
        status="released",
        current_phase=None,
        released_at=world.now(),
        released_subscription=subscription["id"],
        subscription=None,
    )
    change(world, subscription, schedule=None)
    world.emit("subscription_schedule.released", schedule)
    return schedule


def cancel_schedule(world: StripeWorld, schedule: Object, params: Params) -> Object:
    """And its subscription."""
    _must_be_active(schedule, "cancel")
    subscription = world.get("subscription", schedule["subscription"])
    cancel(
        world,
        subscription,
        {"prorate": True, "invoice_now": True, **params},
        "cancellation_requested",
    )
    return schedule


def end_phase(world: StripeWorld, schedule: Object) -> None:
    """The next phase begins, or the schedule ends."""
    subscription = world.get("subscription", schedule["subscription"])
    phase = following(schedule)
    if phase is None:
        _finish(world, schedule, subscription)
        return
    if phase["start_date"] == period_of(subscription)[1]:
        change(world, subscription, **at_boundary(world, subscription, phase))
    else:
        # What can't be billed must not stop the clock.
        with suppress(StripeError):
            _enter(world, subscription, phase, phase["proration_behavior"])
    values = {"current_phase": bounds(phase)}
    change(world, schedule, "subscription_schedule.updated", **values)


def _finish(world: StripeWorld, schedule: Object, subscription: Object) -> None:
    if schedule["end_behavior"] != "cancel":
        release(world, schedule)
        return
    schedule.update(status="completed", completed_at=world.now(), current_phase=None)
    world.emit("subscription_schedule.completed", schedule)
    cancel(world, subscription, {}, "cancellation_requested")


def _new_phases(
    world: StripeWorld, schedule: Object, subscription: Object, params: Params
) -> Object:
    behavior = params.get("proration_behavior", "create_prorations")
    phases = phases_of(world, subscription, params["phases"], behavior)
    now = current({"phases": phases}, world.now())
    if now["start_date"] != schedule["current_phase"]["start_date"]:
        raise StripeError(
            "You can not modify the start date of the current phase.",
            param="phases[0][start_date]",
        )
    if now["end_date"] <= world.now():
        raise StripeError("The current phase must end in the future.", param="phases")
    return {"phases": phases, "current_phase": bounds(now)}


def _become_current(
    world: StripeWorld, schedule: Object, subscription: Object, params: Params
) -> None:
    phase = current(schedule, world.now())
    wanted = [(each["price"], each["quantity"]) for each in phase["items"]]
    held = [(each["price"]["id"], each["quantity"]) for each in items_of(subscription)]
    if wanted != held:
        behavior = params.get("proration_behavior", "create_prorations")
        _enter(world, subscription, phase, behavior)
    terms = terms_of(phase)
    if any(subscription[name] != value for name, value in terms.items()):
        change(world, subscription, **terms)


def _enter(world: StripeWorld, subscription: Object, phase: Object, behavior: str) -> None:
    items = items_in(subscription, phase)
    carry_out(world, subscription, {"items": items, "proration_behavior": behavior})


def _must_be_active(schedule: Object, verb: str) -> None:
    if schedule["status"] != "active":
        raise StripeError(
            f"You cannot {verb} a subscription schedule that is currently in the "
            f"`{schedule['status']}` status."
        )


def _new_schedule(world: StripeWorld, subscription: Object, phase: Object) -> Object:
    return {
        "id": world.new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": world.now(),
        "current_phase": bounds(phase),
        "customer": subscription["customer"],
        "customer_account": None,
        "default_settings": _default_settings(subscription),
        "end_behavior": "cancel" if subscription["cancel_at_period_end"] else "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": [phase],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": None,
    }


def _default_settings(subscription: Object) -> Object:
    return {
        "application_fee_percent": None,
        "automatic_tax": subscription["automatic_tax"],
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": subscription["collection_method"],
        "default_payment_method": subscription["default_payment_method"],
        "description": subscription["description"],
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": subscription["days_until_due"],
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "on_behalf_of": None,
        "transfer_data": None,
    }

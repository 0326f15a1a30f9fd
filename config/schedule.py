"""What runs by itself, and how often: task, seconds, and for how long a missed turn is worth it."""

from typing import Any

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    # A sweep that nobody picked up in time is made again anyway.
    "sweep-imports": {
        "task": "onboarding.tasks.sweep_imports",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "watch-paid-imports": {"task": "onboarding.tasks.watch_paid_imports", "schedule": 3600},
    "sweep-operations": {
        "task": "billing.tasks.sweep_operations",
        "schedule": 20,
        "options": {"expires": 20},
    },
    "sweep-estimates": {
        "task": "projects.tasks.sweep_estimates",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "sweep-projects": {
        "task": "projects.tasks.sweep_projects",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "sweep-listings": {
        "task": "projects.tasks.sweep_listings",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "clear-leftovers": {
        "task": "projects.tasks.clear_leftovers",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "sweep-events": {
        "task": "billing.tasks.sweep_events",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "sweep-deletions": {
        "task": "organizations.tasks.sweep_deletions",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget-former-keys": {"task": "organizations.tasks.forget_former_keys", "schedule": 3600},
    "sweep-left": {
        "task": "billing.tasks.sweep_left",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "tell-of-payments": {"task": "billing.tasks.tell_all", "schedule": 3600},
    # What comes after the readings of the hour is found the next time.
    "watch-limits": {"task": "billing.tasks.watch_limits", "schedule": 3600},
    "send-letters": {
        "task": "billing.tasks.send_letters",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "reconcile-events": {"task": "billing.tasks.reconcile_events", "schedule": 3600},
    "reconcile-subscriptions": {
        "task": "billing.tasks.reconcile_subscriptions",
        "schedule": crontab(hour=2, minute=40),
    },
    "forget-counted-analyses": {
        "task": "billing.tasks.forget_counted_analyses",
        "schedule": crontab(hour=6, minute=10),
    },
    "take-readings": {"task": "projects.tasks.take_readings", "schedule": 3600},
    "watch-tokens": {
        "task": "bindings.tasks.watch_tokens",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "give-notice": {
        "task": "bindings.tasks.give_notice",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "recover-tokens": {"task": "bindings.tasks.recover_tokens", "schedule": 600},
    "wipe-previous-tokens": {"task": "bindings.tasks.wipe_previous_tokens", "schedule": 600},
    "thin-history": {"task": "bindings.tasks.thin_history", "schedule": 21600},
    # Left over from a busy minute, it would find what the next one finds.
    "send-mails": {
        "task": "accounts.tasks.send_mails",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "send-farewells": {
        "task": "accounts.tasks.send_farewells",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "send-invitations": {
        "task": "organizations.tasks.send_invitations",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "forget-old-invitations": {
        "task": "organizations.tasks.forget_old_invitations",
        "schedule": 3600,
    },
    "forget-old-notifications": {
        "task": "accounts.tasks.forget_old_notifications",
        "schedule": 3600,
    },
    "sweep-claims": {
        "task": "claims.tasks.sweep_claims",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "send-claim-letters": {
        "task": "claims.tasks.send_letters",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget-old-calls": {"task": "core.tasks.forget_old_calls", "schedule": 3600},
    "forget-unused-avatars": {"task": "onboarding.tasks.forget_unused_avatars", "schedule": 3600},
}

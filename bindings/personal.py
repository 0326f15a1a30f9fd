"""What bindings hold about a person."""

from accounts.personal import Part

PARTS = [
    Part("calendars", "bindings.CalendarFeed", "user", ("organization__key", "created_at")),
]

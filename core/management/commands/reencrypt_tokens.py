"""`manage.py reencrypt_tokens [--dry-run]`: seal again what an older key than the newest sealed."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.reencryption import Column, State, reencrypt, sealed_columns

LINE_EVERY = 10_000
DRAW_EVERY = 250
BAR = 40


class Command(BaseCommand):
    help = "Seal stored secrets again with the first of FERNET_KEYS. May be stopped and repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        total: Counter[State] = Counter()
        for column in sealed_columns():
            counted = self._go_through(column, dry_run=options["dry_run"])
            self.stdout.write(f"{column}: {in_words(counted)}")
            total += counted
        if total[State.UNREADABLE]:
            raise CommandError(
                f"{total[State.UNREADABLE]:,} can't be read with any of FERNET_KEYS, or were "
                "changed. They are named above; only a new secret in their place helps."
            )
        if total[State.OLDER] and not options["dry_run"]:
            raise CommandError("Some were changed by others all the time. Run it again.")

    def _go_through(self, column: Column, *, dry_run: bool) -> Counter[State]:
        counted: Counter[State] = Counter()
        rows = column.rows().count()
        for done, (pk, state) in enumerate(reencrypt(column, dry_run=dry_run), 1):
            counted[state] += 1
            if state == State.UNREADABLE:
                self._clear_bar()
                self.stderr.write(f"{column} of {pk} can't be read.")
            self._show_progress(column, done, rows)
        self._clear_bar()
        return counted

    def _show_progress(self, column: Column, done: int, rows: int) -> None:
        if not self.stderr.isatty():
            if done % LINE_EVERY == 0:
                self.stderr.write(f"{column}: {done:,} of {rows:,}")
        elif done % DRAW_EVERY == 0 or done == rows:
            filled = BAR * min(done, rows) // max(rows, 1)
            bar = "█" * filled + "·" * (BAR - filled)
            self.stderr.write(f"\r{bar} {done:,} of {rows:,}", self._plainly, ending="")
            self.stderr.flush()

    def _clear_bar(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", self._plainly, ending="")

    @staticmethod
    def _plainly(text: str) -> str:
        """Progress is no error, and not red."""
        return text


def in_words(counted: Counter[State]) -> str:
    shown = [state for state in State if counted[state] or state == State.NEWEST]
    return ", ".join(f"{counted[state]:,} {state}" for state in shown)

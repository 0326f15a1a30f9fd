"""Rules that hold in SQL too: triggers, written once for each database."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class CreateTrigger(Operation):
    """A migration operation that refuses an event on a table where a condition holds.

    `condition` is SQL over OLD and NEW that both databases understand. TRUNCATE has neither,
    and only PostgreSQL has TRUNCATE. `lock` is a query for the rows to lock before the condition
    is looked at, where it is about rows that somebody else may be removing at the same moment;
    on SQLite, which has one writer at a time, there is nothing to lock.
    """

    reversible = True

    def __init__(
        self, name: str, table: str, event: str, condition: str, message: str, lock: str = ""
    ) -> None:
        self.name = name
        self.table = table
        self.event = event
        self.condition = condition
        self.message = message
        self.lock = lock

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Triggers are no part of Django's model state."""

    def database_forwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        statements = self._sqlite() if editor.connection.vendor == "sqlite" else self._postgresql()
        for statement in statements:
            # With params=None nothing in the condition is taken for a placeholder.
            editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER IF EXISTS {self.name}", params=None)
        else:
            editor.execute(f"DROP TRIGGER {self.name} ON {self.table}", params=None)
            editor.execute(f"DROP FUNCTION {self.name}()", params=None)

    def _sqlite(self) -> list[str]:
        if self.event == "TRUNCATE":
            return []
        return [
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"WHEN {self.condition} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        ]

    def _postgresql(self) -> list[str]:
        returned = "OLD" if self.event == "DELETE" else "NEW"
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        lock = f"PERFORM {self.lock.removeprefix('SELECT ')} FOR UPDATE; " if self.lock else ""
        return [
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{lock}IF {self.condition} THEN RAISE EXCEPTION '{self.message}' "
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {returned}; END $$",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH {each} EXECUTE FUNCTION {self.name}()",
        ]

    def describe(self) -> str:
        return f"Create trigger {self.name}"


class DropTrigger(CreateTrigger):
    """The other way round: before a table is altered, which SQLite does by making it anew."""

    def database_forwards(self, *args: Any) -> None:
        super().database_backwards(*args)

    def database_backwards(self, *args: Any) -> None:
        super().database_forwards(*args)

    def describe(self) -> str:
        return f"Drop trigger {self.name}"

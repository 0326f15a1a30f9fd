"""What Stripe keeps, kept in a file too."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Soon enough for whoever starts again, and seldom enough for whoever makes many changes.
_PAUSE = 0.3


class Store:
    """Writes what `snapshot` gives a moment after `changed` was called, as a whole or not at all.
    Without a file, it keeps nothing.
    """

    def __init__(self, file: Path | None, snapshot: Callable[[], Any]) -> None:
        self._file = file
        self._snapshot = snapshot
        self._dirty = threading.Event()
        self._writing = threading.Lock()
        if file:
            threading.Thread(target=self._run, name="stripe store", daemon=True).start()

    def load(self) -> Any:
        if self._file is None or not self._file.exists():
            return None
        return json.loads(self._file.read_text())

    def changed(self) -> None:
        self._dirty.set()

    def save(self) -> None:
        """Now, if there is anything new."""
        with self._writing:
            if self._file is None or not self._dirty.is_set():
                return
            self._dirty.clear()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".draft")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(self._snapshot()))
            draft.replace(self._file)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._dirty.wait()
            pause.wait(_PAUSE)
            self.save()

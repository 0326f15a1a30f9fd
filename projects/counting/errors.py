"""Why a tree as a whole was not counted."""


class NotCounted(Exception):
    """`reason` is a word for programs, the message a sentence for people."""

    reason = "not_counted"


class NotAnArchive(NotCounted):
    reason = "not_an_archive"

    def __init__(self) -> None:
        super().__init__("What was downloaded is no archive that can be read.")


class TooMuchCode(NotCounted):
    reason = "too_much_code"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Its files take more than {limit / 1e9:.0f} GB unpacked.")


class TookTooLong(NotCounted):
    reason = "took_too_long"

    def __init__(self, minutes: float) -> None:
        super().__init__(f"It was not counted after {minutes:.0f} minutes.")


class ToolFailed(NotCounted):
    """Ours to mend: the counting tool is missing, or broke."""

    reason = "tool_failed"

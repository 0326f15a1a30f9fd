"""Why a repository was not counted, in words for the people who wonder."""

from django.db import models


class Skip(models.TextChoices):
    """Everything but `no_answer` and `refused` is so until the repository changes."""

    PUBLIC = "public", "It is public, and public projects are free"
    EMPTY = "empty", "It is empty"
    DISABLED = "disabled", "It is disabled in Azure DevOps"
    VANISHED = "vanished", "It is gone, or the token may not see it any more"
    TOO_LARGE = "too_large", "Its archive is larger than 2 GB"
    TOO_MUCH_CODE = "too_much_code", "Unpacked, it is larger than we count"
    TOOK_TOO_LONG = "took_too_long", "Counting it took too long"
    NOT_AN_ARCHIVE = "not_an_archive", "Azure DevOps sent an archive that can't be read"
    NO_ARCHIVE = "no_archive", "Azure DevOps refuses its archive, and git can't fetch it either"
    REFUSED = "refused", "Azure DevOps refused the token"
    NO_SOURCE = "no_source", "It was made by hand, and nothing says where its code is"
    NO_ANSWER = "no_answer", "Azure DevOps did not answer, several times"
    TOOL_FAILED = "tool_failed", "Counting broke, which is ours to mend"

"""Where a project's code comes from: a repository that is known, or one a token finds.

No transaction is open while we ask, and nothing is written here.
"""

from bindings.models import DevOpsBinding, Repository
from bindings.platforms import open_azure
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_answers import Forbidden, NotVisible
from bindings.providers.base import NoAnswer, Refused, RemoteRepository, Verdict
from bindings.verdicts import WORDS
from projects.errors import RepositoryUnknown, TokenRefused, TokenUnanswered

NOT_SEEN = (
    "Azure DevOps knows this token, but it sees no such repository. Compare the names, or give the "
    "token's account access to it."
)
OTHER_ORGANIZATION = (
    "This name now belongs to another Azure DevOps organization than the one that is bound here. "
    "Have the binding follow it to its new name first."
)


def known_repository(binding: DevOpsBinding, project: str, name: str) -> Repository:
    """By names, as the organization's token saw it last. Raises RepositoryUnknown."""
    known = binding.repositories.filter(vanished_at=None)
    found = known.filter(project_name__iexact=project, name__iexact=name).first()
    if found is None:
        raise RepositoryUnknown
    return found


def read_with(
    binding: DevOpsBinding, token: str, *, project: str, repository: str
) -> RemoteRepository:
    """The repository, once the token has shown that it can read it. Three requests.

    Raises TokenRefused with what the platform said, and TokenUnanswered.
    """
    # Nothing there has such a name, and the address would lead elsewhere.
    if {project, repository} & {".", ".."}:
        raise TokenRefused(NOT_SEEN)
    provider = open_azure(binding.external_name, token, patient=False)
    try:
        return _read(provider, binding, project, repository)
    except Refused as refusal:
        raise TokenRefused(_in_words(refusal.verdict)) from refusal
    except (NotVisible, Forbidden) as hidden:
        raise TokenRefused(NOT_SEEN) from hidden
    except NoAnswer as silence:
        raise TokenUnanswered(_in_words(silence.verdict)) from silence


def _read(
    provider: AzureDevOps, binding: DevOpsBinding, project: str, repository: str
) -> RemoteRepository:
    if provider.connect().external_id != binding.external_id:
        raise TokenRefused(OTHER_ORGANIZATION)
    found = provider.repository(project, repository)
    # A disabled one has no content to be read, whoever asks.
    if not found.is_disabled:
        provider.can_read(found)
    return found


def _in_words(verdict: Verdict) -> str:
    words = WORDS[verdict]
    return f"{words.message} {words.remedy}"

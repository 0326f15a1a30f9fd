"""How people write an Azure DevOps organization, and the name that is meant.

Only a name leaves this module. Addresses are built from it against fixed hosts, so nothing
a person types is ever fetched.
"""

import re
from urllib.parse import unquote

from bindings.providers.azure_tokens import problem_with_token
from core.errors import DomainError

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?")
FOREIGN_HOSTS = {
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "bitbucket.org": "Bitbucket",
}
# The name is the first group of the first pattern that fits.
SERVICES = "vssps|vsaex|feeds|analytics|pkgs|vsrm"
# Hosts under visualstudio.com that are nobody's organization.
NOT_ORGANIZATIONS = {"www", "marketplace", "app", "code", "docs", "my", "status", "vs-ssh"}
SPELLINGS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:[^@/\s]+@)?(?:ssh\.dev\.azure|vs-ssh\.visualstudio)\.com(?::22)?[:/]v3/([^/]+)(?:/.*)?",
        r"([^@/\s]+)@vs-ssh\.visualstudio\.com(?::22)?[:/].*",
        rf"(?:[^@/\s]+@)?(?:(?:{SERVICES})\.)?dev\.azure\.com(?::443)?/([^/?#]+)(?:[/?#].*)?",
        rf"(?:[^@/\s]+@)?([^./@\s]+)(?:\.(?:{SERVICES}))?\.visualstudio\.com(?::443)?(?:[/?#].*)?",
    )
]


class OrganizationMalformed(DomainError):
    code = "organization-malformed"
    message = "This is not the name or the address of an Azure DevOps organization."
    field = "organization"


def parse_organization(text: str) -> str:
    """The organization's name out of any usual spelling. Raises OrganizationMalformed."""
    typed = text.strip().strip("<>\"'").rstrip("/")
    if not typed:
        raise OrganizationMalformed("Type the organization: its name, or its address as copied.")
    if problem_with_token(typed) is None:
        raise OrganizationMalformed("This is a token. Type the organization here.")
    bare = re.sub(r"^(?:https?|ssh|git)://", "", typed, flags=re.IGNORECASE)
    for pattern in SPELLINGS:
        match = pattern.fullmatch(bare)
        if match and match[1].lower() not in NOT_ORGANIZATIONS:
            return _checked(unquote(match[1]))
    if problem := _problem_with_address(bare):
        raise OrganizationMalformed(problem)
    return _checked(bare)


def _problem_with_address(bare: str) -> str | None:
    """Why an address that is none of the known spellings can't be used; None for a bare name."""
    host = re.split(r"[/:]", bare.rpartition("@")[2])[0].lower().removeprefix("www.")
    if platform := FOREIGN_HOSTS.get(host):
        return (
            f"This is an address at {platform}. Type an Azure DevOps organization, such as "
            "dev.azure.com/contoso."
        )
    if host == "dev.azure.com":
        return "The organization's name is missing after dev.azure.com/."
    if re.search(r"[./:@\\]", bare):
        return (
            "This is not an Azure DevOps address. Use dev.azure.com/contoso, "
            "contoso.visualstudio.com or just the name."
        )
    return None


def _checked(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    if len(name) > 50:
        raise OrganizationMalformed(
            f"An organization's name has at most 50 characters; this has {len(name)}."
        )
    raise OrganizationMalformed(
        "An organization's name has only letters a–z, digits and hyphens, "
        "and starts and ends with a letter or a digit."
    )

"""Opening a provider, from the settings that name the outside world."""

from django.conf import settings

from bindings.providers.azure import AzureDevOps


def open_azure(organization: str, token: str) -> AzureDevOps:
    return AzureDevOps(
        organization,
        token,
        url=settings.AZURE_DEVOPS_URL,
        entitlements_url=settings.AZURE_DEVOPS_ENTITLEMENTS_URL,
    )


def token_page(organization: str) -> str:
    """Where the organization's tokens are made, for a person to open."""
    return f"{settings.AZURE_DEVOPS_URL}/{organization}/_usersSettings/tokens"

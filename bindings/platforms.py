"""Opening a provider, from the settings that name the outside world."""

from django.conf import settings

from bindings.providers.azure import Addresses, AzureDevOps


def open_azure(organization: str, token: str, *, patient: bool = True) -> AzureDevOps:
    addresses = Addresses(
        services=settings.AZURE_DEVOPS_URL,
        identity=settings.AZURE_DEVOPS_IDENTITY_URL,
        entitlements=settings.AZURE_DEVOPS_ENTITLEMENTS_URL,
    )
    return AzureDevOps(
        organization,
        token,
        addresses=addresses,
        patient=patient,
        scratch=settings.COUNTING_DIR,
    )


def token_page(organization: str) -> str:
    """Where the organization's tokens are made, for a person to open."""
    return f"{settings.AZURE_DEVOPS_URL}/{organization}/_usersSettings/tokens"

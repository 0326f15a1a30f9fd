"""The home page of an organization: shown as a link, never opened by us."""

from django.core.validators import URLValidator

WEB_ADDRESS = URLValidator(
    ["https", "http"], message="Type a web address, such as https://example.com."
)

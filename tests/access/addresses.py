"""Every address there is, as the product's own configuration has it."""

from django.urls import URLResolver, get_resolver, reverse

APART = {"admin", "api"}


def addresses(resolver=None, inside="", parts=()):
    """Name and parts of every address but the admin's and the API's."""
    for each in (resolver or get_resolver()).url_patterns:
        named = (*parts, *each.pattern.regex.groupindex)
        if not isinstance(each, URLResolver):
            yield f"{inside}{each.name}", named
        elif each.namespace not in APART:
            yield from addresses(each, f"{each.namespace}:" if each.namespace else inside, named)


PARTS = dict(addresses())


def address_of(name, names, where):
    """Of the harbour's own things, or of what `where` names instead."""
    chosen = {part: where.get(part, part) for part in PARTS[name]}
    return reverse(name, kwargs={part: names.get(word, word) for part, word in chosen.items()})

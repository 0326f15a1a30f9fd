"""Telling people what they typed."""

import unicodedata

NAMES = {" ": "space", "\t": "tab", "\n": "line break", "\r": "line break"}


def spell(character: str) -> str:
    """A character to read: itself where it shows, its name where it does not."""
    if character in NAMES:
        return NAMES[character]
    if character.isprintable() and not character.isspace():
        return character
    return unicodedata.name(character, f"character {ord(character)}").lower()

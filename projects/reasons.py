"""Why files don't count, in words for the people who pay for those that do."""

from typing import NamedTuple

from projects.counting import Reason


class Words(NamedTuple):
    title: str
    text: str


WORDS = {
    Reason.VENDORED: Words("Libraries", "Copied from elsewhere, such as node_modules."),
    Reason.GENERATED: Words("Generated", "Written by a program, by its name or its first lines."),
    Reason.MINIFIED: Words("Minified", "Squeezed for browsers; no person reads or writes it."),
    Reason.TEST: Words("Tests", "Tests, and what only tests need."),
    Reason.DOCUMENTATION: Words("Documentation", "Called so in .gitattributes."),
    Reason.NOT_CODE: Words("No code", "Data, prose and settings, such as JSON, Markdown and XML."),
    Reason.LISTED: Words("Left out by you", "In .gitattributes or in the project's own list."),
    Reason.UNKNOWN_LANGUAGE: Words("No language we know", "By its name it is in no language."),
    Reason.BINARY: Words("No text", "Pictures, programs and the like."),
    Reason.LFS_POINTER: Words("Kept in Git LFS", "The repository has only a pointer to it."),
    Reason.SYMBOLIC_LINK: Words("Links", "They point to a file that counts where it is."),
    Reason.SUBMODULE: Words("Submodules", "Another repository's, and counted there."),
    Reason.TOO_LARGE: Words("Too large", "Files of more than 8 MB are data, whatever their name."),
    Reason.DAMAGED: Words("Damaged", "They can't be unpacked."),
}

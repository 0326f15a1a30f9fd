"""Who there is. Every organization has all of them as members, save the outsider."""

from .model import Person

PEOPLE = {
    person.key: person
    for person in (
        Person(
            key="technical",
            name="Technical User",
            account="technical.user@example.com",
            administrator=True,
        ),
        Person(
            key="administrator",
            name="Collection Administrator",
            account="administrator@example.com",
            administrator=True,
        ),
        Person(key="contributor", name="Contributor", account="contributor@example.com"),
        Person(
            key="stakeholder",
            name="Stakeholder",
            account="stakeholder@example.com",
            access_level="stakeholder",
        ),
        Person(
            key="reader",
            name="Reader",
            account="reader@example.com",
            administrator=True,
            contributes=False,
        ),
        Person(
            key="reader-by-item",
            name="Reader By Item",
            account="reader.by.item@example.com",
            administrator=True,
            contributes=False,
            refused_by_item=True,
        ),
        Person(
            key="partial",
            name="Partial Reader",
            account="partial.reader@example.com",
            sees=frozenset({"Quayside", "Harbor"}),
        ),
        Person(
            key="newcomer",
            name="Newcomer",
            account="newcomer@example.com",
            access_level="express",
            sees=frozenset(),
        ),
        Person(key="outsider", name="Outsider", account="outsider@example.com", member=False),
    )
}

ANONYMOUS = Person(
    key="anonymous", name="Anonymous", account="", member=False, contributes=False, sees=frozenset()
)

# The ones a visitor of the pages may be: those who see something different.
SIGNED_IN_AS = ("technical", "administrator", "contributor", "stakeholder", "partial", "newcomer")

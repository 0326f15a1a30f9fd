"""Every sample organization, and what it shows. The README lists the same in words."""

from .model import ArchiveFault, Fault, Organization, Project, Repository

RESERVED_NAMES = frozenset({"vssps", "vsaex", "_sandbox", "_signin", "mail", "static", "stripe"})

_BERTHS = Repository("berth-planner", "berth-planner")
_WEB = Repository("quay-web", "quay-web")
_SMALL = (Project("Harbor", (_BERTHS,), description="Planning of berths."),)


_CONTOSO = Organization(
    name="contoso",
    shows="Healthy: two private projects, one shared with the whole organization and a public "
    "one, in Python, TypeScript, C#, Go, SQL and shell; an empty, a disabled, a forked and a "
    "locked repository; branches that differ, of which the default one is not always the "
    "largest.",
    projects=(
        Project(
            "Quayside",
            (
                _BERTHS,
                _WEB,
                Repository("new-ideas", None),
                Repository("berth-planner-fork", "berth-planner", fork_of="berth-planner"),
            ),
            description="Berths, quays and the people who tie ships to them.",
        ),
        Project(
            "Crane Operations",
            (
                Repository("crane-control", "crane-control", default_branch="master"),
                Repository("retired-simulator", "crane-control", disabled=True),
                Repository("yard-maps", "tide-gauge", in_maintenance=True),
            ),
            description="Control of the ship-to-shore cranes.",
        ),
        Project(
            "Ledger",
            (Repository("ledger-db", "ledger-db", default_branch="develop"),),
            visibility="organization",
            description="What every container owes.",
        ),
        Project(
            "Open Charts",
            (Repository("tide-gauge", "tide-gauge"),),
            visibility="public",
            description="Tide tables, for everyone.",
        ),
    ),
)


def _thousand() -> Organization:
    return generated_organization("thousand", repositories=1000, projects=120, extra_members=250)


def _oddly_named() -> Organization:
    names = (
        "Spaces in the name",
        "Ærøskøbing Havn",
        "港湾",
        "Anchors ⚓🚢",
        ".hidden.",
        'The "Quoted" One',
        "<script>alert(1)",
        "100% & more",
        "O'Brien's Quay",
    )
    return Organization(
        name="oddly-named",
        shows="Healthy, with names that break whoever builds URLs or HTML by hand.",
        projects=tuple(
            Project(name, (Repository(f"{name} code", "tiny/odd"),), description=f"About {name}")
            for name in names
        ),
    )


def _oddments() -> Organization:
    refused = {
        "archive-403": ArchiveFault.FORBIDDEN,
        "archive-404": ArchiveFault.NOT_FOUND,
        "archive-400": ArchiveFault.BAD_REQUEST,
        "archive-406": ArchiveFault.NOT_ACCEPTABLE,
        "archive-html": ArchiveFault.HTML,
        "archive-breaks-off": ArchiveFault.BREAKS_OFF,
    }
    return Organization(
        name="oddments",
        shows="Healthy, with code that trips up who reads it: links, a submodule, what LFS keeps, "
        "names and encodings; and repositories whose zip is refused, which git can fetch.",
        projects=(
            Project("Curios", (Repository("one of everything", "oddments"),)),
            Project(
                "Without archives",
                tuple(
                    Repository(name, "tide-gauge", archive_fault=fault)
                    for name, fault in refused.items()
                ),
            ),
        ),
    )


def generated_organization(
    name: str, repositories: int, projects: int = 1, extra_members: int = 0
) -> Organization:
    """`repositories` small repositories, each with code of its own, spread over `projects`."""
    shares = [range(at, repositories, projects) for at in range(projects)]
    return Organization(
        name=name,
        shows=f"Healthy and large: {repositories:,} repositories in {projects} projects.",
        extra_members=extra_members,
        projects=tuple(
            Project(
                f"Dock {at + 1:03}",
                tuple(Repository(f"cargo-{number + 1:04}", f"tiny/{number}") for number in share),
            )
            for at, share in enumerate(shares)
        ),
    )


def _faulty(name: str, fault: Fault, shows: str) -> Organization:
    return Organization(name=name, shows=shows, fault=fault, projects=_SMALL)


def sample_organizations() -> tuple[Organization, ...]:
    return (
        _CONTOSO,
        Organization(
            "fabrikam",
            "A second healthy organization, all private.",
            (
                Project("Harbor", (_BERTHS, _WEB), description="The same harbour, another owner."),
                Project("Tides", (Repository("tide-gauge", "tide-gauge"),)),
            ),
        ),
        Organization("empty-harbor", "Healthy, without a single project."),
        Organization(
            "empty-shelf",
            "Healthy: one project whose only repository is empty, so writing can't be proved.",
            (Project("Shelf", (Repository("nothing-yet", None),)),),
        ),
        Organization(
            "publicworks",
            "Public projects only: connectionData answers 200 even to a stranger.",
            (Project("Lighthouse", (Repository("tide-gauge", "tide-gauge"),), "public"),),
        ),
        Organization(
            "windlass",
            "Healthy, backed by personal Microsoft accounts: msa descriptors and no tenant.",
            _SMALL,
            backing="msa",
        ),
        _oddly_named(),
        _thousand(),
        _oddments(),
        *_refusing(),
        *_slow_or_broken(),
        Organization(
            "new-anchor",
            "Healthy. It was called old-anchor until it was renamed, and that name answers 404.",
            _SMALL,
        ),
    )


def _refusing() -> tuple[Organization, ...]:
    return (
        _faulty("sleeping", Fault.STOPPED, "Stopped for inactivity: 503 TF24668 everywhere."),
        _faulty(
            "fortress",
            Fault.BLOCKS_GLOBAL_TOKENS,
            "Its policy blocks global tokens; its own tokens work.",
        ),
        _faulty("guarded", Fault.CONDITIONAL_ACCESS, "Conditional access refuses: 403 VS403463."),
        _faulty("busy", Fault.THROTTLED, "Throttled: always 429 with Retry-After."),
        _faulty(
            "briefly-busy",
            Fault.BRIEFLY_THROTTLED,
            "Throttled for the first two requests of every minute, then fine.",
        ),
        _faulty("slowlane", Fault.DELAYED, "Delayed: 200 with Retry-After and X-RateLimit-*."),
    )


def _slow_or_broken() -> tuple[Organization, ...]:
    return (
        _faulty("outage", Fault.OUTAGE, "An outage: 503 and an HTML page."),
        _faulty("outage-500", Fault.ERROR_500, "An outage: 500 and an HTML page."),
        _faulty("outage-502", Fault.ERROR_502, "An outage: 502 and an HTML page."),
        _faulty("outage-504", Fault.ERROR_504, "An outage: 504 and an HTML page."),
        _faulty("flaky", Fault.FLAKY, "503 for the first three requests, then fine for ever."),
        Organization(
            "patchy",
            "The repositories of one of its two projects answer 500.",
            (Project("Leaking", (_BERTHS,)), Project("Sound", (_WEB,))),
            fault=Fault.ONE_PROJECT_FAILS,
        ),
        _faulty("garbled", Fault.TRUNCATED_JSON, "200, but the JSON breaks off half-way."),
        _faulty("htmlish", Fault.HTML_FOR_JSON, "200, but HTML where JSON is expected."),
        _faulty("marked", Fault.BYTE_ORDER_MARK, "JSON that starts with a byte order mark."),
        _faulty(
            "plain-missing",
            Fault.PLAIN_404,
            "Authenticates, but the repositories are a text/plain 404.",
        ),
        _faulty("cut-cable", Fault.RESET, "The connection is reset before an answer."),
        _faulty("trickle", Fault.SLOW_BODY, "The body dribbles in over ten seconds."),
        _faulty("heavy-cargo", Fault.HUGE_ANSWER, "Every answer is valid JSON of 64 MB."),
    )

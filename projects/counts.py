"""What was counted of a project, branch by branch, as it is now."""

from projects.models import LineCount, Project, ProjectSize


def size_of(project: Project) -> ProjectSize | None:
    """None before anybody looked. One query, once."""
    return getattr(project, "size", None)


def current_counts(project: Project) -> list[LineCount]:
    """The branch that counts first, then by lines. One query, besides the size."""
    size = size_of(project)
    counts = project.counts.filter(is_current=True) if size else []
    largest = size.branch if size else ""
    return sorted(counts, key=lambda each: (each.branch != largest, -each.code, each.branch))

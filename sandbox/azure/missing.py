"""What the service says of projects and code that aren't there, or not for this caller."""

from .refusals import Refusal

_GIT = "Microsoft.TeamFoundation.Git.Server"


def project_not_found(name: str) -> Refusal:
    return Refusal(
        404,
        f"TF200016: The following project does not exist: {name}. Verify that the name of the "
        "project is correct and that the project exists on the specified Azure DevOps Server.",
        "Microsoft.TeamFoundation.Core.WebApi.ProjectDoesNotExistWithNameException",
    )


def project_id_not_found(project_id: str) -> Refusal:
    return Refusal(
        404,
        f"VS800075: The project with id 'vstfs:///Classification/TeamProject/{project_id}' does "
        "not exist, or you do not have permission to access it.",
        "Microsoft.TeamFoundation.Core.WebApi.ProjectDoesNotExistException",
    )


def repository_not_found(name: str) -> Refusal:
    """The same whether it is absent or forbidden."""
    return Refusal(
        404,
        f"TF401019: The Git repository with name or identifier {name} does not exist or you do "
        "not have permissions for the operation you are attempting.",
        f"{_GIT}.GitRepositoryNotFoundException",
    )


def repository_in_maintenance(name: str) -> Refusal:
    """Inferred: only the flag in the list of repositories is documented."""
    return Refusal(
        503,
        f"The Git repository {name} is in maintenance. Try again later.",
        "Microsoft.VisualStudio.Services.Common.VssServiceException",
    )


def no_such_version(version: str, repository: str, kind: str = "Branch") -> Refusal:
    """`kind` is Branch, Tag or Commit."""
    return Refusal(
        404,
        f"TF401175:The version descriptor <{kind}: {version} > could not be resolved to a "
        f"version in the repository {repository}",
        f"{_GIT}.GitUnresolvableToCommitException",
    )


def no_such_item(path: str, repository: str, commit: str) -> Refusal:
    return Refusal(
        404,
        f"TF401174: The item '{path}' could not be found in the repository '{repository}' at the "
        f"version specified by '<Commit: {commit} >'",
        f"{_GIT}.GitItemNotFoundException",
    )

"""What projects hold about a person."""

from accounts.personal import Part

# What a project is called now is the organization's, which may not be theirs any more.
PARTS = [Part("projects created", "projects.Project", "created_by", ("id", "created_at"))]

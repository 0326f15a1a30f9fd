"""The import: from a pasted token to an opened organization."""

"""Errors, HTTP, logs and secrets: knows no business word."""

"""Projects made from repositories, and their lines of code."""

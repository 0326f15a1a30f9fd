"""SQLite as Django has it, with triggers that outlive a change of their table."""

"""Organizations, their people, and the record of what was done to them."""

"""One module a platform. Only these speak HTTP to one."""

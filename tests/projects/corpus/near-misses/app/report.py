"""Reports are generated every night; do ask before you change one."""
x = 1
y = 2

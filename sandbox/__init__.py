"""Stand-ins for the outside world, a program of its own: `python -m sandbox`.

It shares no import with the product; the two meet over HTTP and SMTP only.
"""

#!/usr/bin/env python3
"""What it is.

More.
"""

# A comment.
import os

TEXT = """
# no comment
"""


def run(a):
    "One line of documentation."
    return a  # it


def more():
    '''Many lines

    of it.
    '''
    x = "# text"
    return x

import db

QUERY = """
    SELECT 1  -- one
    # two
"""


def ask():
    return db.run(
        QUERY)

-- Tables.
CREATE TABLE a (
    b text DEFAULT '--', -- said
    /* old
    c int, */
    d int
);
SELECT 1; /* one */

-- The tables of the harbour office. The planner reads them at night.
CREATE TABLE berth (
    code            varchar(6) PRIMARY KEY,
    length_m        numeric(6, 1) NOT NULL CHECK (length_m > 0),
    depth_m         numeric(4, 1) NOT NULL,
    takes_dangerous boolean NOT NULL DEFAULT false
);

CREATE TABLE stay (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    imo      char(7) NOT NULL,
    berth    varchar(6) NOT NULL REFERENCES berth (code),
    starts   timestamptz NOT NULL,
    ends     timestamptz NOT NULL,
    /* A ship that leaves before it comes is a mistake
       of the agent, not of the planner. */
    CHECK (ends > starts)
);

CREATE INDEX stay_by_time ON stay (starts, ends);

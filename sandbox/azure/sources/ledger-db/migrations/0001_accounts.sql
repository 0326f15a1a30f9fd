-- Accounts, and what is booked on them. Amounts are in cents.
CREATE TABLE account (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL UNIQUE,
    currency char(3) NOT NULL DEFAULT 'EUR'
);

CREATE TABLE entry (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account   bigint NOT NULL REFERENCES account,
    container char(11) NOT NULL,
    cents     bigint NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT now(),
    reason    text NOT NULL
);

-- An entry is never changed; a mistake is booked the other way.
CREATE RULE entry_stays AS ON UPDATE TO entry DO INSTEAD NOTHING;

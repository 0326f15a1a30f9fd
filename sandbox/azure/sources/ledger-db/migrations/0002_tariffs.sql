CREATE TABLE tariff (
    valid_from  date NOT NULL,
    size_feet   smallint NOT NULL CHECK (size_feet IN (20, 40, 45)),
    free_days   smallint NOT NULL,
    cents_a_day bigint NOT NULL,
    PRIMARY KEY (valid_from, size_feet)
);

INSERT INTO tariff (valid_from, size_feet, free_days, cents_a_day) VALUES
    ('2026-01-01', 20, 5, 1250),
    ('2026-01-01', 40, 5, 2300),
    ('2026-01-01', 45, 3, 2900);

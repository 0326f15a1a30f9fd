/*
 * What a container owes for its stay.
 * The tariff is that of the day it came.
 */
CREATE OR REPLACE FUNCTION demurrage(size smallint, came date, left_on date)
RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rate tariff%ROWTYPE;
    days integer;
BEGIN
    SELECT * INTO STRICT rate
    FROM tariff
    WHERE size_feet = size AND valid_from <= came
    ORDER BY valid_from DESC
    LIMIT 1;

    days := greatest(0, left_on - came - rate.free_days); -- the first days are free
    RETURN days * rate.cents_a_day;
END
$$;

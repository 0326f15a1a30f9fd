-- An old draft.
CREATE OR REPLACE FUNCTION demurrage(days integer)
RETURNS bigint
LANGUAGE sql AS $$ SELECT greatest(0, days - 5) * 1250::bigint $$;

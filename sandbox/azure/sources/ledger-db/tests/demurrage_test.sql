-- Run by pg_prove.
SELECT plan(2);
SELECT is(demurrage(20::smallint, '2026-02-01', '2026-02-04'), 0::bigint, 'three days are free');
SELECT is(demurrage(20::smallint, '2026-02-01', '2026-02-08'), 2500::bigint, 'two are not');
SELECT * FROM finish();

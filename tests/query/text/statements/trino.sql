SELECT date_add('day', -7, current_date), TRY(a / b), a[1], m['k'], approx_distinct(a), at_timezone(a, 'x') FROM c.s.t
;
SELECT a FROM t CROSS JOIN UNNEST(b, c) WITH ORDINALITY AS u (x, y, n) WHERE ts >= TIMESTAMP '2024-01-01 00:00:00 UTC'

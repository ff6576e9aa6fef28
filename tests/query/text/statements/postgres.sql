SELECT a->'b'->>'c', a#>'{x}', '2020-01-01'::date, E'x\n', ARRAY[1, 2], a ~ 'b', a AT TIME ZONE 'utc' FROM t
;
SELECT now() - INTERVAL '1 day', x = ANY(ARRAY[1]), current_date, ROW(1, 2), x SIMILAR TO 'a' FROM t
;
SELECT overlay(a placing b from 1), substring(a from 1 for 2), trim(both 'x' from a), position('a' in b) FROM t
;
SELECT $1, localtimestamp, nullif(a, b), a IS TRUE, a IS NOT TRUE, a IS NULL, b IS NOT NULL, NOT a FROM t
;
SELECT count(*) FILTER (WHERE x > 1), b.*, "Q".x FROM "T" b TABLESAMPLE system (10)
;
SELECT DISTINCT ON (a, b) a, b, c FROM t ORDER BY a, b DESC NULLS LAST, c
;
SELECT * FROM a LEFT JOIN LATERAL (SELECT 1 FROM b WHERE b.x = a.x LIMIT 1) l ON true CROSS JOIN c
;
SELECT a FROM t WHERE (a, b) IN ((1, 2), (3, 4)) AND c BETWEEN SYMMETRIC 1 AND 5 OR d NOT BETWEEN 1 AND 2
;
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r
;
INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a
;
SELECT extract(year from d), date_trunc('day', ts), to_char(d, 'YYYY'), generate_series(1, 10) FROM t
;
SELECT a::numeric(10, 2)::text, CAST(b AS timestamp with time zone), timestamp with time zone '2024-01-01' FROM t
;
SELECT sum(a) OVER w, rank() OVER (w ORDER BY b) FROM t WINDOW w AS (PARTITION BY c)
;
SELECT a FROM t WHERE a > ALL (SELECT b FROM u) AND a = SOME (SELECT c FROM v) EXCEPT SELECT 1 INTERSECT SELECT 2
;
CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL DEFAULT 'x', c int REFERENCES u (a), CHECK (a > 0))
;
SELECT a || b || 'c', a % 2, a ^ 2, ~a, a & b | c, a << 1 FROM t
;
UPDATE t SET a = s.a FROM s WHERE t.b = s.b AND s.c ILIKE 'x%' RETURNING t.*
;
DELETE FROM t USING s WHERE t.a = s.a
;
SELECT jsonb_path_query(a, '$.b'), a @> '{"x": 1}', a ? 'k', a->0, (a).b, (f(x)).c, arr[1], arr[1:2] FROM t
;
SELECT a FROM t GROUP BY GROUPING SETS ((a, b), (a), ()) HAVING count(*) > 1 FETCH FIRST 5 ROWS ONLY
;
SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 2), - - 1, -(-a), NOT NOT a FROM t FOR UPDATE
;
SELECT /* a */ a -- b
, 'it''s' /* c */ , "x""y" FROM /* d */ t /* e */ AS /* f */ u

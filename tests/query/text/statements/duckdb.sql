FROM t SELECT a, b WHERE a > 1
;
SELECT * EXCLUDE (a), COLUMNS('x.*'), {'a': 1, 'b': {'c': 2}}, [1, 2, 3][1], list_transform(l, x -> x + 1) FROM t
;
SELECT a::DATE, strftime(d, '%Y'), d - INTERVAL 3 DAY, date_trunc('month', d), x // 2, x ** 2, s[1:3] FROM t
;
SELECT sum(a) FILTER (WHERE b), string_agg(a, ',' ORDER BY b), arg_max(a, b), 'x' IN ('a', 'b') FROM t
;
SELECT * FROM read_parquet('x/*.parquet', hive_partitioning = true) WHERE year = 2024
;
SELECT a FROM t ASOF JOIN u ON t.ts >= u.ts POSITIONAL JOIN v
;
SELECT t.a, u.b FROM t AS t(a, b), (SELECT 1) AS u(b) WHERE t.a = u.b
;
SELECT struct_pack(a := 1), s.a.b, s['a'], map {'a': 1}['a'], a IS DISTINCT FROM b FROM t
;
PIVOT t ON a USING sum(b)
;
SELECT CASE WHEN a THEN CASE WHEN b THEN 1 ELSE 2 END ELSE 3 END, (a + b) * c, ((a)), - a, NOT (a OR b) FROM t
;
SELECT a, count(*) c FROM t GROUP BY ALL ORDER BY ALL LIMIT 10
;
SELECT
  é,
  '😀' || "naïve col" AS x,
  -- 😀 comment
  ü + 1
FROM tëst
WHERE é = 'ß'
  AND x IS NOT NULL
;
CREATE VIEW v AS SELECT a, max(b) AS m FROM t GROUP BY a
;
SELECT try_cast(a AS INTEGER), extract('year' FROM d), substring(a, 1, 2), trim(a), ceil(a), max(a), min(b) FROM t

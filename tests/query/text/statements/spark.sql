SELECT date_sub(current_date(), 7), CAST(a AS DECIMAL(10, 2)), a.b.c, arr[0], map['k'], `q x`.y FROM db.t
;
SELECT a, explode(b) AS x FROM t LATERAL VIEW explode(c) d AS e WHERE ds = '2024-01-01' AND hr >= 10L
;
SELECT /*+ BROADCAST(u) */ t.a FROM t JOIN u ON t.a = u.a LEFT SEMI JOIN v ON t.a = v.a LEFT ANTI JOIN w USING (a)
;
INSERT OVERWRITE TABLE t PARTITION (ds = '2024-01-01') SELECT a, b FROM u
;
SELECT transform(a, x -> x + 1), aggregate(a, 0, (acc, x) -> acc + x), filter(a, x -> x > 1 AND x < 5) FROM t
;
SELECT a RLIKE 'x', a <=> b, a DIV 2, if(a, b, c), named_struct('a', 1), array(1, 2), map('a', 1) FROM t
;
SELECT * FROM t DISTRIBUTE BY a SORT BY b DESC
;
CREATE TABLE t (a INT, b STRING COMMENT 'x') USING parquet PARTITIONED BY (b)
;
SELECT count(DISTINCT a, b), collect_set(a), percentile_approx(a, 0.5), unix_timestamp(a), to_date(a) FROM t
;
SELECT INTERVAL 1 DAY, INTERVAL '1' MONTH, DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', true, NULL
;
SELECT a.b.c FROM t WHERE year(d) = 2024 AND month(d) IN (1, 2) AND d IS NOT NULL
;
SELECT a FROM t WHERE a BETWEEN date_sub(current_date, 1) AND current_date GROUP BY a WITH ROLLUP LIMIT 3

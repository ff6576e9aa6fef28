-- Pairs of expressions and statements that differ by one change of a name, a type or an engine's meaning.
-- `== what: where it stands; dialects` opens a kind; a pair is two lines, pairs stand a blank line apart.

== concat with NULL: value; duckdb postgres
w || '-'
CONCAT(w, '-')

COALESCE(w,'') || '-'
w || '-'

== between swapped: condition; duckdb postgres sqlite bigquery snowflake tsql redshift trino mysql spark databricks hive oracle
lo BETWEEN 2 AND 5
lo BETWEEN 5 AND 2

== like escape: condition; duckdb postgres sqlite
w LIKE 'a!%b%' ESCAPE '!'
w LIKE 'a!%b%'

w LIKE 'a_'
w = 'a_'

w LIKE 'a%'
w = 'a'

== like case: condition; duckdb postgres
w LIKE 'a'
w ILIKE 'a'

== in NULL: condition; duckdb postgres sqlite
lo NOT IN (1, NULL)
lo NOT IN (1)

lo NOT IN (SELECT lo FROM j)
lo NOT IN (SELECT lo FROM j WHERE lo IS NOT NULL)

== null safe: condition; duckdb postgres
lo IS NOT DISTINCT FROM hi
lo = hi

lo IS DISTINCT FROM hi
lo <> hi

== integer division: value; postgres sqlite trino tsql redshift
lo / 2
lo / 2.0

lo / 2 * 2
lo

(lo + hi) / 2
lo / 2 + hi / 2

== integer division: value; duckdb mysql bigquery snowflake spark
lo // 2
lo / 2

== integer division of sums: aggregate; postgres trino redshift tsql sqlite
SUM(lo) / 2
SUM(lo * 1.0) / 2

SUM(lo) / COUNT(*)
SUM(lo) * 1.0 / COUNT(*)

AVG(lo) / 2
SUM(lo) / COUNT(lo) / 2

SUM(CASE WHEN hi = 2 THEN lo ELSE 0 END) / 2
SUM(CASE WHEN hi = 2 THEN lo ELSE 0.0 END) / 2

== big sum: aggregate; postgres
SUM(lo) / 2
SUM(CAST(lo AS BIGINT)) / 2

== float digits: value; duckdb postgres
COALESCE(n, 1e0)
n

COALESCE(n, CAST(1 AS DOUBLE PRECISION))
n

CAST(CAST(n AS DOUBLE PRECISION) AS BIGINT)
n

CASE WHEN id > 0 THEN n ELSE f END
n

== NaN: condition; duckdb postgres
f = f AND f < f + 1
f IS NOT NULL

== NaN unordered: condition; bigquery trino snowflake mysql
NOT (f < 2)
f >= 2

f = f
f IS NOT NULL

f < 2 OR f >= 2
f IS NOT NULL

NOT (f <> f)
f IS NOT NULL

f NOT BETWEEN 1 AND 2
f < 1 OR f > 2

== casts: value; duckdb postgres
CAST(m AS INTEGER)
m

CAST(f AS INTEGER)
f

CAST(lo AS SMALLINT) + 0.0
lo + 0.00001

CAST(CAST(m AS INTEGER) AS DECIMAL(8,2))
m

CAST(t AS DATE)
t

CAST(CAST(t AS DATE) AS TIMESTAMP)
t

CAST(w AS VARCHAR(1))
w

CAST(lo AS VARCHAR)
CAST(lo + 0.0 AS VARCHAR)

CAST(m AS VARCHAR)
CAST(m * 1.0 AS VARCHAR)

== char: value; postgres snowflake redshift trino oracle tsql
CAST(w AS CHAR)
w

CAST(w AS CHAR(3))
w

CAST(w AS CHAR(3))
CAST(w AS VARCHAR(3))

== varchar: value; redshift tsql
CAST(w AS VARCHAR)
w

== try cast: value; duckdb
TRY_CAST(n AS INTEGER)
n

TRY_CAST(n AS INTEGER)
CAST(n AS BIGINT)

TRY_CAST(w AS INTEGER)
CAST(NULL AS INTEGER)

TRY_CAST(n + 0 AS SMALLINT)
n

TRY_CAST(lo + 32765 AS SMALLINT)
lo + 32765

TRY_CAST(COUNT(*) OVER () + 126 AS TINYINT)
COUNT(*) OVER () + 126

== date parts: condition; duckdb postgres
EXTRACT(YEAR FROM d) = 2025
EXTRACT(YEAR FROM d) >= 2025 AND d < DATE '2025-03-31'

EXTRACT(SECOND FROM t) <= 59
EXTRACT(SECOND FROM t) < 60

date_trunc('month', d) = DATE '2025-03-02'
date_trunc('month', d) = DATE '2025-03-01'

date_trunc('hour', t) = TIMESTAMP '2025-03-01 10:00:00'
t = TIMESTAMP '2025-03-01 10:00:00'

CAST(t AS DATE) = DATE '2025-03-01'
t = DATE '2025-03-01'

date_trunc('week', d) = DATE '2025-03-01'
d >= DATE '2025-03-01' AND d < DATE '2025-03-08'

t <= DATE '2025-03-31'
CAST(t AS DATE) <= DATE '2025-03-31'

t < TIMESTAMP '2025-03-31 23:59:59'
t <= TIMESTAMP '2025-03-31 23:59:59'

== date hour: condition; duckdb postgres
date_trunc('hour', d) = DATE '2025-03-01'
FALSE

date_trunc('hour', d) = d
d IS NULL

== fraction: condition; duckdb postgres
t < TIMESTAMP '2025-03-31 23:59:59.999'
t <= TIMESTAMP '2025-03-31 23:59:59.998'

t = '2025-03-31 23:59:59.9990001'
t = '2025-03-31 23:59:59.999'

== text compare: condition; duckdb postgres sqlite
w = 'a'
w = 'A'

w = 'a'
lower(w) = 'a'

w = 'a'
w = 'a '

w = ''
w IS NULL

w <> ''
w IS NOT NULL

w = 'a'
trim(w) = 'a'

== text compare: condition; mysql tsql
w = 'a' AND w = 'A'
FALSE

w IN ('a') AND w IN ('A')
FALSE

w = 'a' AND w = 'a '
FALSE

== text pads: condition; redshift
w = 'a' AND w = 'a '
FALSE

== text value: value; mysql tsql redshift
CASE WHEN w = 'a' THEN w END
CASE WHEN w = 'a' THEN 'a' END

== case: value; duckdb postgres sqlite bigquery snowflake tsql redshift trino mysql spark databricks hive oracle
CASE WHEN lo > 2 THEN 1 END
CASE WHEN lo > 2 THEN 1 ELSE 0 END

CASE lo WHEN 1 THEN 'x' WHEN NULL THEN 'y' ELSE 'z' END
CASE WHEN lo = 1 THEN 'x' WHEN lo IS NULL THEN 'y' ELSE 'z' END

CASE WHEN lo > 2 THEN 1 ELSE 2 END
CASE WHEN lo <= 2 THEN 2 ELSE 1 END

NULLIF(lo, 5)
lo

COALESCE(lo, hi)
COALESCE(hi, lo)

== aggregates: aggregate; duckdb postgres sqlite
COUNT(lo)
COUNT(*)

COUNT(DISTINCT lo)
COUNT(lo)

SUM(DISTINCT lo)
SUM(lo)

COALESCE(SUM(lo), 0)
SUM(COALESCE(lo, 0)) + 0 * COUNT(w)

SUM(lo) + SUM(hi)
SUM(lo + hi)

AVG(lo)
AVG(COALESCE(lo, 0))

MAX(lo) - MIN(lo)
MAX(lo - hi)

COUNT(CASE WHEN lo > 2 THEN 1 END)
COUNT(lo > 2)

SUM(CASE WHEN lo > 2 THEN 1 END)
COUNT(CASE WHEN lo > 2 THEN 1 END) + 0 * SUM(lo)

== filter: aggregate; duckdb postgres sqlite
SUM(lo) FILTER (WHERE hi = 2)
SUM(CASE WHEN hi = 2 THEN lo ELSE 0 END)

COUNT(*) FILTER (WHERE lo > 2)
COUNT(*)

== variance: aggregate; duckdb postgres
VAR_POP(lo)
VAR_SAMP(lo)

STDDEV(lo)
STDDEV_POP(lo)

STDDEV(lo)
VARIANCE(lo)

== variance: aggregate; hive
VARIANCE(lo)
VAR_SAMP(lo)

STDDEV(lo)
STDDEV_SAMP(lo)

== variance: aggregate; mysql
VARIANCE(lo)
VAR_SAMP(lo)

STDDEV(lo)
STDDEV_SAMP(lo)

STD(lo)
STDDEV_SAMP(lo)

== variance is no integer: aggregate; duckdb postgres
CASE WHEN VAR_POP(lo) > 4 THEN 1 END
CASE WHEN VAR_POP(lo) >= 5 THEN 1 END

CASE WHEN AVG(lo) > 3 THEN 1 END
CASE WHEN AVG(lo) >= 4 THEN 1 END

== words: value; tsql
ISNULL(lo, 2.5)
COALESCE(lo, 2.5)

ISNULL(lo, m)
COALESCE(lo, m)

LEN(w)
DATALENGTH(w)

== words: value; mysql
LENGTH(w)
CHAR_LENGTH(w)

DATEDIFF(d, t)
TIMESTAMPDIFF(DAY, t, d)

IFNULL(lo, 2.5)
COALESCE(lo, 2)

== words: value; duckdb
date_diff('month', d, DATE '2025-03-31')
date_sub('month', d, DATE '2025-03-31')

length(w)
strlen(w)

instr(w, 'a')
position(w IN 'a')

list_extract([1,2,3], lo)
[1,2,3][lo + 1]

regexp_matches(w, 'a')
regexp_full_match(w, 'a')

round(f)
round_even(f, 0)

lo % 2
-((-lo) % 2) + 0 * hi + 1

fdiv(lo, 2)
fmod(lo, 2)

LEFT(w, 1)
RIGHT(w, 1)

substr(w, 0, 2)
substr(w, 1, 2)

== words: value; bigquery
IEEE_DIVIDE(f, 2)
SAFE_DIVIDE(f, 2)

DATE_DIFF(d, d, WEEK)
DATE_DIFF(d, d, ISOWEEK)

SUBSTR(w, 0, 3)
SUBSTR(w, 1, 3)

CAST(f AS INT64)
SAFE_CAST(f AS INT64)

LENGTH(w)
BYTE_LENGTH(w)

IFNULL(lo, hi)
NULLIF(lo, hi)

== words: value; snowflake
TO_NUMBER(w)
TRY_TO_NUMBER(w)

NVL(lo, hi)
ZEROIFNULL(lo)

DIV0(lo, hi)
DIV0NULL(lo, hi)

CONTAINS(w, 'a')
STARTSWITH(w, 'a')

TO_DATE(w)
TRY_TO_DATE(w)

== words: value; spark
nvl(lo, hi)
nvl2(lo, hi, 1)

try_divide(lo, hi)
lo / hi

date_add(d, 1)
date_sub(d, 1)

dayofweek(d)
weekday(d)

substring_index(w,'a',1)
substring_index(w,'a',-1)

round(f)
bround(f)

== json: value; duckdb postgres
CAST('{"a": "x"}' AS JSON) -> 'a'
CAST('{"a": "x"}' AS JSON) ->> 'a'

CAST('[7, 8]' AS JSON) -> 0
CAST('[7, 8]' AS JSON) -> '0'

== json: value; duckdb
json_extract('{"a": "x"}', '$.a')
json_extract_string('{"a": "x"}', '$.a')

json_extract('{"0": 5}', '$.0')
json_extract('{"0": 5}', '$[0]')

== arrays: value; postgres
(ARRAY[1,2,3])[1]
(ARRAY[1,2,3])[2]

lo = ANY(ARRAY[1,2])
lo = ALL(ARRAY[1,2])

== arrays: value; duckdb
[1,2,3][1]
[1,2,3][2]

lo = ANY([1,2])
lo IN (1)

== arrays: value; bigquery
[1,2,3][OFFSET(1)]
[1,2,3][ORDINAL(1)]

[1,2,3][SAFE_OFFSET(5)]
[1,2,3][OFFSET(2)]

== strings: value; duckdb postgres
E'a\tb'
'a\tb'

'a''b'
'a"b'

$$a\n$$
E'a\n'

== strings: value; bigquery
'\x41'
'\\x41'

r'\n'
'\n'

b'a'
'a'

== strings: condition; bigquery
'\x41' = 'A'
FALSE

w = '\101' AND w = 'A'
FALSE

== strings: condition; snowflake
'\x41' = 'A'
FALSE

w = '\u0041' AND w = 'A'
FALSE

== strings: condition; mysql
'a\_b' = 'a_b'
FALSE

'\q' = 'q'
FALSE

== strings: condition; spark
'\x41' = 'A'
FALSE

'\u0041' = 'A'
FALSE

'\101' = 'A'
FALSE

== numbers: value; duckdb postgres sqlite
1
1.5

0.1 + 0.2
0.3e0 + 1e-17

1e0
10e0

== numbers: condition; bigquery sqlite
f = 0.1
f = 0.1000000001

0.1 + 0.2 = 0.3
TRUE

== numbers: condition; duckdb bigquery
1e0 = 1.0000000000000000000001e0
FALSE

f = 0.1 AND f = 0.10000000000000000001
FALSE

== hex: value; mysql sqlite
0x10
10

x'41'
'41'

0x10
16.5

== precedence: condition; duckdb postgres sqlite
lo = 1 OR lo = 2 AND hi = 3
(lo = 1 OR lo = 2) AND hi = 3

NOT lo = 1 AND hi = 2
NOT (lo = 1 AND hi = 2)

== arithmetic: value; duckdb postgres sqlite
lo - hi - 1
lo - (hi - 1)

-lo % 2
-(lo % 2) + 1

lo * 2 + hi
lo * (2 + hi)

2 - lo
lo - 2

== dates: value; duckdb postgres
d + 1
d + 2

d + INTERVAL '1 month'
d + INTERVAL '30 days'

t + INTERVAL '24 hours'
t + INTERVAL '25 hours'

== intervals: value; postgres duckdb
d + INTERVAL '1 month' + INTERVAL '1 month'
d + INTERVAL '2 months' + INTERVAL '0 days' - INTERVAL '0 day' + INTERVAL '1 day'

INTERVAL '1 month'
INTERVAL '30 days 1 second'

== boolean: condition; duckdb postgres
b
b IS NOT FALSE

b = FALSE
b IS NOT TRUE

b IS TRUE
b IS NOT NULL

NOT b
b IS NOT TRUE

b = (lo > 2)
b AND lo > 2

== boolean numbers: condition; mysql tsql
b
b = TRUE

b = 1
b <> 0

b IS TRUE
b = TRUE

== greatest: value; duckdb postgres
GREATEST(lo, 2)
CASE WHEN lo > 2 THEN lo ELSE 2 END + 0 * lo

LEAST(lo, 2)
CASE WHEN lo < 2 THEN lo WHEN lo >= 2 THEN 2 END

== any all: condition; duckdb postgres
lo > ALL (SELECT lo FROM j WHERE id = 77)
lo > (SELECT MAX(lo) FROM j WHERE id = 77)

lo = ANY (SELECT lo FROM j)
lo = ALL (SELECT lo FROM j)

lo <> ANY (SELECT lo FROM j)
lo NOT IN (SELECT lo FROM j)

lo >= ALL (SELECT lo FROM j)
lo >= (SELECT MAX(lo) FROM j)

== exists: condition; duckdb postgres sqlite
EXISTS (SELECT NULL FROM j WHERE j.id = k.id)
lo IN (SELECT lo FROM j WHERE j.id = k.id)

NOT EXISTS (SELECT 1 FROM j WHERE j.lo = k.lo)
k.lo NOT IN (SELECT lo FROM j)

EXISTS (SELECT COUNT(*) FROM j WHERE j.id = k.id)
EXISTS (SELECT 1 FROM j WHERE j.id = k.id)

(SELECT COUNT(*) FROM j WHERE j.id = k.id) > 0
EXISTS (SELECT 1 FROM j WHERE j.id = k.id AND j.lo IS NOT NULL)

== capture: condition; duckdb postgres sqlite
EXISTS (SELECT 1 FROM j WHERE j.id = id)
EXISTS (SELECT 1 FROM j WHERE j.id = k.id)

EXISTS (SELECT 1 FROM j WHERE lo = k.lo)
EXISTS (SELECT 1 FROM j x WHERE k.lo = k.lo)

== scalar: value; duckdb postgres sqlite
(SELECT MAX(lo) FROM j WHERE j.id = k.id)
(SELECT MIN(lo) FROM j WHERE j.id = k.id)

(SELECT COUNT(*) FROM j WHERE j.id = k.id)
(SELECT COUNT(j.lo) FROM j WHERE j.id = k.id)

== grouping: query; duckdb postgres
SELECT hi, COUNT(*) FROM k GROUP BY hi
SELECT hi, COUNT(*) FROM k GROUP BY ROLLUP(hi)

SELECT hi, lo, COUNT(*) FROM k GROUP BY ROLLUP(hi, lo)
SELECT hi, lo, COUNT(*) FROM k GROUP BY CUBE(hi, lo)

SELECT hi, lo FROM k GROUP BY GROUPING SETS ((hi), (lo))
SELECT hi, lo FROM k GROUP BY GROUPING SETS ((hi, lo))

SELECT GROUPING(hi) FROM k GROUP BY ROLLUP(hi, lo)
SELECT GROUPING(lo) FROM k GROUP BY ROLLUP(hi, lo)

SELECT COUNT(*) FROM k
SELECT COUNT(*) FROM k GROUP BY ()

SELECT COUNT(*) FROM k WHERE lo > 99
SELECT COUNT(*) FROM k WHERE lo > 99 GROUP BY hi

SELECT 1 FROM k HAVING COUNT(*) > 99
SELECT 1 FROM k WHERE 1 = 0 GROUP BY hi

SELECT hi FROM k GROUP BY 1
SELECT hi FROM k GROUP BY 1 + 0, hi, id

== set ops: query; duckdb postgres sqlite
SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3
(SELECT 1 UNION ALL SELECT 2) INTERSECT SELECT 3

SELECT lo FROM k EXCEPT SELECT lo FROM j
SELECT lo FROM k WHERE lo NOT IN (SELECT lo FROM j)

SELECT lo FROM k UNION SELECT lo FROM j
SELECT lo FROM k UNION ALL SELECT lo FROM j

SELECT lo FROM k UNION ALL SELECT lo FROM j UNION SELECT 1
SELECT lo FROM k UNION ALL (SELECT lo FROM j UNION SELECT 1)

SELECT lo, hi FROM k UNION SELECT hi, lo FROM k
SELECT lo, hi FROM k

SELECT hi FROM k INTERSECT SELECT hi FROM k
SELECT hi FROM k

== set ops all: query; duckdb postgres
SELECT hi FROM k EXCEPT ALL SELECT hi FROM j
SELECT hi FROM k EXCEPT SELECT hi FROM j

SELECT hi FROM k INTERSECT ALL SELECT hi FROM j
SELECT hi FROM k INTERSECT SELECT hi FROM j

SELECT hi FROM k EXCEPT ALL SELECT 2 EXCEPT ALL SELECT 3
SELECT hi FROM k EXCEPT ALL (SELECT 2 EXCEPT ALL SELECT 3)

== set ops prec: query; sqlite duckdb postgres
SELECT 1 EXCEPT SELECT 1 UNION ALL SELECT 2
SELECT 1 EXCEPT SELECT * FROM (SELECT 1 UNION ALL SELECT 2) z

== set ops prec sqlite: query; sqlite
SELECT 1 AS a UNION ALL SELECT 2 INTERSECT SELECT 3
SELECT 1 AS a UNION ALL SELECT * FROM (SELECT 2 INTERSECT SELECT 3) z

== union types: query; duckdb postgres
SELECT n FROM k UNION ALL SELECT f FROM k WHERE 1 = 0
SELECT n FROM k

SELECT v / 2 FROM (SELECT lo AS v FROM k UNION ALL SELECT 0.5) q WHERE v <> 0.5
SELECT lo / 2 FROM k WHERE lo IS NOT NULL

SELECT v / 2 FROM (SELECT lo AS v FROM k UNION ALL SELECT m FROM k WHERE 1 = 0) q
SELECT lo / 2 FROM k

== distinct on: query; duckdb postgres
SELECT DISTINCT ON (hi) id FROM k ORDER BY hi, id
SELECT DISTINCT id FROM k ORDER BY id

SELECT DISTINCT ON (hi) hi, id FROM k ORDER BY hi, id
SELECT DISTINCT ON (hi) hi, id FROM k ORDER BY hi, id DESC

== order: query; duckdb postgres sqlite
SELECT id FROM k ORDER BY lo, id
SELECT id FROM k ORDER BY lo, id DESC

SELECT lo, id FROM k ORDER BY 1
SELECT lo, id FROM k ORDER BY 1 + 0, id DESC

SELECT id FROM k ORDER BY id LIMIT 2
SELECT id FROM k ORDER BY id DESC LIMIT 2

SELECT id FROM k ORDER BY id LIMIT 2 OFFSET 1
SELECT id FROM k ORDER BY id LIMIT 2

SELECT id FROM k ORDER BY hi, id
SELECT id FROM k ORDER BY id, hi

SELECT hi AS id FROM k ORDER BY id
SELECT hi AS id FROM k ORDER BY k.id

SELECT -lo AS hi, id FROM k ORDER BY hi + 0, id
SELECT -lo AS x, id FROM k ORDER BY -lo, id

SELECT id FROM k ORDER BY lo DESC, id
SELECT id FROM k ORDER BY lo DESC, id DESC

SELECT id FROM k ORDER BY w, id
SELECT id FROM k ORDER BY lower(w), id

== order nulls: query; duckdb postgres
SELECT lo FROM k ORDER BY lo NULLS FIRST
SELECT lo FROM k ORDER BY lo NULLS LAST

SELECT id FROM k ORDER BY lo NULLS FIRST, id LIMIT 1
SELECT id FROM k ORDER BY lo NULLS LAST, id LIMIT 1

== limit: query; duckdb postgres
SELECT hi FROM k ORDER BY hi FETCH FIRST 1 ROW WITH TIES
SELECT hi FROM k ORDER BY hi FETCH FIRST 1 ROW ONLY

SELECT id FROM k ORDER BY id LIMIT ALL
SELECT id FROM k ORDER BY id LIMIT 0

SELECT id FROM k ORDER BY id LIMIT NULL
SELECT id FROM k ORDER BY id LIMIT 0

== joins: query; duckdb postgres
SELECT k.id, j.lo FROM k LEFT JOIN j ON k.id = j.id AND j.lo > 1
SELECT k.id, j.lo FROM k LEFT JOIN j ON k.id = j.id WHERE j.lo > 1

SELECT id FROM k FULL JOIN j USING (id)
SELECT k.id FROM k FULL JOIN j ON k.id = j.id

SELECT id, k.lo FROM k RIGHT JOIN j USING (id)
SELECT k.id, k.lo FROM k RIGHT JOIN j ON k.id = j.id

SELECT * FROM k JOIN j USING (id)
SELECT * FROM k JOIN j ON k.id = j.id

SELECT * FROM k NATURAL JOIN j
SELECT k.* FROM k JOIN j USING (id)

SELECT k.id FROM k, j
SELECT k.id FROM k CROSS JOIN (SELECT DISTINCT id FROM j) z

SELECT k.id FROM k LEFT JOIN j ON k.id = j.id
SELECT id FROM k

SELECT COUNT(j.*) FROM k LEFT JOIN j ON k.id = j.id
SELECT COUNT(*) FROM k LEFT JOIN j ON k.id = j.id

== windows: query; duckdb postgres
SELECT id, SUM(lo) OVER (ORDER BY hi) FROM k
SELECT id, SUM(lo) OVER (ORDER BY hi ROWS UNBOUNDED PRECEDING) FROM k

SELECT id, SUM(lo) OVER (ORDER BY hi ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM k
SELECT id, SUM(lo) OVER (ORDER BY hi RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM k

SELECT id, SUM(lo) OVER (ORDER BY hi GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM k
SELECT id, SUM(lo) OVER (ORDER BY hi ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM k

SELECT id, SUM(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM k
SELECT id, SUM(id) OVER () FROM k

SELECT id, LAST_VALUE(id) OVER (ORDER BY id) FROM k
SELECT id, MAX(id) OVER () FROM k

SELECT id, RANK() OVER (ORDER BY hi) FROM k
SELECT id, DENSE_RANK() OVER (ORDER BY hi) FROM k

SELECT id, RANK() OVER (ORDER BY hi) FROM k
SELECT id, RANK() OVER (ORDER BY hi DESC) FROM k

SELECT id, COUNT(*) OVER (PARTITION BY lo) FROM k
SELECT id, COUNT(lo) OVER (PARTITION BY lo) FROM k

SELECT id, SUM(lo) OVER w FROM k WINDOW w AS (ORDER BY id)
SELECT id, SUM(lo) OVER w FROM k WINDOW w AS (ORDER BY id DESC)

SELECT id, LAG(lo) OVER (ORDER BY id) FROM k
SELECT id, LAG(lo, 2) OVER (ORDER BY id) FROM k

SELECT id, NTH_VALUE(id, 1) OVER (ORDER BY id) FROM k
SELECT id, NTH_VALUE(id, 2) OVER (ORDER BY id) FROM k

SELECT id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS r FROM k) q WHERE r <= 2
SELECT id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id DESC) AS r FROM k) q WHERE r <= 2

SELECT id, AVG(lo) OVER (PARTITION BY hi) FROM k
SELECT id, SUM(lo) OVER (PARTITION BY hi) / COUNT(*) OVER (PARTITION BY hi) FROM k

== qualify: query; duckdb
SELECT id FROM k QUALIFY ROW_NUMBER() OVER (PARTITION BY hi ORDER BY id) = 1
SELECT id FROM k QUALIFY ROW_NUMBER() OVER (ORDER BY id) = 1

SELECT * FROM (PIVOT k ON hi USING SUM(lo) GROUP BY id) p
SELECT * FROM (PIVOT k ON hi USING MAX(id) GROUP BY id) p

SELECT * EXCLUDE (lo) FROM j
SELECT * EXCLUDE (hi) FROM j

SELECT * REPLACE (id AS lo) FROM j
SELECT * REPLACE (hi AS lo) FROM j

SELECT j.* REPLACE (id AS lo) FROM j
SELECT j.* FROM j

SELECT COLUMNS('l.*') FROM j
SELECT COLUMNS('h.*') FROM j

SELECT * ILIKE 'l%' FROM j
SELECT * ILIKE 'h%' FROM j

SELECT * LIKE 'l%' FROM j
SELECT * LIKE 'h%' FROM j

SELECT j.* EXCLUDE (lo, w) FROM j
SELECT j.* EXCLUDE (w, hi) FROM j

SELECT COUNT(*) FROM (SELECT DISTINCT j.* EXCLUDE (lo, w, hi) FROM j) z
SELECT COUNT(*) FROM (SELECT DISTINCT j.* FROM j) z

FROM k SELECT id LIMIT 0
FROM k SELECT id

SELECT id FROM k USING SAMPLE 50%
SELECT id FROM k USING SAMPLE 50%

SELECT lo FROM k UNION ALL BY NAME SELECT hi, lo FROM j
SELECT lo FROM k UNION ALL SELECT hi FROM j

SELECT id, lo FROM k ORDER BY ALL
SELECT id, lo FROM k ORDER BY lo

SELECT k.lo FROM k SEMI JOIN j USING (id)
SELECT k.lo FROM k ANTI JOIN j USING (id)

SELECT k.id, j.lo FROM k ASOF JOIN j ON k.id >= j.id
SELECT k.id, j.lo FROM k JOIN j ON k.id >= j.id

SELECT k.id FROM k POSITIONAL JOIN j
SELECT k.id FROM k, j

== star: query; duckdb postgres
SELECT * FROM j
SELECT id, lo, hi, w FROM j

SELECT j.*, id FROM j
SELECT id, j.* FROM j

SELECT z.* FROM j AS z(a, b)
SELECT lo, id, w, hi FROM j

SELECT z.lo FROM j AS z(lo, id)
SELECT lo FROM j

SELECT z.a FROM (SELECT lo, hi FROM j) AS z(b, a)
SELECT lo FROM j

WITH z(hi, lo) AS (SELECT lo, hi FROM j) SELECT lo FROM z
SELECT lo FROM j

SELECT q.b FROM (VALUES (1, 2)) AS q(a, b)
SELECT q.b FROM (VALUES (1, 2)) AS q(b, a)

SELECT z FROM j AS z
SELECT w FROM j AS z

SELECT lo FROM (SELECT lo AS hi, hi AS lo FROM j) q
SELECT lo FROM j

== recursive: query; duckdb postgres
WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r WHERE a < 5) SELECT a FROM r
WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r WHERE a < 4) SELECT a FROM r

WITH RECURSIVE r(a) AS (SELECT 1 UNION SELECT 1 FROM r) SELECT a FROM r
WITH RECURSIVE r(a) AS (SELECT 1 UNION SELECT 2 FROM r) SELECT a FROM r

WITH k AS (SELECT 99 AS id) SELECT id FROM k
SELECT id FROM k

WITH q AS (SELECT lo FROM k), k AS (SELECT hi AS lo FROM j) SELECT lo FROM k
SELECT lo FROM k

== lateral: query; duckdb postgres
SELECT k.id, q.lo FROM k LEFT JOIN LATERAL (SELECT lo FROM j WHERE j.id = k.id LIMIT 1) q ON TRUE
SELECT k.id, q.lo FROM k LEFT JOIN LATERAL (SELECT lo FROM j WHERE j.id = k.id) q ON TRUE

SELECT k.id, q.lo FROM k CROSS JOIN LATERAL (SELECT MAX(lo) AS lo FROM j WHERE j.id = k.id) q
SELECT k.id, q.lo FROM k JOIN (SELECT id, MAX(lo) AS lo FROM j GROUP BY id) q ON q.id = k.id

== ordered aggregates: query; duckdb postgres
SELECT STRING_AGG(w, ',' ORDER BY id) FROM k
SELECT STRING_AGG(w, ',' ORDER BY id DESC) FROM k

SELECT STRING_AGG(w, ',' ORDER BY id) FROM k
SELECT STRING_AGG(w, ';' ORDER BY id) FROM k

SELECT ARRAY_AGG(lo ORDER BY id) FROM k
SELECT ARRAY_AGG(lo ORDER BY lo, id) FROM k

SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY id) FROM k
SELECT PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY id) FROM k

== locks: query; postgres
SELECT id FROM k FOR UPDATE SKIP LOCKED
SELECT id FROM k

SELECT id FROM k FOR UPDATE
SELECT id FROM k

SELECT id FROM k FOR UPDATE NOWAIT
SELECT id FROM k FOR SHARE NOWAIT

== clocks: condition; postgres
t < clock_timestamp() AND clock_timestamp() = clock_timestamp()
t < clock_timestamp() AND clock_timestamp() IS NOT NULL

== volatile: query; duckdb postgres
SELECT random() FROM k
SELECT random() FROM k

SELECT id FROM k WHERE random() < 0.5
SELECT id FROM k WHERE random() < 0.5

SELECT a, a FROM (SELECT random() AS a FROM k) q
SELECT random(), random() FROM k

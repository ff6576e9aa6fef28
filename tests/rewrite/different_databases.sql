-- Databases of their own, each with pairs that differ on it.

== numbers in two types; duckdb postgres
CREATE TABLE a(x integer, y bigint, m numeric(6,2), q numeric(8,4), f double precision, r real, s varchar(5), t text);
CREATE TABLE b(x integer, y bigint, m numeric(6,2), q numeric(8,4), f double precision, r real, s varchar(5), t text);
INSERT INTO a VALUES (1,1,1.00,1.0000,1,1,'1','1'),(2,9007199254740993,2.50,2.5000,9007199254740992,0.1,'a','a '),(3,3,3.33,3.3333,0.1,0.1,'b','B');
INSERT INTO b SELECT * FROM a;

SELECT a.x FROM a JOIN b ON a.y = b.f
SELECT a.x FROM a JOIN b ON a.y = b.f AND a.f = b.y

SELECT a.f FROM a WHERE a.f = a.r
SELECT CAST(a.r AS double precision) FROM a WHERE a.f = a.r AND a.x <> 2

SELECT a.m / 3 FROM a JOIN b ON a.m = b.q
SELECT b.q / 3 FROM a JOIN b ON a.m = b.q

SELECT CAST(a.m AS text) FROM a JOIN b ON a.m = b.q
SELECT CAST(b.q AS text) FROM a JOIN b ON a.m = b.q

SELECT SUM(a.x) / 2 FROM a WHERE a.x = a.y
SELECT SUM(a.y) / 2 FROM a WHERE a.x = a.y

SELECT CAST(SUM(m) AS text) FROM a
SELECT CAST(SUM(q) AS text) FROM a WHERE m = q

SELECT AVG(x) FROM a
SELECT AVG(m) FROM a

SELECT AVG(x) FROM a WHERE x = m
SELECT AVG(m) FROM a WHERE x = m

SELECT m FROM a UNION SELECT q FROM b
SELECT q FROM a UNION SELECT m FROM b

SELECT CAST(v AS text) FROM (SELECT m AS v FROM a UNION ALL SELECT q FROM b WHERE FALSE) z
SELECT CAST(m AS text) FROM a

SELECT CAST(v AS text) FROM (SELECT x AS v FROM a UNION ALL SELECT m FROM b WHERE FALSE) z
SELECT CAST(x AS text) FROM a

SELECT CAST(CASE WHEN x > 0 THEN x ELSE m END AS text) FROM a
SELECT CAST(x AS text) FROM a WHERE x > 0 

SELECT CAST(COALESCE(x, m) AS text) FROM a
SELECT CAST(x AS text) FROM a WHERE x IS NOT NULL

SELECT CASE WHEN x > 0 THEN x ELSE f END / 2 FROM a WHERE x > 0
SELECT x / 2 FROM a WHERE x > 0

SELECT (CASE WHEN x > 0 THEN x ELSE m END) / 2 FROM a WHERE x > 0
SELECT x / 2 FROM a WHERE x > 0

SELECT x / 2 FROM (SELECT MAX(x) AS x FROM a) z
SELECT x / 2 FROM (SELECT MAX(m) AS x FROM a) z

SELECT a.x FROM a WHERE a.y = 9007199254740993.0
SELECT a.x FROM a WHERE a.y = 9007199254740993e0

SELECT x FROM a WHERE f = 9007199254740993
SELECT x FROM a WHERE f = 9007199254740992

SELECT x FROM a WHERE f > 9007199254740992
SELECT x FROM a WHERE f >= 9007199254740993

SELECT x FROM a WHERE m > 2
SELECT x FROM a WHERE m >= 3

SELECT x FROM a WHERE r = 0.1
SELECT x FROM a WHERE f = 0.1

SELECT x FROM a WHERE y + 1 > y
SELECT x FROM a WHERE f + 1 > f

SELECT DISTINCT f FROM a WHERE f = y
SELECT DISTINCT y FROM a WHERE f = y

SELECT f + 1e16 - 1e16 FROM a
SELECT f FROM a

SELECT SUM(f) FROM a
SELECT SUM(s) FROM (SELECT x, SUM(f) AS s FROM a GROUP BY x) z

SELECT x FROM a WHERE m * 1.0 = q
SELECT x FROM a WHERE m = q * 1.5

SELECT ROUND(m, 1) FROM a
SELECT ROUND(q, 1) FROM a

SELECT t FROM a WHERE t = s
SELECT t FROM a WHERE lower(t) = lower(s)

SELECT x % 2 FROM a
SELECT m % 2 FROM a

SELECT a.x FROM a WHERE a.x IN (SELECT f FROM b)
SELECT a.x FROM a WHERE a.x IN (SELECT y FROM b)

SELECT MIN(f) FROM a WHERE f = y
SELECT MIN(y) FROM a WHERE f = y

SELECT a.x FROM a WHERE (a.x, a.y) IN (SELECT x, f FROM b)
SELECT a.x FROM a WHERE (a.x, a.f) IN (SELECT x, y FROM b)

SELECT x FROM a WHERE (x, y) > (1, 1)
SELECT x FROM a WHERE x > 1 AND y > 1

== keys and links; duckdb postgres
CREATE TABLE p(id integer PRIMARY KEY, u integer UNIQUE, v integer);
CREATE TABLE c(id integer, pid integer, k integer NOT NULL, FOREIGN KEY (pid) REFERENCES p(id));
INSERT INTO p VALUES (1,NULL,1),(2,NULL,1),(3,5,NULL);
INSERT INTO c VALUES (1,1,1),(2,NULL,2),(3,1,2),(4,3,3);

SELECT DISTINCT u FROM p
SELECT u FROM p

SELECT c.id FROM c JOIN p ON p.id = c.pid
SELECT id FROM c

SELECT c.id FROM c LEFT JOIN p ON p.u = c.k OR p.u IS NULL
SELECT id FROM c

SELECT u, COUNT(*) FROM p GROUP BY u
SELECT u, 1 FROM p

SELECT COUNT(DISTINCT u) FROM p
SELECT COUNT(*) FROM p

SELECT p.v FROM p JOIN p q ON p.u = q.u
SELECT v FROM p

SELECT p.v FROM p JOIN p q ON p.u IS NOT DISTINCT FROM q.u
SELECT v FROM p

SELECT id FROM p WHERE v NOT IN (SELECT pid FROM c)
SELECT id FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.pid = p.v)

SELECT p.id FROM p WHERE EXISTS (SELECT 1 FROM c WHERE c.pid = p.id)
SELECT p.id FROM p JOIN c ON c.pid = p.id

SELECT MAX(v) FROM p GROUP BY u
SELECT v FROM p

SELECT ANY_VALUE(v) FROM p GROUP BY id
SELECT MAX(id) FROM p GROUP BY id

SELECT COUNT(*) FROM p HAVING COUNT(*) > 5
SELECT COUNT(*) FROM p WHERE v > 5

SELECT SUM(v) FROM p WHERE id = 99
SELECT v FROM p WHERE id = 99

SELECT (SELECT v FROM p WHERE p.id = c.pid) FROM c
SELECT p.v FROM c JOIN p ON p.id = c.pid

SELECT id FROM c WHERE pid <> 1
SELECT id FROM c WHERE NOT (pid = 1 AND pid IS NOT NULL)

SELECT c.k, COUNT(p.v) FROM c LEFT JOIN p ON p.id = c.pid GROUP BY c.k
SELECT c.k, COUNT(*) FROM c LEFT JOIN p ON p.id = c.pid GROUP BY c.k

SELECT id FROM p ORDER BY u, id LIMIT 1
SELECT MIN(id) FROM p

SELECT MIN(id) FROM p WHERE u = 99
SELECT id FROM p WHERE u = 99

== what SQLite stores; sqlite
CREATE TABLE p(id TEXT PRIMARY KEY, n INTEGER, s TEXT COLLATE NOCASE, i INT);
CREATE TABLE c(id INTEGER PRIMARY KEY, pid TEXT REFERENCES p(id));
INSERT INTO p VALUES (NULL,1,'a','x'),(NULL,2,'A','1'),('q',3,'b',2.5);
INSERT INTO c VALUES (1,'zz'),(2,'q');

SELECT DISTINCT id FROM p
SELECT id FROM p

SELECT COUNT(id) FROM p
SELECT COUNT(*) FROM p

SELECT c.id FROM c JOIN p ON c.pid = p.id
SELECT id FROM c

SELECT s FROM p WHERE s = 'a'
SELECT 'a' FROM p WHERE s = 'a'

SELECT i FROM p WHERE i > 2
SELECT i FROM p WHERE i >= 3

SELECT i FROM p WHERE NOT i < 2
SELECT i FROM p WHERE i >= 2 AND typeof(i) <> 'text'

SELECT n / 2 FROM p
SELECT n / 2.0 FROM p

SELECT DISTINCT s FROM p
SELECT DISTINCT s COLLATE BINARY FROM p

SELECT i + 1 > 3 FROM p
SELECT i > 2 FROM p

SELECT "n" FROM p
SELECT 'n' FROM p

SELECT id IS NULL FROM p
SELECT id = '' FROM p

SELECT n == 1 FROM p
SELECT n IS 1 OR n IS NULL FROM p

SELECT 5 BETWEEN n AND 9 FROM p
SELECT n BETWEEN 5 AND 9 FROM p

SELECT max(n, 2) FROM p
SELECT max(n) FROM p

SELECT group_concat(s) FROM p
SELECT group_concat(s, ';') FROM p

SELECT total(n) FROM p WHERE 0
SELECT sum(n) FROM p WHERE 0

SELECT s LIKE 'A' FROM p
SELECT s GLOB 'A' FROM p

SELECT n || 1 FROM p
SELECT n + 1 FROM p

SELECT i FROM p WHERE i = '1'
SELECT i FROM p WHERE i = 1.5

== what DuckDB stores; duckdb
CREATE TABLE k(s VARCHAR COLLATE NOCASE, u UBIGINT, h HUGEINT, ts TIMESTAMP_S, ns TIMESTAMP_NS, tz TIMESTAMPTZ, ti TIME, bl BLOB, l INTEGER[], st STRUCT(a INTEGER, b INTEGER), e FLOAT, dt DATE, un UTINYINT);
INSERT INTO k VALUES ('a', 18446744073709551615, 170141183460469231731687303715884105727, '2025-01-01 00:00:00', '2025-01-01 00:00:00.000000001', '2025-01-01 00:00:00+00', '10:00', 'a', [1,2], {'a':1,'b':2}, 0.1, '2025-01-01', 200), ('A', 1, 1, '2025-01-01 00:00:01','2025-01-01 00:00:00.000000002','2025-01-01 12:00:00+00','11:00','b',[2],{'a':2,'b':1},16777217,'infinity',3);

SELECT s FROM k WHERE s = 'a'
SELECT 'a' FROM k WHERE s = 'a'

SELECT DISTINCT s FROM k
SELECT s FROM k GROUP BY s, u

SELECT u FROM k WHERE s = 'a' AND s = 'A'
SELECT u FROM k WHERE FALSE

SELECT TRY_CAST(u AS BIGINT) FROM k
SELECT u FROM k

SELECT TRY_CAST(h AS BIGINT) FROM k
SELECT h FROM k

SELECT TRY_CAST(h AS HUGEINT) FROM k
SELECT TRY_CAST(h AS UBIGINT) FROM k

SELECT TRY_CAST(un AS TINYINT) FROM k
SELECT un FROM k

SELECT 1 FROM k WHERE ns = TIMESTAMP_NS '2025-01-01 00:00:00.000000001'
SELECT 1 FROM k WHERE ns = TIMESTAMP_NS '2025-01-01 00:00:00.000000002'

SELECT 1 FROM k WHERE ns <= '2025-01-01 00:00:00'
SELECT 1 FROM k WHERE ns < '2025-01-01 00:00:00.000000002'

SELECT CAST(ns AS TIMESTAMP_S) FROM k
SELECT CAST(ns AS TIMESTAMP_MS) FROM k WHERE ns IS NULL

SELECT CAST('2025-01-01 00:00:00.5' AS TIMESTAMP_S)
SELECT CAST('2025-01-01 00:00:00.5' AS TIMESTAMP)

SELECT 1 FROM k WHERE ts = '2025-01-01 00:00:00.7'
SELECT 1 FROM k WHERE FALSE

SELECT l[1] FROM k
SELECT l[2] FROM k

SELECT st.a FROM k
SELECT st.b FROM k

SELECT st['a'] FROM k
SELECT st['b'] FROM k

SELECT e FROM k
SELECT CAST(e AS DOUBLE) FROM k WHERE e <> 16777217

SELECT 1 FROM k WHERE e = 0.1
SELECT 1 FROM k WHERE CAST(e AS DOUBLE) = 0.1

SELECT CAST(tz AS DATE) FROM k
SELECT CAST(tz AS TIMESTAMP) FROM k

SELECT un + 100 FROM k WHERE u = 1
SELECT un + 101 FROM k WHERE u = 1

SELECT {'a': u, 'b': 1} FROM k
SELECT {'a': 1, 'b': u} FROM k

SELECT list_transform(l, x -> x + 1) FROM k
SELECT list_transform(l, x -> x + 2) FROM k

SELECT unnest(l) FROM k
SELECT l[1] FROM k

SELECT [x FOR x IN l IF x > 1] FROM k
SELECT [x FOR x IN l IF x > 0] FROM k

SELECT s[1:1] FROM k
SELECT s FROM k WHERE s = 'zz'

SELECT CAST(k AS VARCHAR) FROM k
SELECT CAST(q AS VARCHAR) FROM (SELECT s AS z, u, h, ts, ns, tz, ti, bl, l, st, e, dt, un FROM k) q

SELECT ROW(u, s) FROM k
SELECT ROW(s, u) FROM k

SELECT to_json(q) FROM (SELECT u AS a FROM k) q
SELECT to_json(q) FROM (SELECT u AS b FROM k) q

SELECT to_json({'a': u}) FROM k
SELECT to_json({'b': u}) FROM k

SELECT q FROM (SELECT u AS a FROM k) q
SELECT q FROM (SELECT u AS b FROM k) q

== what PostgreSQL stores; postgres
CREATE TABLE k(lo int, "Lo" int, "LO" text, c char(3), nm name, nu numeric, ci text COLLATE "C", tz timestamptz, ts0 timestamp(0), iv interval, j jsonb, arr int[], xs "char");
CREATE TABLE base(id int PRIMARY KEY, v int NOT NULL);
CREATE TABLE kid() INHERITS (base);
CREATE TABLE "Base"(id int, v int);
INSERT INTO k VALUES (1,2,'x','a','n',1.0,'a','2025-01-01 00:30+00','2025-01-01 00:00:01','1 month','{"a":1}','{1,2}','a'),(1,2,'y','ab','m',1.00,'b','2025-01-01 12:00+00','2025-01-01 00:00:02','30 days','{"a":"1"}','{2,3}','b');
INSERT INTO base VALUES (1,1);
INSERT INTO kid VALUES (1,1);

SELECT "Lo" FROM k
SELECT lo FROM k

SELECT k."Lo" FROM k
SELECT k.lo FROM k

SELECT q."A" FROM (SELECT lo AS "A", 5 AS a FROM k) q
SELECT q.a FROM (SELECT lo AS "A", 5 AS a FROM k) q

WITH "Q" AS (SELECT 1 AS x), q AS (SELECT 2 AS x) SELECT x FROM "Q"
WITH "Q" AS (SELECT 1 AS x), q AS (SELECT 2 AS x) SELECT x FROM q

SELECT id FROM "Base"
SELECT id FROM base

SELECT DISTINCT id FROM base
SELECT id FROM base

SELECT DISTINCT id FROM ONLY base
SELECT id FROM base

SELECT "B".v FROM (SELECT 1 AS v) b, (SELECT 2 AS v) "B"
SELECT b.v FROM (SELECT 1 AS v) b, (SELECT 2 AS v) "B"

SELECT 1 FROM k WHERE c = 'a'
SELECT 1 FROM k WHERE CAST(c AS text) = 'a  '

SELECT c || 'x' FROM k
SELECT CAST(c AS char(3)) || 'x ' FROM k

SELECT length(c) FROM k
SELECT octet_length(c) FROM k

SELECT CAST(nu AS text) FROM k
SELECT CAST(nu * 1.0 AS text) FROM k

SELECT CAST(a.nu AS text) FROM k a JOIN k b ON a.nu = b.nu
SELECT CAST(b.nu AS text) FROM k a JOIN k b ON a.nu = b.nu WHERE a.c = 'a'

SELECT DISTINCT CAST(nu AS text) FROM k
SELECT CAST(nu AS text) FROM (SELECT DISTINCT nu FROM k) q

SELECT CAST(tz AS date) FROM k
SELECT CAST(tz AS timestamp) FROM k

SELECT CAST(iv AS text) FROM k
SELECT CAST(iv + interval '0 day' AS text) FROM k WHERE c = 'a'

SELECT DISTINCT iv FROM k
SELECT iv FROM k

SELECT CAST(a.iv AS text) FROM k a JOIN k b ON a.iv = b.iv
SELECT CAST(b.iv AS text) FROM k a JOIN k b ON a.iv = b.iv WHERE a.c <> b.c

SELECT j -> 'a' FROM k
SELECT j ->> 'a' FROM k

SELECT j -> 'a' FROM k WHERE j ? 'a'
SELECT j -> 'a' FROM k WHERE j @> '{"a":1}'

SELECT arr[1] FROM k
SELECT arr[2] FROM k

SELECT arr[1:1] FROM k
SELECT arr[1:2] FROM k

SELECT lo = ANY(arr) FROM k
SELECT lo = ALL(arr) FROM k

SELECT CAST('abcd' AS "char")
SELECT CAST('abcd' AS text)

SELECT CAST(nm AS text) FROM k
SELECT CAST('n' AS text) FROM k

SELECT CAST('2025-01-01 00:00:00.6' AS timestamp(0))
SELECT CAST('2025-01-01 00:00:00.6' AS timestamp)

SELECT 1 FROM k WHERE ts0 = '2025-01-01 00:00:00.6'
SELECT 1 FROM k WHERE FALSE

SELECT EXTRACT(YEAR FROM ts0) / 2 FROM k
SELECT CAST(EXTRACT(YEAR FROM ts0) AS bigint) / 2 FROM k

SELECT COUNT(*) / 2 FROM k
SELECT COUNT(*) / 2.0 FROM k

SELECT length(c) / 2 FROM k
SELECT length(c) / 2.0 FROM k

SELECT k FROM k
SELECT k.lo FROM k

SELECT to_jsonb(q) FROM (SELECT lo AS a FROM k) q
SELECT to_jsonb(q) FROM (SELECT lo AS b FROM k) q

SELECT row_to_json(q) FROM (SELECT lo AS a FROM k) q
SELECT row_to_json(q) FROM (SELECT lo AS b FROM k) q

SELECT json_agg(q) FROM (SELECT lo AS a FROM k) q
SELECT json_agg(q) FROM (SELECT lo AS b FROM k) q

SELECT to_json(q.*) FROM (SELECT lo AS a FROM k) q
SELECT to_json(q.*) FROM (SELECT lo AS b FROM k) q

SELECT json_build_object('a', lo) FROM k
SELECT json_build_object('b', lo) FROM k

SELECT substring(ci FROM 1 FOR 1) FROM k
SELECT substring(ci FROM 2 FOR 1) FROM k

SELECT overlay(ci placing 'z' from 1) FROM k
SELECT overlay(ci placing 'z' from 1 for 0) FROM k

SELECT trim(leading 'a' from ci) FROM k
SELECT trim(trailing 'b' from ci) FROM k

SELECT position('a' in ci) FROM k
SELECT strpos('a', ci) FROM k

SELECT lo IN (1, NULL) FROM k
SELECT lo IN (1) OR NULL FROM k WHERE lo <> 1

SELECT ci SIMILAR TO 'a' FROM k
SELECT ci ~ 'a|b' FROM k

SELECT ci ~ 'A' FROM k
SELECT ci ~* 'A' FROM k

SELECT ci !~ 'a' FROM k
SELECT ci ~ 'a' FROM k

SELECT 7 # 2
SELECT 7 ^ 2

SELECT 2 ^ 3 ^ 2
SELECT 2 ^ (3 ^ 2)

SELECT -2 ^ 2
SELECT -(2 ^ 2)

SELECT !!5
SELECT 5

SELECT @ -5
SELECT -5

SELECT |/ 4
SELECT ||/ 8.0 + 0.5

SELECT 5 / 2 * 2.0
SELECT 5 / (2 / 2.0)

SELECT lo::numeric / 2 FROM k
SELECT (lo / 2)::numeric FROM k

SELECT '1'::int + 1
SELECT '1' || '1'

SELECT DATE '2025-03-31' + interval '1 month'
SELECT DATE '2025-03-31' + 30

SELECT date '2025-01-31' - date '2025-01-01'
SELECT age(date '2025-01-31', date '2025-01-01')

SELECT tz AT TIME ZONE 'UTC' FROM k
SELECT tz AT TIME ZONE 'America/New_York' FROM k

SELECT generate_series(1, 2)
SELECT generate_series(1, 3)

SELECT x FROM generate_series(1,2) AS x
SELECT y FROM generate_series(1,3) AS y

SELECT a FROM unnest(ARRAY[1,2], ARRAY[3,4]) AS z(a, b)
SELECT b FROM unnest(ARRAY[1,2], ARRAY[3,4]) AS z(a, b)

SELECT a FROM unnest(ARRAY[1,2], ARRAY[3,4]) AS z(a, b)
SELECT a FROM unnest(ARRAY[1,2], ARRAY[3,4]) AS z(b, a)

SELECT o FROM unnest(ARRAY[7,8]) WITH ORDINALITY AS z(a, o)
SELECT o FROM unnest(ARRAY[7,8]) WITH ORDINALITY AS z(o, a)

SELECT lo FROM k TABLESAMPLE SYSTEM (50)
SELECT lo FROM k TABLESAMPLE SYSTEM (50)

SELECT count(*) FILTER (WHERE lo > 5) FROM k
SELECT count(*) FROM k

SELECT max(lo) OVER (ORDER BY "Lo") FROM k
SELECT max(lo) OVER (ORDER BY "LO") FROM k

SELECT mode() WITHIN GROUP (ORDER BY lo) FROM k
SELECT mode() WITHIN GROUP (ORDER BY c) FROM k

SELECT v FROM (VALUES (1), (2.5)) AS z(v)
SELECT v FROM (VALUES (1), (2)) AS z(v)

SELECT v / 2 FROM (VALUES (1), (2.0)) AS z(v)
SELECT v / 2 FROM (VALUES (1), (2)) AS z(v)

SELECT 1 / 2 FROM (VALUES (1)) AS z(v)
SELECT v / 2.0 FROM (VALUES (1)) AS z(v)

-- Statements over TPC-H, by the rule that each is meant for. {f} and {g} are filters on orders, {s} is a segment,
-- {n} a small number, {date} a day.

-- JON006
SELECT c.c_custkey, o.o_orderkey FROM customer c LEFT JOIN orders o ON o.o_custkey = c.c_custkey
WHERE {f};

-- JON006
SELECT c.c_name, COUNT(*) FROM customer c LEFT OUTER JOIN orders o ON o.o_custkey = c.c_custkey AND
{g} WHERE {f} AND c.c_mktsegment = {s} GROUP BY c.c_name;

-- JON007
SELECT o.o_orderkey, o.o_totalprice FROM orders o LEFT JOIN customer c ON c.c_custkey = o.o_custkey
WHERE {f};

-- JON007
SELECT o.o_orderstatus, SUM(o.o_totalprice) FROM orders o JOIN customer c ON c.c_custkey =
o.o_custkey WHERE {f} GROUP BY o.o_orderstatus;

-- JON007
SELECT l.l_shipmode, COUNT(*) FROM lineitem l LEFT JOIN part p ON p.p_partkey = l.l_partkey JOIN
orders o ON o.o_orderkey = l.l_orderkey WHERE {f} GROUP BY l.l_shipmode;

-- JON013
SELECT n.n_name, COUNT(*) FROM nation n, customer c JOIN orders o ON o.o_custkey = c.c_custkey WHERE
n.n_nationkey = c.c_nationkey AND {f} GROUP BY n.n_name;

-- AGG001
SELECT SUM(t.o_totalprice) FROM (SELECT o.o_totalprice FROM orders o WHERE {f} ORDER BY
o.o_orderdate) t;

-- AGG001
SELECT c.c_name FROM customer c WHERE c.c_custkey IN (SELECT o.o_custkey FROM orders o WHERE {f}
ORDER BY o.o_totalprice DESC, o.o_orderkey);

-- AGG001
WITH t AS (SELECT o.o_custkey, o.o_totalprice FROM orders o WHERE {f} ORDER BY 2)
SELECT t.o_custkey, COUNT(*) FROM t GROUP BY t.o_custkey;

-- AGG003
SELECT DISTINCT o.o_orderkey, o.o_orderstatus FROM orders o WHERE {f};

-- AGG003
SELECT DISTINCT o.o_custkey, COUNT(*) AS n FROM orders o WHERE {f} GROUP BY o.o_custkey;

-- AGG003
SELECT DISTINCT o.o_orderkey, c.c_name FROM orders o JOIN customer c ON c.c_custkey = o.o_custkey
WHERE {f};

-- AGG003
SELECT COUNT(*) FROM (SELECT DISTINCT c_custkey, c_name FROM customer) AS t;

-- AGG004
SELECT DISTINCT c.c_custkey FROM customer c JOIN orders o ON o.o_custkey = c.c_custkey WHERE {f};

-- AGG004
SELECT DISTINCT c.c_mktsegment, c.c_nationkey FROM customer c JOIN orders o ON o.o_custkey =
c.c_custkey AND {g} WHERE c.c_acctbal > {n}00 AND {f};

-- AGG004
SELECT DISTINCT p.p_brand FROM part p JOIN lineitem l ON l.l_partkey = p.p_partkey WHERE
l.l_quantity > 4{n};

-- AGG005
SELECT o.o_orderkey, 'a' AS k FROM orders o WHERE {f} UNION SELECT c_custkey, 'b' AS k FROM customer;

-- AGG005
SELECT o.o_orderkey FROM orders o WHERE o.o_orderstatus = 'F' UNION SELECT o.o_orderkey FROM orders
o WHERE o.o_orderstatus = 'O' AND {f};

-- AGG005
SELECT 1 AS k, COUNT(*) AS n FROM orders o WHERE {f} UNION SELECT 2, COUNT(*) FROM customer;

-- AGG005
SELECT o.o_custkey FROM orders o WHERE {f} UNION SELECT c_custkey FROM customer;

-- AGG006
SELECT o_custkey, o_orderkey FROM (SELECT o.o_custkey, o.o_orderkey, ROW_NUMBER() OVER (PARTITION BY
o.o_custkey ORDER BY o.o_orderdate DESC, o.o_orderkey) AS rn FROM orders o WHERE {f}) WHERE rn = 1;

-- AGG007
SELECT o.o_orderstatus, COUNT(*) FROM orders o WHERE {f} GROUP BY o.o_orderstatus HAVING
o.o_orderstatus <> 'P' AND COUNT(*) > {n};

-- AGG007
SELECT c.c_nationkey AS nation, AVG(c.c_acctbal) FROM customer c GROUP BY c.c_nationkey HAVING
c.c_nationkey < 1{n};

-- AGG007
SELECT EXTRACT(YEAR FROM o.o_orderdate) AS y, o.o_orderstatus, SUM(o.o_totalprice) FROM orders o
GROUP BY 1, 2 HAVING o.o_orderstatus = 'F' OR o.o_orderstatus = 'O';

-- AGG016
SELECT p.p_brand, SUM(l.l_quantity) AS q, COUNT(*) AS n, MAX(l.l_discount) AS d FROM lineitem l JOIN
part p ON p.p_partkey = l.l_partkey WHERE l.l_shipdate > DATE '{date}' GROUP BY p.p_brand;

-- AGG016
SELECT s.s_nationkey, MIN(l.l_extendedprice) FROM supplier s JOIN lineitem l ON l.l_suppkey =
s.s_suppkey GROUP BY s.s_nationkey;

-- AGG017
SELECT o.o_orderstatus, COUNT(o.o_orderkey) FROM orders o WHERE {f} GROUP BY o.o_orderstatus;

-- AGG018
SELECT c.c_custkey FROM customer c WHERE (SELECT COUNT(*) FROM orders o WHERE o.o_custkey =
c.c_custkey AND {f}) > 0;

-- AGG018
SELECT c.c_custkey FROM customer c WHERE c.c_mktsegment = {s} AND 0 = (SELECT COUNT(o.o_orderkey)
FROM orders o WHERE o.o_custkey = c.c_custkey AND {f});

-- SCN002
WITH t AS (SELECT o.o_custkey, o.o_totalprice, o.o_comment FROM orders o WHERE {f})
SELECT o_custkey, SUM(o_totalprice) FROM t GROUP BY o_custkey;

-- SCN003
WITH t AS (SELECT 1 AS x), u AS (SELECT o.o_custkey FROM orders o WHERE {f})
SELECT COUNT(*) FROM u;

-- SCN007
SELECT COUNT(*) FROM orders o WHERE date_trunc('month', o.o_orderdate) = DATE '1994-01-01' AND {f};

-- SCN007
SELECT COUNT(*) FROM orders o WHERE EXTRACT(YEAR FROM o.o_orderdate) = 1994;

-- SCN007
SELECT COUNT(*) FROM orders o WHERE o.o_orderdate + 30 > DATE '{date}' AND {f};

-- SCN012
SELECT COUNT(*) FROM orders o WHERE (o.o_totalprice > {n}0 OR o.o_totalprice <= {n}0) AND {f};

-- SCN013
SELECT regexp_extract(o.o_comment, '[a-z]+') AS w, length(regexp_extract(o.o_comment, '[a-z]+')) AS
n FROM orders o WHERE {f};

-- JON015
SELECT o.o_orderkey, o.o_totalprice / s.total AS share, s.n FROM orders o
JOIN (SELECT o_custkey, SUM(o_totalprice) AS total, COUNT(*) AS n FROM orders GROUP BY o_custkey) s
ON s.o_custkey = o.o_custkey;

-- JON015
SELECT l.l_orderkey, s.l_partkey, s.least FROM lineitem l LEFT JOIN (SELECT l_partkey, l_suppkey,
MIN(l_shipdate) AS least FROM lineitem GROUP BY l_partkey, l_suppkey) s
ON s.l_partkey = l.l_partkey AND l.l_suppkey = s.l_suppkey;

-- JON009
SELECT c.c_custkey, (SELECT MAX(o.o_orderdate) FROM orders o WHERE o.o_custkey = c.c_custkey AND {f}) AS newest
FROM customer c;

-- JON009
SELECT o.o_orderkey FROM orders o
WHERE {f} AND o.o_totalprice > (SELECT 2 * AVG(i.o_totalprice) FROM orders i WHERE i.o_custkey = o.o_custkey);

-- JON009
SELECT s.s_name, (SELECT COUNT(*) FROM lineitem l WHERE s.s_suppkey = l.l_suppkey AND l.l_quantity > {n}) AS n
FROM supplier s JOIN nation n ON n.n_nationkey = s.s_nationkey;

-- JON009
SELECT ps.ps_partkey, ps.ps_suppkey FROM partsupp ps
WHERE ps.ps_availqty > (SELECT SUM(l.l_quantity) FROM lineitem l
WHERE l.l_partkey = ps.ps_partkey AND l.l_suppkey = ps.ps_suppkey AND l.l_shipdate >= DATE '{date}');

-- SCN009
SELECT o.o_orderkey, c.c_name FROM orders o JOIN customer c ON c.c_custkey = o.o_custkey
WHERE o.o_orderkey = {n}00 OR c.c_custkey IN ({n}, {n}1);

-- SCN009
SELECT l.l_orderkey, o.o_orderdate FROM lineitem l JOIN orders o ON o.o_orderkey = l.l_orderkey
WHERE (l.l_partkey = {n}5 AND l.l_quantity > {n} OR o.o_custkey = {n}3) AND {f};

-- AGG021
SELECT (SELECT COUNT(*) FROM lineitem WHERE l_quantity < {n}) AS few,
(SELECT SUM(l_extendedprice) FROM lineitem WHERE l_quantity > 30) AS much;

-- AGG021
SELECT (SELECT SUM(l_extendedprice) FROM lineitem WHERE l_quantity = {n}) AS a,
(SELECT SUM(l_extendedprice) FROM lineitem WHERE l_quantity = {n} + 1) AS b,
(SELECT COUNT(l_linenumber) FROM lineitem WHERE l_quantity = {n} + 2) AS c;

-- AGG021
SELECT r_name, CASE WHEN (SELECT COUNT(*) FROM lineitem WHERE l_quantity BETWEEN 1 AND {n}) > 100 THEN
(SELECT AVG(l_tax) FROM lineitem WHERE l_quantity BETWEEN 1 AND {n}) ELSE
(SELECT AVG(l_discount) FROM lineitem WHERE l_quantity BETWEEN 1 AND {n}) END AS rate FROM region;

-- AGG021
SELECT (SELECT MAX(l.l_extendedprice) FROM lineitem l JOIN orders o ON o.o_orderkey = l.l_orderkey
WHERE o.o_orderpriority = '1-URGENT') AS urgent, (SELECT MAX(l.l_extendedprice) FROM lineitem l JOIN orders o
ON o.o_orderkey = l.l_orderkey WHERE o.o_orderpriority = '2-HIGH') AS high;

-- AGG021
SELECT (SELECT COUNT(*) FROM orders WHERE o_comment LIKE '%special%') AS a,
(SELECT COUNT(*) FROM orders WHERE o_comment LIKE '%final%') AS b,
(SELECT COUNT(*) FROM orders WHERE o_comment LIKE '%quick%') AS c;

-- JON018
SELECT a.c_name, b.c_acctbal FROM orders o JOIN customer a ON a.c_custkey = o.o_custkey JOIN customer b
ON b.c_custkey = o.o_custkey WHERE {f};

-- JON022
SELECT a.c_name, b.total FROM (SELECT c_custkey AS k, c_name FROM customer) a NATURAL JOIN
(SELECT o.o_custkey AS k, SUM(o.o_totalprice) AS total FROM orders o WHERE {f} GROUP BY o.o_custkey) b;

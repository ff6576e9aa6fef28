-- AGG003 none
SELECT DISTINCT name FROM reader WHERE rid = ANY (ARRAY[1, 3]);
SELECT DISTINCT name FROM reader WHERE rid = SOME (ARRAY[1, 3]);
SELECT DISTINCT count(*) FROM reader WHERE town = ANY (ARRAY[1, 2]) GROUP BY town;
SELECT DISTINCT rid FROM reader AS x(town, rid);
SELECT DISTINCT rid, town FROM reader GROUP BY ROLLUP (rid, town);
SELECT DISTINCT code FROM badge;
SELECT DISTINCT lower(name) AS name FROM (SELECT name FROM reader GROUP BY name) q;
SELECT DISTINCT -town AS town FROM loan GROUP BY town, rid;

-- AGG005 none
SELECT rid FROM reader WHERE rid = '1' UNION SELECT rid FROM reader WHERE rid = '01';
SELECT rid FROM reader WHERE born = '2026-01-01' UNION SELECT rid FROM reader WHERE born = '20260101';
SELECT rid FROM reader WHERE rate = '1.5' UNION SELECT rid FROM reader WHERE rate = '1.50';
SELECT rid FROM reader WHERE town = ANY (ARRAY[1, 2]) UNION SELECT rid FROM reader WHERE town <> ANY (ARRAY[1, 2]);
SELECT rid FROM reader WHERE mark = 'b' UNION SELECT rid FROM reader WHERE mark = 'b  ';
SELECT rid FROM reader WHERE born < current_date UNION SELECT rid FROM reader WHERE born > DATE '2026-01-15' AND rid > 0;

-- AGG007 none
SELECT -town AS town, count(*) FROM reader GROUP BY -town HAVING -town > -2;
SELECT town, count(*) FROM reader GROUP BY ROLLUP (town) HAVING town = 1;

-- AGG001 none
SELECT array_agg(name) FROM (SELECT name FROM reader ORDER BY rid DESC) q;
SELECT array(SELECT name FROM (SELECT name FROM reader ORDER BY rid DESC) q);
SELECT name FROM (SELECT * FROM reader ORDER BY rid DESC) q ORDER BY town LIMIT 1;
SELECT rid, row_number() OVER (ORDER BY town) FROM (SELECT * FROM reader ORDER BY rid DESC) q;
INSERT INTO badge (serial) SELECT rid + 50 FROM (SELECT rid FROM reader ORDER BY rid DESC) q;

-- AGG017 none
SELECT count(rid) FROM (SELECT rid FROM reader GROUP BY ROLLUP (rid)) q;
SELECT count(rid) FROM (SELECT rid, town FROM reader GROUP BY GROUPING SETS ((rid), (town))) q;
SELECT count(debt) FROM reader WHERE debt <> ALL ('{}'::int[]);
SELECT count(debt) FROM reader WHERE NOT debt = SOME ('{}'::int[]);
SELECT count(ALL rid) FROM reader;

-- JON006 none
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town <> ALL (SELECT code FROM badge WHERE 1 = 0);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town > ALL (SELECT 1 WHERE false);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town <> ALL ('{}'::int[]);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE NOT l.town = SOME ('{}'::int[]);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE NOT ((l.town > 1) IS TRUE);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE (l.town > 1) IS NOT TRUE;
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE coalesce(l.town > 1, true);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE concat(l.town, 'x') = 'x';
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE CASE WHEN l.town > 1 THEN false ELSE true END;
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town NOT IN (SELECT 1 WHERE false);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE NOT EXISTS (SELECT 1 FROM badge b WHERE b.code = l.town);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town IS DISTINCT FROM 1;

-- JON007 none
SELECT l.lid FROM loan l LEFT JOIN reader r ON r.rid = ANY (l.wanted);
SELECT l.lid FROM loan l LEFT JOIN reader AS r(town, rid) ON r.rid = l.rid;
SELECT l.lid FROM loan l LEFT JOIN reader r ON r.rid = (random() * 4)::int;

-- JON018 none
SELECT a.serial, z.label FROM badge a JOIN badge z ON z.code = a.code;

-- SCN005 none
SELECT rid FROM reader WHERE regexp_like(name, '^a.*$');
SELECT rid FROM reader WHERE regexp_like(mark, 'a$');
SELECT rid FROM reader WHERE mark ~ '^a$';

-- SCN008 none
SELECT rid FROM reader WHERE rid = 16777217::real;
SELECT rid FROM reader WHERE rid = 9007199254740993::double precision;
SELECT rid FROM reader WHERE rid = 'NaN'::numeric;
SELECT rid FROM reader WHERE rid = 42::numeric(1);

-- SCN013 none
SELECT regexp_replace(name, 'a', 'b') AS rowid, regexp_replace(name, 'a', 'b') || 'q' AS y FROM reader;
SELECT regexp_replace(name, 'a', 'b') AS reader, regexp_replace(name, 'a', 'b') || 'q' AS y FROM reader;
SELECT regexp_replace(name, 'a', 'b') AS x, regexp_replace(name, 'a', 'b') || 'q' AS x FROM reader;
SELECT regexp_replace(name, 'a', 'b') AS x, list_transform(['z'], x -> regexp_replace(name, 'a', 'b')) FROM reader;
SELECT (SELECT max(y) FROM (SELECT regexp_replace(r.name, 'a', 'b') AS x, regexp_replace(r.name, 'a', 'b') || 'c' AS y) q) FROM reader r;

-- AGG003 made
SELECT DISTINCT rid, name FROM reader;
SELECT DISTINCT
    rid
  , name FROM reader;
SELECT DISTINCT town, rid FROM reader AS x(town, rid);
SELECT DISTINCT l.lid, r.name FROM loan l LEFT JOIN reader r ON r.rid = l.rid;

-- AGG005 made
SELECT rid FROM reader WHERE name = 'a' UNION SELECT rid FROM reader WHERE name = 'b';
SELECT rid FROM reader WHERE debt = 5 UNION SELECT rid FROM reader WHERE NOT debt = 5;
SELECT rid FROM reader WHERE born < '2026-01-15' UNION SELECT rid FROM reader WHERE born > '2026-01-15';

-- AGG007 made
SELECT town, count(*) FROM reader GROUP BY town HAVING town = ANY (ARRAY[1]);
SELECT lower(name), count(*) FROM reader GROUP BY lower(name) HAVING lower(name) = 'a';

-- AGG001 made
SELECT count(*) FROM (SELECT rid FROM reader ORDER BY rid) q;
SELECT r.name FROM reader r JOIN (SELECT rid FROM loan ORDER BY lid) l ON l.rid = r.rid;

-- AGG017 made
SELECT count(rid) FROM (SELECT rid FROM reader GROUP BY rid, ROLLUP (town)) q;
SELECT count(debt) FROM reader WHERE debt = SOME (ARRAY[5]);

-- JON006 made
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town = ANY (ARRAY[1]);
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE (l.town > 1) IS FALSE;
SELECT r.rid FROM reader r LEFT JOIN loan l ON l.rid = r.rid WHERE l.town IS NOT DISTINCT FROM 1;

-- JON007 made
SELECT l.lid FROM loan l LEFT JOIN reader r ON r.rid = l.rid AND r.debt > 3;

-- JON018 made
SELECT a.serial, z.label FROM badge a JOIN badge z ON z.serial = a.serial;

-- SCN005 made
SELECT rid FROM reader WHERE regexp_like(name, 'a')::int = 1;
SELECT rid FROM reader WHERE regexp_like(name, '^a$');

-- SCN008 made
SELECT rid FROM reader WHERE rid = 3::real;
SELECT rid FROM reader WHERE rid IN (3.0, 4);

-- SCN013 made
SELECT regexp_replace(name, 'a', 'b') AS x, regexp_replace(name, 'a', 'b') || 'q' AS y FROM reader;
-- SCN002 none
SELECT rid FROM (SELECT name, rid FROM reader ORDER BY ALL LIMIT 2) q;
SELECT name FROM (SELECT name, unnest(ARRAY[1, 2]) AS u FROM reader) q;
SELECT name FROM (SELECT name, rid FROM reader UNION SELECT note, lid FROM loan) q;
SELECT n FROM (SELECT count(*) AS n, max(rid) AS most FROM reader) q WHERE q IS NOT NULL;

-- AGG018 none
SELECT rid FROM reader r WHERE (SELECT count(r.rid) FROM loan) > 0;
SELECT rid FROM reader r WHERE (SELECT count(*) FROM loan l WHERE l.rid = r.rid LIMIT 0) = 0;
SELECT rid FROM reader r WHERE (SELECT count(note) FROM loan l WHERE l.rid = r.rid) = 0;

-- AGG018 made
SELECT rid FROM reader r WHERE (SELECT count(*) FROM loan l WHERE l.rid = r.rid) > 0;
SELECT rid FROM reader r WHERE NOT (SELECT count(lid) FROM loan l WHERE l.rid = r.rid) = 0;


"""The metadata statements of PostgreSQL, 12 to 18. They read pg_catalog and need no right but CONNECT.

Sources: https://www.postgresql.org/docs/current/catalogs.html and .../view-pg-stats.html (checked 2026-11-23);
run on a server of version 18.
"""

from __future__ import annotations

from sqlopt.warehouses.door import Statement

# A transaction's number in every row that the facts rest on, and what ANALYZE changes in place: one of them
# changes whenever the facts do.
_STATE = """
concat_ws('/', c.oid, c.xmin, pg_get_userbyid(c.relowner),
    has_any_column_privilege(c.oid, 'SELECT'),
    (SELECT concat_ws(',', count(*), sum(a.xmin::text::bigint)) FROM pg_attribute a
        WHERE a.attrelid = c.oid),
    (SELECT concat_ws(',', count(*), sum(k.xmin::text::bigint), string_agg(k.confrelid::regclass::text, ','))
        FROM pg_constraint k WHERE k.conrelid = c.oid),
    (SELECT concat_ws(',', count(*), sum(i.xmin::text::bigint)) FROM pg_index i WHERE i.indrelid = c.oid),
    (SELECT concat_ws(',', count(*), sum(d.xmin::text::bigint)) FROM pg_description d
        WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass),
    (SELECT sum(r.xmin::text::bigint) FROM pg_rewrite r WHERE r.ev_class = c.oid),
    (SELECT concat_ws(',', count(*), sum(l.relfilenode::bigint), sum(l.reltuples), sum(l.relpages),
            sum(CASE WHEN l.relkind IN ('r', 'm', 'p') THEN pg_table_size(l.oid) END),
            max(s.last_analyze), max(s.last_autoanalyze))
        FROM (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) t(oid)
        JOIN pg_class l ON l.oid = t.oid LEFT JOIN pg_stat_all_tables s ON s.relid = t.oid))
"""


class Postgres(Statement):
    """All that is ever asked of a PostgreSQL server."""

    ABOUT = "SELECT current_database(), current_user, current_setting('server_version_num')::int"
    TABLES = f"""
SELECT c.oid, n.nspname, c.relname, md5({_STATE}), has_any_column_privilege(c.oid, 'SELECT')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
    AND (cardinality(%s::text[]) = 0 OR n.nspname = ANY (%s))
"""  # noqa: S608 - made of constants
    ABOUT_TABLES = """
SELECT c.oid, c.relkind, obj_description(c.oid, 'pg_class'),
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
    sum(CASE WHEN l.relkind IN ('r', 'm') AND (l.reltuples > 0 OR (l.reltuples = 0 AND l.relpages = 0
        AND pg_relation_size(l.oid) = 0)) THEN l.reltuples END),
    bool_or(l.relkind IN ('r', 'm') AND (l.reltuples < 0
        OR (l.reltuples = 0 AND pg_relation_size(l.oid) > 0))),
    sum(CASE WHEN l.relkind IN ('r', 'm') THEN pg_table_size(l.oid) END),
    count(*) FILTER (WHERE l.relkind IN ('r', 'f')),
    array_agg(pg_get_expr(l.relpartbound, l.oid) ORDER BY l.oid) FILTER (WHERE l.relpartbound IS NOT NULL),
    max(greatest(s.last_analyze, s.last_autoanalyze)),
    c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid)
FROM pg_class c
CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf) t(oid)
JOIN pg_class l ON l.oid = t.oid
LEFT JOIN pg_stat_all_tables s ON s.relid = t.oid
WHERE c.oid = ANY (%s)
GROUP BY c.oid, c.relkind
"""
    COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    col_description(a.attrelid, a.attnum), s.null_frac, s.n_distinct, s.avg_width,
    CASE WHEN t.typcategory IN ('N', 'D') THEN s.histogram_bounds::text::text[] END,
    CASE WHEN t.typcategory IN ('N', 'D') THEN s.most_common_vals::text::text[] END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
    AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = ANY (%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
    CONSTRAINTS = """
SELECT k.conrelid, k.contype, coalesce((to_jsonb(k) ->> 'conenforced')::bool, true) AND k.convalidated,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY place),
    n.nspname, f.relname,
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY place)
FROM pg_constraint k
LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace n ON n.oid = f.relnamespace
WHERE k.conrelid = ANY (%s) AND k.contype IN ('p', 'u', 'f') AND NOT k.condeferrable
ORDER BY k.conrelid, k.contype, k.conname
"""
    INDEXES = """
SELECT i.indrelid, x.relname, i.indisunique AND i.indimmediate, m.amname,
    pg_get_expr(i.indpred, i.indrelid),
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, true) FROM generate_series(1, i.indnkeyatts) place),
    i.indexprs IS NULL, i.indisprimary
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
WHERE i.indrelid = ANY (%s) AND i.indisvalid AND i.indisready
ORDER BY i.indrelid, x.relname
"""
    GRANTS = """
SELECT c.oid, g.privilege_type, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
WHERE c.oid = ANY (%s) AND g.grantee <> c.relowner
ORDER BY 1, 2, 3
"""

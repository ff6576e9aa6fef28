"""The one metadata statement that is asked of BigQuery; all else is what its API gives without a query.

https://docs.cloud.google.com/bigquery/docs/information-schema-partitions (checked 2026-11-23): the view reads at
most 1,000 tables at once. Rows and logical bytes of tables are in tables.get as they are in TABLE_STORAGE.
"""

from __future__ import annotations

from sqlopt.warehouses.door import Statement


class BigQuery(Statement):
    """``{0}`` is a project, ``{1}`` a dataset; the value is a list of tables."""

    PARTITIONS = """
SELECT table_name, COUNT(*) AS partitions, MIN(partition_id) AS first, MAX(partition_id) AS last
FROM {0}.{1}.INFORMATION_SCHEMA.PARTITIONS
WHERE table_name IN UNNEST(?) AND partition_id NOT IN ('__NULL__', '__UNPARTITIONED__')
GROUP BY table_name
"""

WITH 10 AS low SELECT id, tag, dictGet(geo.towns, 'name', id) AS n FROM db.t AS t FINAL LEFT ARRAY JOIN tags AS tag
PREWHERE v > low ORDER BY id LIMIT 2 BY id SETTINGS max_threads = 4

"""A catalogue of films, and queries that join many of its tables: text filters, few rows wanted, no groups."""

from __future__ import annotations

FILMS = """
CREATE TABLE film (id INT PRIMARY KEY, title VARCHAR NOT NULL, year INT, sort_id INT NOT NULL);
CREATE TABLE sort (id INT PRIMARY KEY, name VARCHAR NOT NULL);
CREATE TABLE studio (id INT PRIMARY KEY, name VARCHAR NOT NULL, country VARCHAR);
CREATE TABLE role (id INT PRIMARY KEY, name VARCHAR NOT NULL);
CREATE TABLE made_by (id INT PRIMARY KEY, film_id INT NOT NULL REFERENCES film (id),
  studio_id INT NOT NULL REFERENCES studio (id), role_id INT NOT NULL REFERENCES role (id), note VARCHAR);
CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR NOT NULL, born INT, sex VARCHAR);
CREATE TABLE part (id INT PRIMARY KEY, film_id INT NOT NULL REFERENCES film (id),
  person_id INT NOT NULL REFERENCES person (id), role_id INT NOT NULL REFERENCES role (id), note VARCHAR, place INT);
CREATE TABLE alias (id INT PRIMARY KEY, person_id INT NOT NULL REFERENCES person (id), name VARCHAR NOT NULL);
CREATE TABLE word (id INT PRIMARY KEY, word VARCHAR NOT NULL);
CREATE TABLE tagged (id INT PRIMARY KEY, film_id INT NOT NULL REFERENCES film (id),
  word_id INT NOT NULL REFERENCES word (id));
CREATE TABLE fact_kind (id INT PRIMARY KEY, name VARCHAR NOT NULL);
CREATE TABLE fact (id INT PRIMARY KEY, film_id INT NOT NULL REFERENCES film (id),
  kind_id INT NOT NULL REFERENCES fact_kind (id), value VARCHAR NOT NULL, note VARCHAR);
CREATE TABLE score (id INT PRIMARY KEY, film_id INT NOT NULL REFERENCES film (id), votes INT, points INT);
"""
QUERIES = [
    """SELECT min(m.note), min(f.title), min(f.year) FROM role r, fact a, fact_kind k, made_by m, film f
    WHERE k.name = 'bottom ten' AND r.name = 'producer' AND m.note NOT LIKE '%(as Nobody)%' AND f.id = m.film_id
      AND f.id = a.film_id AND a.film_id = m.film_id AND r.id = m.role_id AND k.id = a.kind_id
      AND (m.note LIKE '%(co-%' OR m.note LIKE '%(shown)%')""",
    """SELECT f.title, s.name FROM film f JOIN made_by m ON m.film_id = f.id JOIN studio s ON s.id = m.studio_id
    JOIN tagged t ON t.film_id = f.id JOIN word w ON w.id = t.word_id
    WHERE w.word = 'sequel' AND s.country = '[de]' AND f.year BETWEEN 2000 AND 2010""",
    """SELECT min(f.title) AS title FROM film f, part p, person n, alias a, role r, sort s
    WHERE f.id = p.film_id AND n.id = p.person_id AND a.person_id = n.id AND a.person_id = p.person_id
      AND r.id = p.role_id AND s.id = f.sort_id AND s.name IN ('movie', 'episode') AND r.name = 'actress'
      AND n.sex = 'f' AND n.name LIKE '%An%' AND p.note IN ('(voice)', '(voice: old)') AND f.year > 1990""",
    """SELECT w.word, f.title, n.name FROM word w JOIN tagged t ON t.word_id = w.id JOIN film f ON f.id = t.film_id
    JOIN part p ON p.film_id = f.id JOIN person n ON n.id = p.person_id AND p.film_id = t.film_id
    WHERE w.word = 'hero' AND n.name LIKE '%Don%' AND f.year > 2014 ORDER BY f.title, n.name, w.word""",
    """SELECT count(*) FROM film f, score c, fact a, fact_kind k, sort s WHERE f.id = c.film_id AND f.id = a.film_id
      AND c.film_id = a.film_id AND k.id = a.kind_id AND s.id = f.sort_id AND k.name = 'country'
      AND a.value IN ('Norway', 'Sweden', 'Denmark') AND c.points < 85 AND f.year > 2005 AND s.name = 'movie'""",
    """SELECT s.name, count(*) AS films, avg(c.points) AS points FROM studio s, made_by m, film f, score c
    WHERE s.id = m.studio_id AND m.film_id = f.id AND c.film_id = f.id AND c.votes > 1000
      AND f.id IN (SELECT t.film_id FROM tagged t JOIN word w ON w.id = t.word_id WHERE w.word IN ('blood', 'war'))
    GROUP BY s.name HAVING count(*) > 3""",
    """SELECT DISTINCT n.name FROM person n, part p, film f WHERE n.id = p.person_id AND p.film_id = f.id
      AND f.year BETWEEN 1980 AND 1989 AND NOT EXISTS (SELECT 1 FROM alias a WHERE a.person_id = n.id)""",
    """WITH liked AS (SELECT c.film_id, c.points FROM score c WHERE c.votes > 500 AND c.points >= 80)
    SELECT f.title, l.points, n.name FROM film f, liked l, part p, person n, role r
    WHERE f.id = l.film_id AND p.film_id = f.id AND n.id = p.person_id AND r.id = p.role_id AND r.name = 'director'
      AND n.born > 1960""",
    """SELECT f.year, q.parts, count(*) FROM film f JOIN (SELECT p.film_id, count(*) AS parts FROM part p
      JOIN role r ON r.id = p.role_id WHERE r.name IN ('actor', 'actress') GROUP BY p.film_id) q ON q.film_id = f.id
    JOIN sort s ON s.id = f.sort_id WHERE s.name = 'movie' AND f.year > 1950 GROUP BY f.year, q.parts""",
    """SELECT a1.value, a2.value, f.title FROM fact a1, fact a2, fact_kind k1, fact_kind k2, film f
    WHERE a1.film_id = f.id AND a2.film_id = f.id AND k1.id = a1.kind_id AND k2.id = a2.kind_id
      AND k1.name = 'budget' AND k2.name = 'votes' AND a1.note IS NULL AND f.title LIKE 'The %'""",
    """SELECT n.name, max(f.year) FROM person n LEFT JOIN part p ON p.person_id = n.id AND p.place <= 3
    LEFT JOIN film f ON f.id = p.film_id WHERE n.born BETWEEN 1950 AND 1970 AND n.sex = 'm' GROUP BY n.name""",
    """SELECT s.name, f.title FROM film f, made_by m, studio s, role r, fact a, fact_kind k, tagged t, word w
    WHERE f.id = m.film_id AND s.id = m.studio_id AND r.id = m.role_id AND a.film_id = f.id AND k.id = a.kind_id
      AND t.film_id = f.id AND w.id = t.word_id AND s.country <> '[pl]' AND (s.name LIKE '%Film%' OR s.name LIKE 'W%')
      AND r.name = 'production' AND w.word = 'sequel' AND m.note IS NULL AND k.name = 'genre' AND a.value = 'Drama'
      AND f.year BETWEEN 1950 AND 2000""",
]

-- A transaction's keys stand in its own row, as JSON: [kind, parent, id, deleted]. The newest revision of the history is the
-- store's: there is one writer. (PostgreSQL, where there are several, keeps the counter.)
ALTER TABLE history ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';
UPDATE history SET changes = (
    SELECT json_group_array(
        json_array(kind, parent, id, json(CASE deleted WHEN 0 THEN 'false' ELSE 'true' END))
    )
    FROM change WHERE change.revision = history.revision
);
DROP TABLE change;
DROP TABLE counter;

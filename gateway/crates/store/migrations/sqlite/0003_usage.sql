-- What each key of a usage plan had on a day. It changes with every second and is nobody's change: no revision, no history.
CREATE TABLE usage (
    plan TEXT NOT NULL,
    key TEXT NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (plan, key, day)
) WITHOUT ROWID;
-- Counters of before, which nothing counted with.
DELETE FROM entity WHERE kind = 'usage';

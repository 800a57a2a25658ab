-- The first schema. PostgreSQL's twin differs in the types of bytes (BYTEA), in collations (every text column that is
-- compared is COLLATE "C": ids are ordered by their bytes) and in what follows a table's closing bracket.

-- 'PRTC': a file of another program is not taken for a store.
PRAGMA application_id = 1347572803;

CREATE TABLE schema_version (
    version BIGINT NOT NULL
);
INSERT INTO schema_version (version) VALUES (0);

-- One row. Taken first by every writer, so revisions are in the order of commits.
CREATE TABLE counter (
    revision BIGINT NOT NULL
);
INSERT INTO counter (revision) VALUES (0);

CREATE TABLE entity (
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, parent, id)
);
CREATE INDEX entity_parent ON entity (parent);

-- One row for every transaction that changed something, and one for every key that it changed.
CREATE TABLE history (
    revision INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL
);
CREATE TABLE change (
    revision BIGINT NOT NULL REFERENCES history (revision),
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    deleted BIGINT NOT NULL,
    PRIMARY KEY (revision, kind, parent, id)
) WITHOUT ROWID;

CREATE TABLE snapshot (
    hash BLOB NOT NULL PRIMARY KEY,
    coding BIGINT NOT NULL,
    size BIGINT NOT NULL,
    content BLOB NOT NULL
);

-- What the store remembers of itself.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

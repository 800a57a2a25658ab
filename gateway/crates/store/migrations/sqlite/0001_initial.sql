-- The first schema. PostgreSQL's twin differs in the types of bytes (BYTEA), in collations (every text column that is
-- compared is COLLATE "C": ids are ordered by their bytes) and in what follows a table's closing bracket.

-- 'PRTC': a file of another program is not taken for a store.
PRAGMA application_id = 1347572803;

CREATE TABLE schema_version (
    version BIGINT NOT NULL
);
INSERT INTO schema_version (version) VALUES (0);

CREATE TABLE entity (
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, parent, id)
);
CREATE INDEX entity_parent ON entity (parent);

-- One row for every transaction that changed something, with the keys that it changed as JSON: [kind, parent, id, deleted].
-- Its newest revision is the store's.
CREATE TABLE history (
    revision INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    changes TEXT NOT NULL
);

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

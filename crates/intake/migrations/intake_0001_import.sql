-- An upload and what became of it. Its state follows from the instants: checked, done, undone.
CREATE TABLE import (
    id {id},
    template TEXT NOT NULL,
    file_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at TIMESTAMPTZ NOT NULL,
    uploaded_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    done_at TIMESTAMPTZ,
    done_by TEXT,
    mode TEXT NOT NULL DEFAULT '',
    saved BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    refused BIGINT NOT NULL DEFAULT 0,
    undone_at TIMESTAMPTZ,
    undone_by TEXT,
    undo_reason TEXT NOT NULL DEFAULT '',
    undo_left TEXT NOT NULL DEFAULT '',
    columns TEXT NOT NULL DEFAULT '',
    columns_at TIMESTAMPTZ
);

-- The units whose rows it may hold: those of its sender, 0 for the whole city. Seen by who holds them all.
CREATE TABLE import_unit (
    import_id BIGINT NOT NULL REFERENCES import (id),
    unit_id BIGINT NOT NULL,
    PRIMARY KEY (import_id, unit_id)
);

-- What was stored from which cell. A trace names its fact by the record it cites, everything else by its position.
CREATE TABLE import_trace (
    id {id},
    import_id BIGINT NOT NULL REFERENCES import (id),
    what TEXT NOT NULL,
    position BIGINT,
    record_id BIGINT,
    org_id BIGINT,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    sheet TEXT NOT NULL,
    cell TEXT NOT NULL,
    label TEXT NOT NULL
);
CREATE INDEX import_trace_by_import ON import_trace (import_id, id);

-- Rows of facts by their key: the same row is stored once, by whoever comes first. A key counts while a fact of its
-- record stands; the digest tells the same row from another one under the same number.
CREATE TABLE import_key (
    row_key TEXT NOT NULL,
    import_id BIGINT NOT NULL REFERENCES import (id),
    record_id BIGINT NOT NULL,
    digest TEXT NOT NULL,
    undone BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX import_key_once ON import_key (row_key) WHERE undone = 0;
CREATE INDEX import_key_by_record ON import_key (record_id);

-- The files themselves, once each.
-- sqlite
CREATE TABLE import_file (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
-- end
-- postgres
CREATE TABLE import_file (digest TEXT PRIMARY KEY, content BYTEA NOT NULL);
-- end

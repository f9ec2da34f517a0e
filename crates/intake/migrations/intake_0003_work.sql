-- Work on long imports that a server carries out by itself: looking through, saving. Asked for again it begins again.
-- Who works holds the row until `leased_until` and says so anew; who dies gives it up by that. What the looking found is
-- kept as the page shows it.
CREATE TABLE import_work (
    import_id BIGINT NOT NULL REFERENCES import (id),
    act TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_by TEXT NOT NULL,
    mode TEXT NOT NULL,
    overwrite TEXT NOT NULL,
    worker TEXT NOT NULL DEFAULT '',
    leased_until TIMESTAMPTZ,
    rows_seen BIGINT NOT NULL DEFAULT 0,
    stop_by TEXT NOT NULL DEFAULT '',
    ended_at TIMESTAMPTZ,
    failure TEXT NOT NULL DEFAULT '',
    report TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, act)
);
CREATE INDEX import_work_waiting ON import_work (asked_at) WHERE ended_at IS NULL;

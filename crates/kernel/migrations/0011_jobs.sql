-- Work that goes on in the background (作业). Who runs one holds the row until `leased_until` and says so anew; who dies
-- gives it up by that. An attempt is counted when it begins.
CREATE TABLE job (
    id {id},
    -- What it is about, once: of a planned job its day, of one that somebody asks for what it works on.
    once_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    input TEXT NOT NULL,
    -- A page of ours about it; may be empty.
    href TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    attempts BIGINT NOT NULL,
    runner TEXT NOT NULL,
    leased_until TIMESTAMPTZ,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    stop_by TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    -- done, failed, stopped; empty as long as it has not ended
    outcome TEXT NOT NULL,
    -- What came of it, or why it did not come about.
    answer TEXT NOT NULL
);
CREATE INDEX job_open ON job (next_at, id) WHERE ended_at IS NULL;
CREATE INDEX job_by_kind ON job (kind, id);

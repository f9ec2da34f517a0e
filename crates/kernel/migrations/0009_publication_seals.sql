-- Seals of publications: one signed statement for each, chained, with the Merkle root of its figures. See docs/seals.md.
-- Title, day and digest stand in the publication itself and are part of what is signed.
CREATE TABLE publication_seal (
    number {key},
    publication_id BIGINT NOT NULL UNIQUE REFERENCES publication (id),
    previous BYTEA NOT NULL,
    figures BIGINT NOT NULL,
    root BYTEA NOT NULL,
    block BIGINT NOT NULL,
    block_hash BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    public_key BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

-- What recomputing the whole sealed ledger found, each time somebody had it done. findings are lines, the first of them.
CREATE TABLE seal_check (
    id {id},
    blocks BIGINT NOT NULL,
    facts BIGINT NOT NULL,
    unsealed BIGINT NOT NULL,
    publications BIGINT NOT NULL,
    head TEXT NOT NULL,
    found BIGINT NOT NULL,
    findings TEXT NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    checked_by TEXT NOT NULL
);

-- sqlite
CREATE TRIGGER publication_seal_is_never_updated BEFORE UPDATE ON publication_seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never updated');
END;
CREATE TRIGGER publication_seal_is_never_deleted BEFORE DELETE ON publication_seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never deleted');
END;
CREATE TRIGGER seal_check_is_never_updated BEFORE UPDATE ON seal_check BEGIN
    SELECT RAISE(ABORT, 'a check is never updated');
END;
CREATE TRIGGER seal_check_is_never_deleted BEFORE DELETE ON seal_check BEGIN
    SELECT RAISE(ABORT, 'a check is never deleted');
END;
-- end
-- postgres
CREATE TRIGGER publication_seal_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON publication_seal FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER seal_check_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON seal_check FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

-- Seals of the ledger: blocks of facts with their Merkle root, chained and signed. See docs/seals.md.
-- leaves holds position and leaf hash of every fact of the block, so that a difference can be named;
-- it stands last, since a list of blocks reads all the others.
CREATE TABLE seal (
    number {key},
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL UNIQUE,
    facts BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    root BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    public_key BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    leaves BYTEA NOT NULL
);

-- sqlite
CREATE TRIGGER seal_is_never_updated BEFORE UPDATE ON seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never updated');
END;
CREATE TRIGGER seal_is_never_deleted BEFORE DELETE ON seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never deleted');
END;
-- end
-- postgres
CREATE TRIGGER seal_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON seal FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

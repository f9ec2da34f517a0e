-- What is attached to cases. The content stands once for each digest, beside the rows that name it.
CREATE TABLE case_attachment (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    name TEXT NOT NULL,
    -- By what its content is, never by what the sender said.
    sort TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest TEXT NOT NULL,
    -- 1 when a virus scanner found nothing, 0 when none was set.
    scanned BIGINT NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    added_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    UNIQUE (case_id, digest)
);

-- sqlite
CREATE TABLE attachment_file (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TRIGGER case_attachment_is_never_updated BEFORE UPDATE ON case_attachment BEGIN
    SELECT RAISE(ABORT, 'an attachment is never updated');
END;
CREATE TRIGGER case_attachment_is_never_deleted BEFORE DELETE ON case_attachment BEGIN
    SELECT RAISE(ABORT, 'an attachment is never deleted');
END;
-- end
-- postgres
CREATE TABLE attachment_file (digest TEXT PRIMARY KEY, content BYTEA NOT NULL);
CREATE TRIGGER case_attachment_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON case_attachment FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

-- The audit log: who did, read, took away or was refused what. See docs/adr/0014-the-audit-log.md.
-- postgres
CREATE SEQUENCE audit_number;
-- Numbers are drawn as positions of the ledger are: under a shared lock whose key is a lower bound of everything drawn after it.
CREATE FUNCTION audit_draw() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    floor BIGINT;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO floor FROM audit_number;
    IF current_setting('qishu.audited', true) IS DISTINCT FROM pg_current_xact_id()::TEXT THEN
        PERFORM pg_advisory_xact_lock_shared(7277816997830721536 + floor);
        PERFORM set_config('qishu.audited', pg_current_xact_id()::TEXT, true);
    END IF;
    RETURN nextval('audit_number');
END $$;

-- The last number below which nothing can appear any more: first the sequence, then the open writers.
CREATE FUNCTION audit_watermark() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    last BIGINT;
    open BIGINT;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO last FROM audit_number;
    SELECT min(((classid::BIGINT << 32) | objid::BIGINT) - 7277816997830721536) INTO open
      FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid::BIGINT >= 1694498816 AND classid::BIGINT < 1694498816 + 65536;
    RETURN least(last, coalesce(open, last));
END $$;
-- end

-- changes is a list of [label, old, new] as JSON, in the office's words; orgs the numbers of the organisations concerned.
CREATE TABLE audit (
-- sqlite
    number INTEGER PRIMARY KEY AUTOINCREMENT,
-- end
-- postgres
    number BIGINT PRIMARY KEY DEFAULT audit_draw(),
-- end
    at TIMESTAMPTZ NOT NULL,
    account BIGINT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    behalf BIGINT,
    address TEXT NOT NULL,
    session TEXT NOT NULL,
    request TEXT NOT NULL,
    verb TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id BIGINT,
    unit_id BIGINT NOT NULL,
    orgs TEXT NOT NULL,
    result TEXT NOT NULL,
    changes TEXT NOT NULL,
    purpose TEXT NOT NULL
);
CREATE INDEX audit_by_account ON audit (account, number);
CREATE INDEX audit_by_verb ON audit (verb, number);
CREATE INDEX audit_by_unit ON audit (unit_id, number);
CREATE INDEX audit_by_object ON audit (object, object_id, number);

-- By which an organisation finds its own trail; says what the column orgs says.
CREATE TABLE audit_org (
    org_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (org_id, number)
) {rowless};
CREATE INDEX audit_org_by_number ON audit_org (number);

-- Blocks of the log, as those of the ledger in the table seal.
CREATE TABLE audit_seal (
    number {key},
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL UNIQUE,
    facts BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    root BYTEA NOT NULL,
    leaves BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    public_key BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

-- Stretches that were written to a file and then removed: the only ones that may be.
CREATE TABLE audit_archive (
    last_number {key},
    first_number BIGINT NOT NULL,
    blocks BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    head TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    archived_at TIMESTAMPTZ NOT NULL,
    archived_by TEXT NOT NULL
);

-- sqlite
CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never updated');
END;
CREATE TRIGGER audit_is_deleted_only_when_archived BEFORE DELETE ON audit
WHEN OLD.number > (SELECT COALESCE(MAX(last_number), 0) FROM audit_archive) BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never deleted: archive it');
END;
CREATE TRIGGER audit_org_is_never_updated BEFORE UPDATE ON audit_org BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never updated');
END;
CREATE TRIGGER audit_org_is_deleted_only_when_archived BEFORE DELETE ON audit_org
WHEN OLD.number > (SELECT COALESCE(MAX(last_number), 0) FROM audit_archive) BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never deleted: archive it');
END;
CREATE TRIGGER audit_seal_is_never_updated BEFORE UPDATE ON audit_seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never updated');
END;
CREATE TRIGGER audit_seal_is_never_deleted BEFORE DELETE ON audit_seal BEGIN
    SELECT RAISE(ABORT, 'a seal is never deleted');
END;
CREATE TRIGGER audit_archive_is_never_updated BEFORE UPDATE ON audit_archive BEGIN
    SELECT RAISE(ABORT, 'an archive is never updated');
END;
CREATE TRIGGER audit_archive_is_never_deleted BEFORE DELETE ON audit_archive BEGIN
    SELECT RAISE(ABORT, 'an archive is never deleted');
END;
-- end
-- postgres
CREATE FUNCTION audit_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number > (SELECT COALESCE(MAX(last_number), 0) FROM audit_archive) THEN
        RAISE EXCEPTION 'an audit entry is never deleted: archive it';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER audit_is_deleted_only_when_archived BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_archived();
CREATE TRIGGER audit_org_is_never_changed BEFORE UPDATE OR TRUNCATE ON audit_org FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER audit_org_is_deleted_only_when_archived BEFORE DELETE ON audit_org FOR EACH ROW EXECUTE FUNCTION audit_archived();
CREATE TRIGGER audit_seal_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER audit_archive_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_archive FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

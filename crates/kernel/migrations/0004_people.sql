-- Roles: what may be done, on which rows. version moves with every change, so that a server knows when to read anew.
CREATE TABLE access_version (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO access_version (id, version) VALUES (1, 1);
CREATE TABLE access_role (
    code TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    place TEXT NOT NULL,
    sort BIGINT NOT NULL
);
CREATE TABLE access_grant (
    role TEXT NOT NULL REFERENCES access_role (code),
    permission TEXT NOT NULL,
    reach TEXT NOT NULL,
    PRIMARY KEY (role, permission, reach)
);
-- Permissions the starter set has brought in: a later version adds what is new and undoes no edit.
CREATE TABLE access_permission (code TEXT PRIMARY KEY);

-- Who holds which role where, from a day to a day. Rows are ended, never deleted.
CREATE TABLE membership (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account (id),
    role TEXT NOT NULL REFERENCES access_role (code),
    unit_id BIGINT REFERENCES unit (id),
    org_id BIGINT REFERENCES organisation (id),
    industries TEXT NOT NULL DEFAULT '',
    valid_from DATE NOT NULL,
    valid_to DATE,
    reason TEXT NOT NULL,
    granted_at TIMESTAMPTZ NOT NULL,
    granted_by TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by TEXT
);
CREATE INDEX membership_by_account ON membership (account_id);
CREATE INDEX membership_by_role ON membership (role);
CREATE INDEX membership_by_org ON membership (org_id) WHERE org_id IS NOT NULL;

-- Who acts for whom while the other is away.
CREATE TABLE substitute (
    id {id},
    absent_id BIGINT NOT NULL REFERENCES account (id),
    deputy_id BIGINT NOT NULL REFERENCES account (id),
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    reason TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    set_by TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by TEXT
);
CREATE INDEX substitute_by_deputy ON substitute (deputy_id);
CREATE INDEX substitute_by_absent ON substitute (absent_id);

-- One-time links to set a password: an invitation, or a reset. Only the hash of the link is kept.
CREATE TABLE invitation (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account (id),
    token TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX invitation_by_account ON invitation (account_id);

-- Earlier passwords, so that none of the last few comes back.
CREATE TABLE password_history (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account (id),
    password_hash TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX password_history_by_account ON password_history (account_id);
-- Hashes of passwords that an operator's list calls known.
CREATE TABLE weak_password (digest TEXT PRIMARY KEY);

-- Failed attempts by what was typed and by address; both only as a hash, since people type passwords into the wrong field.
CREATE TABLE sign_in_failure (
    subject TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    locked_until TIMESTAMPTZ
);

CREATE TABLE recovery_code (
    account_id BIGINT NOT NULL REFERENCES account (id),
    digest TEXT NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (account_id, digest)
);

-- Tokens by which programs act for an account at one of its places. Only the hash is kept.
CREATE TABLE api_token (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account (id),
    seat TEXT NOT NULL,
    name TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_on DATE NOT NULL,
    used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_token_by_account ON api_token (account_id);

-- What was done with access itself: who viewed as whom, who asked who sees what. Rows are only added.
CREATE TABLE access_event (
    id {id},
    at TIMESTAMPTZ NOT NULL,
    account_id BIGINT NOT NULL,
    who TEXT NOT NULL,
    verb TEXT NOT NULL,
    about TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- sqlite
CREATE TRIGGER access_event_is_never_updated BEFORE UPDATE ON access_event BEGIN
    SELECT RAISE(ABORT, 'an event is never updated');
END;
CREATE TRIGGER access_event_is_never_deleted BEFORE DELETE ON access_event BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;
CREATE TRIGGER membership_is_never_deleted BEFORE DELETE ON membership BEGIN
    SELECT RAISE(ABORT, 'a membership is never deleted: end it');
END;
-- end
-- postgres
CREATE TRIGGER access_event_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON access_event FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER membership_is_never_deleted BEFORE DELETE OR TRUNCATE ON membership FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

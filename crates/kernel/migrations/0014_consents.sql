-- The texts that consents were given to, word for word; the digest (SM3) names one.
CREATE TABLE consent_text (
    digest TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL
);

-- Consents: whose data (subject), to whom (recipient), what of it (codes of items joined by a comma), for what and how long.
-- Rows are only added; the one thing that is ever set afterwards is that a consent was revoked.
CREATE TABLE consent (
    id {id},
    subject_id BIGINT NOT NULL REFERENCES organisation (id),
    recipient_id BIGINT NOT NULL REFERENCES organisation (id),
    items TEXT NOT NULL,
    purpose TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    text_digest TEXT NOT NULL REFERENCES consent_text (digest),
    given_at TIMESTAMPTZ NOT NULL,
    given_account BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    revoked_at TIMESTAMPTZ,
    revoked_by TEXT,
    revoked_reason TEXT
);
CREATE INDEX consent_by_recipient ON consent (recipient_id, subject_id);
CREATE INDEX consent_by_subject ON consent (subject_id);

-- The kinds of fact a consent covers, as its items stood for when it was given: a module that adds a kind later widens none.
CREATE TABLE consent_kind (
    consent_id BIGINT NOT NULL REFERENCES consent (id),
    kind BIGINT NOT NULL,
    PRIMARY KEY (consent_id, kind)
) {rowless};

-- sqlite
CREATE TRIGGER consent_is_never_rewritten
BEFORE UPDATE OF subject_id, recipient_id, items, purpose, valid_from, valid_to, text_digest, given_at, given_account, given_by ON consent BEGIN
    SELECT RAISE(ABORT, 'a consent is never rewritten');
END;
CREATE TRIGGER consent_is_revoked_once BEFORE UPDATE ON consent WHEN OLD.revoked_at IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a consent is revoked once');
END;
CREATE TRIGGER consent_is_never_deleted BEFORE DELETE ON consent BEGIN
    SELECT RAISE(ABORT, 'a consent is never deleted: revoke it');
END;
CREATE TRIGGER consent_kind_is_never_updated BEFORE UPDATE ON consent_kind BEGIN
    SELECT RAISE(ABORT, 'a consent is never rewritten');
END;
CREATE TRIGGER consent_kind_is_never_deleted BEFORE DELETE ON consent_kind BEGIN
    SELECT RAISE(ABORT, 'a consent is never rewritten');
END;
CREATE TRIGGER consent_text_is_never_updated BEFORE UPDATE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'a text that was consented to is never rewritten');
END;
CREATE TRIGGER consent_text_is_never_deleted BEFORE DELETE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'a text that was consented to is never rewritten');
END;
-- end
-- postgres
CREATE TRIGGER consent_is_never_rewritten
BEFORE UPDATE OF subject_id, recipient_id, items, purpose, valid_from, valid_to, text_digest, given_at, given_account, given_by ON consent
FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER consent_is_revoked_once BEFORE UPDATE ON consent FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION never();
CREATE TRIGGER consent_is_never_deleted BEFORE DELETE OR TRUNCATE ON consent FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER consent_kind_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_kind FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER consent_text_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_text FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

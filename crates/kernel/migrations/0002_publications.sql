-- Publications (已发布数字): what a signed document said, frozen. Rows are only added.
CREATE TABLE publication (
    id {id},
    title TEXT NOT NULL,
    published_on DATE NOT NULL,
    known BIGINT NOT NULL,
    body TEXT NOT NULL,
    notes TEXT NOT NULL,
    digest TEXT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    published_by TEXT NOT NULL
);
-- What was published as known at a position is not published twice.
CREATE UNIQUE INDEX publication_once ON publication (title, published_on, known);

-- One cited figure of a publication: the whole definition, what it was asked, and what it answered.
-- kinds holds the kinds of fact behind it, each between commas, so that a correction finds the figures it may move.
CREATE TABLE publication_figure (
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    seq BIGINT NOT NULL,
    citation TEXT NOT NULL,
    printed TEXT NOT NULL,
    indicator TEXT NOT NULL,
    version BIGINT NOT NULL,
    definition TEXT NOT NULL,
    filter TEXT NOT NULL,
    about DATE NOT NULL,
    value TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    digest TEXT NOT NULL,
    kinds TEXT NOT NULL,
    PRIMARY KEY (publication_id, seq)
);

-- What a re-derivation of a publication found, each time it was done.
CREATE TABLE verification (
    id {id},
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    known BIGINT NOT NULL,
    alarms BIGINT NOT NULL,
    drifted BIGINT NOT NULL,
    result TEXT NOT NULL,
    verified_at TIMESTAMPTZ NOT NULL,
    verified_by TEXT NOT NULL
);
CREATE INDEX verification_by_publication ON verification (publication_id, id);

-- Requests to correct a fact, and what was decided about them.
CREATE TABLE amendment (
    id {id},
    fact BIGINT NOT NULL,
    reason TEXT NOT NULL,
    proposal TEXT NOT NULL,
    moves TEXT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    requested_by TEXT NOT NULL,
    account_id BIGINT NOT NULL
);
CREATE INDEX amendment_by_fact ON amendment (fact);
CREATE TABLE amendment_decision (
    amendment_id BIGINT PRIMARY KEY REFERENCES amendment (id),
    accepted BIGINT NOT NULL,
    note TEXT NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decided_by TEXT NOT NULL,
    account_id BIGINT NOT NULL
);

-- sqlite
CREATE TRIGGER publication_is_never_updated BEFORE UPDATE ON publication BEGIN
    SELECT RAISE(ABORT, 'rows of publication are never updated: add a new one');
END;
CREATE TRIGGER publication_is_never_deleted BEFORE DELETE ON publication BEGIN
    SELECT RAISE(ABORT, 'rows of publication are never deleted: add a new one');
END;
CREATE TRIGGER publication_figure_is_never_updated BEFORE UPDATE ON publication_figure BEGIN
    SELECT RAISE(ABORT, 'rows of publication_figure are never updated: add a new one');
END;
CREATE TRIGGER publication_figure_is_never_deleted BEFORE DELETE ON publication_figure BEGIN
    SELECT RAISE(ABORT, 'rows of publication_figure are never deleted: add a new one');
END;
CREATE TRIGGER verification_is_never_updated BEFORE UPDATE ON verification BEGIN
    SELECT RAISE(ABORT, 'rows of verification are never updated: add a new one');
END;
CREATE TRIGGER verification_is_never_deleted BEFORE DELETE ON verification BEGIN
    SELECT RAISE(ABORT, 'rows of verification are never deleted: add a new one');
END;
CREATE TRIGGER amendment_is_never_updated BEFORE UPDATE ON amendment BEGIN
    SELECT RAISE(ABORT, 'rows of amendment are never updated: add a new one');
END;
CREATE TRIGGER amendment_is_never_deleted BEFORE DELETE ON amendment BEGIN
    SELECT RAISE(ABORT, 'rows of amendment are never deleted: add a new one');
END;
CREATE TRIGGER amendment_decision_is_never_updated BEFORE UPDATE ON amendment_decision BEGIN
    SELECT RAISE(ABORT, 'rows of amendment_decision are never updated: add a new one');
END;
CREATE TRIGGER amendment_decision_is_never_deleted BEFORE DELETE ON amendment_decision BEGIN
    SELECT RAISE(ABORT, 'rows of amendment_decision are never deleted: add a new one');
END;
-- end
-- postgres
CREATE TRIGGER publication_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON publication FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER publication_figure_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON publication_figure FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER verification_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON verification FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER amendment_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON amendment FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER amendment_decision_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON amendment_decision FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

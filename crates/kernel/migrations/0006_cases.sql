-- Cases: one row per case for lists, its events for everything else. The row is what the events come to.
CREATE TABLE case_file (
    id {id},
    flow TEXT NOT NULL,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    subject_id BIGINT NOT NULL REFERENCES organisation (id),
    -- The reporting unit that handles it: the subject's on the day it was opened.
    unit_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL REFERENCES record (id),
    state TEXT NOT NULL,
    ended BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    field_values TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    opened_by TEXT NOT NULL,
    opener_id BIGINT NOT NULL,
    -- When it came into its state, and until when it should leave it; days left of a clock that stands still.
    state_since TIMESTAMPTZ NOT NULL,
    due_on DATE,
    days_left BIGINT
);
CREATE INDEX case_by_state ON case_file (flow, state, unit_id, due_on) WHERE ended = 0;
CREATE INDEX case_by_subject ON case_file (subject_id, id);
CREATE INDEX case_by_unit ON case_file (unit_id, id);
CREATE INDEX case_by_opener ON case_file (opener_id, id);

-- What was done, in its order. A signature that did not yet change the state has equal states.
CREATE TABLE case_event (
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    revision BIGINT NOT NULL,
    action TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    done_at TIMESTAMPTZ NOT NULL,
    done_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    note TEXT NOT NULL,
    changes TEXT NOT NULL,
    remarks TEXT NOT NULL,
    PRIMARY KEY (case_id, revision)
);
CREATE TABLE case_comment (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    said_at TIMESTAMPTZ NOT NULL,
    said_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX case_comment_by_case ON case_comment (case_id, id);

-- sqlite
CREATE TRIGGER case_event_is_never_updated BEFORE UPDATE ON case_event BEGIN
    SELECT RAISE(ABORT, 'an event is never updated');
END;
CREATE TRIGGER case_event_is_never_deleted BEFORE DELETE ON case_event BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;
-- end
-- postgres
CREATE TRIGGER case_event_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

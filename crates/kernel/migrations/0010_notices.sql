-- Which of several servers does something that only one may do at a time, and until when if it says nothing.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until TIMESTAMPTZ NOT NULL
);

-- What somebody is told, written in the act it tells of. The row is the notice of the inbox; deliveries go beside it.
CREATE TABLE notice (
    id {id},
    -- What it tells of, and whom: the same thing is told once, however often somebody tries.
    told_key TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    -- A page of ours.
    href TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ
);
CREATE INDEX notice_by_account ON notice (account_id, id);
CREATE INDEX notice_unread ON notice (account_id) WHERE read_at IS NULL;

-- Where else than in the inbox somebody wants to be told; an empty address means not there.
CREATE TABLE notice_choice (
    account_id BIGINT PRIMARY KEY REFERENCES account (id),
    mail TEXT NOT NULL,
    phone TEXT NOT NULL,
    -- 1: what cases bring is told with the reminders of the next working morning, not one by one.
    daily BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- What is still to be sent, was sent, or could not be: one row for each notice and channel.
CREATE TABLE delivery (
    id {id},
    notice_id BIGINT NOT NULL REFERENCES notice (id),
    channel TEXT NOT NULL,
    -- waiting, sent, failed
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- What the receiver said last.
    answer TEXT NOT NULL,
    UNIQUE (notice_id, channel)
);
CREATE INDEX delivery_due ON delivery (channel, next_at, id) WHERE state = 'waiting';
CREATE INDEX delivery_by_state ON delivery (state, id);

-- sqlite
CREATE TRIGGER notice_is_never_deleted BEFORE DELETE ON notice BEGIN
    SELECT RAISE(ABORT, 'a notice is never deleted');
END;
-- end
-- postgres
CREATE TRIGGER notice_is_never_deleted BEFORE DELETE OR TRUNCATE ON notice FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

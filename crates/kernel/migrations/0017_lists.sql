-- In whose stead something was done: four eyes are not two of one.
ALTER TABLE case_event ADD COLUMN behalf_id BIGINT;

-- What was typed into a case, for search.
-- sqlite
CREATE VIRTUAL TABLE case_search USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61');
-- end
-- postgres
CREATE TABLE case_search (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX case_search_by_word ON case_search USING gin (words);
-- end

-- Orders of the list of cases, within a flow.
CREATE INDEX case_list_by_number ON case_file (flow, id);
CREATE INDEX case_list_by_due ON case_file (flow, due_on, id);
CREATE INDEX case_list_by_opened ON case_file (flow, opened_at, id);

-- An action on many cases at once: who asked for what, and how it ended for each.
CREATE TABLE case_bulk (
    id {id},
    flow TEXT NOT NULL,
    action TEXT NOT NULL,
    -- How the cases were chosen, in words.
    chosen TEXT NOT NULL,
    -- draft: looked at; running: asked for; done: each case has its answer.
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    field_values TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    -- The place acted from, so that it goes on from there after a restart.
    seat TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    -- The bulk action this one takes back.
    undoes BIGINT REFERENCES case_bulk (id)
);
CREATE INDEX case_bulk_by_account ON case_bulk (account_id, id);
CREATE INDEX case_bulk_running ON case_bulk (id) WHERE state = 'running';
CREATE TABLE case_bulk_row (
    bulk_id BIGINT NOT NULL REFERENCES case_bulk (id),
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    -- The events the case had when it was chosen.
    revision BIGINT NOT NULL,
    -- Nothing while it waits, 1 done, 0 refused.
    outcome BIGINT,
    -- Why it was refused, or would be.
    said TEXT NOT NULL,
    PRIMARY KEY (bulk_id, case_id)
) {rowless};

-- Answers to programs, so that what is sent twice is done once.
CREATE TABLE answered (
    account_id BIGINT NOT NULL,
    request_key TEXT NOT NULL,
    -- Digest of what was asked.
    digest TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, request_key)
);

-- What somebody set up for himself: views of lists, and how pages look to him.
CREATE TABLE list_view (
    id {id},
    account_id BIGINT NOT NULL,
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (account_id, list, name)
);
CREATE TABLE preference (
    account_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
);

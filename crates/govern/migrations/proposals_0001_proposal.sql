-- Proposals (提案、建议): what their cases do not keep. One row for each case, so that a number is registered once.
CREATE TABLE proposal (
    case_id BIGINT PRIMARY KEY REFERENCES case_file (id),
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL
);
CREATE UNIQUE INDEX proposal_once ON proposal (kind, year, number);

-- Contact with the proposer. Rows are only added.
CREATE TABLE proposal_contact (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    means TEXT NOT NULL,
    happened_on DATE NOT NULL,
    body TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX proposal_contact_case ON proposal_contact (case_id, id);

-- Versions of the reply as it was drafted: the text with its placeholders. Rows are only added.
CREATE TABLE proposal_draft (
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    version BIGINT NOT NULL,
    about DATE NOT NULL,
    body TEXT NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    saved_by TEXT NOT NULL,
    PRIMARY KEY (case_id, version)
);

-- The register of issue numbers: in each series and year from 1 on, without a gap. Rows are only added.
CREATE TABLE issue_number (
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    issued_at TIMESTAMPTZ NOT NULL,
    issued_by TEXT NOT NULL,
    PRIMARY KEY (series, year, number)
);
CREATE INDEX issue_number_case ON issue_number (case_id);

-- Promises of a reply. What became of one follows from its indicator, so nothing is kept of that.
CREATE TABLE proposal_promise (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    body TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_on DATE NOT NULL,
    indicator TEXT NOT NULL,
    floor BIGINT NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    made_by TEXT NOT NULL
);
CREATE INDEX proposal_promise_case ON proposal_promise (case_id, id);

-- The project library: what lists ask of a project, beside its case. Written with every step of the case and every
-- monthly report, by what these say.
CREATE TABLE project (
    case_id BIGINT PRIMARY KEY REFERENCES case_file (id),
    subject_id BIGINT NOT NULL REFERENCES organisation (id),
    unit_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Code of the type; empty while unclassified.
    class TEXT NOT NULL,
    -- Division of GB/T 4754 of the firm on the day it was filed.
    industry TEXT NOT NULL,
    planned_fen BIGINT NOT NULL,
    invested_fen BIGINT NOT NULL,
    start_on DATE NOT NULL,
    end_on DATE NOT NULL,
    entered_on DATE,
    completed_on DATE,
    -- First day of the last month reported.
    last_month DATE,
    -- While it is being built: the earliest unfinished milestone, the first month without a report, the day whose
    -- planned investment is reached. Lights compare these with a day.
    next_due DATE,
    silent_from DATE,
    paid_until DATE,
    problem TEXT NOT NULL,
    problem_unit TEXT NOT NULL
);
CREATE INDEX project_by_unit ON project (unit_id, case_id);
CREATE INDEX project_by_subject ON project (subject_id, case_id);

CREATE TABLE project_milestone (
    case_id BIGINT NOT NULL REFERENCES project (case_id),
    ord BIGINT NOT NULL,
    name TEXT NOT NULL,
    due_on DATE NOT NULL,
    state TEXT NOT NULL,
    done_on DATE,
    PRIMARY KEY (case_id, ord)
);

-- Monthly reports. A month is corrected by another row for it; the last one counts.
CREATE TABLE project_report (
    id {id},
    case_id BIGINT NOT NULL REFERENCES project (case_id),
    month DATE NOT NULL,
    invested_fen BIGINT NOT NULL,
    -- Milestones it changed, as JSON.
    milestones TEXT NOT NULL,
    problem TEXT NOT NULL,
    problem_unit TEXT NOT NULL,
    evidence TEXT NOT NULL,
    reason TEXT NOT NULL,
    record_id BIGINT NOT NULL REFERENCES record (id),
    reported_at TIMESTAMPTZ NOT NULL,
    reported_by TEXT NOT NULL,
    account_id BIGINT NOT NULL
);
CREATE INDEX project_report_by_case ON project_report (case_id, month, id);
CREATE INDEX project_report_by_time ON project_report (reported_at);

-- Workbooks of projects as sent, until and after they are saved.
-- sqlite
CREATE TABLE project_upload (
    id INTEGER PRIMARY KEY,
    file_name TEXT NOT NULL,
    content BLOB NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    sent_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    saved_at TIMESTAMPTZ,
    saved BIGINT NOT NULL DEFAULT 0
);
CREATE TRIGGER project_report_is_never_updated BEFORE UPDATE ON project_report BEGIN
    SELECT RAISE(ABORT, 'a report is never updated');
END;
CREATE TRIGGER project_report_is_never_deleted BEFORE DELETE ON project_report BEGIN
    SELECT RAISE(ABORT, 'a report is never deleted');
END;
-- end
-- postgres
CREATE TABLE project_upload (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name TEXT NOT NULL,
    content BYTEA NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    sent_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    saved_at TIMESTAMPTZ,
    saved BIGINT NOT NULL DEFAULT 0
);
CREATE TRIGGER project_report_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON project_report FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

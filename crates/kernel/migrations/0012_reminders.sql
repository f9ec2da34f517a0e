-- Who was reminded of which case at which step of its ladder (0 for nobody: the step reached no one). A stay of a case
-- in a state is known by its due day.
CREATE TABLE reminder (
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    state TEXT NOT NULL,
    due_on DATE NOT NULL,
    rung BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    told_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (case_id, state, due_on, rung, account_id)
);
CREATE INDEX reminder_by_account ON reminder (account_id, told_at);
CREATE INDEX reminder_by_time ON reminder (told_at);

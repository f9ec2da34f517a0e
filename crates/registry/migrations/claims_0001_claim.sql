-- Requests of people to act for an organisation, by its credit code. The account exists from the request on and
-- may do nothing until somebody of the organisation's unit has accepted.
CREATE TABLE org_claim (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account (id),
    credit_code TEXT NOT NULL,
    statement TEXT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by TEXT,
    accepted BIGINT,
    reason TEXT
);
CREATE INDEX org_claim_open ON org_claim (credit_code) WHERE decided_at IS NULL;
CREATE INDEX org_claim_by_account ON org_claim (account_id);

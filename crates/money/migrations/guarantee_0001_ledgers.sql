-- What contracts are held to. Rows are only added, except that a member may leave its group.
CREATE TABLE guarantee_agreement (
    id {id},
    operator_id BIGINT NOT NULL REFERENCES organisation (id),
    bank_id BIGINT NOT NULL REFERENCES organisation (id),
    number TEXT NOT NULL,
    signed_on DATE NOT NULL,
    valid_to DATE NOT NULL,
    edition TEXT NOT NULL,
    split TEXT NOT NULL,
    cap_fen BIGINT CHECK (cap_fen > 0),
    payout_days BIGINT NOT NULL,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    UNIQUE (operator_id, number)
);
CREATE TABLE guarantee_standing (
    id {id},
    operator_id BIGINT NOT NULL REFERENCES organisation (id),
    as_on DATE NOT NULL,
    net_assets_fen BIGINT NOT NULL CHECK (net_assets_fen >= 0),
    reserve_fen BIGINT NOT NULL CHECK (reserve_fen >= 0),
    mainly_small BIGINT NOT NULL,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX guarantee_standing_by_operator ON guarantee_standing (operator_id, as_on, id);
CREATE TABLE guarantee_related (
    org_id {key} REFERENCES organisation (id),
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX guarantee_related_by_label ON guarantee_related (label);

-- Contracts of the three ledgers: 1 guaranteed loans, 2 start-up loans, 3 bridge loans. The counterparty is the bank.
-- The columns after recorded_by are what the events come to, for lists and limits.
CREATE TABLE guarantee_contract (
    id {id},
    ledger BIGINT NOT NULL,
    operator_id BIGINT NOT NULL REFERENCES organisation (id),
    subject_id BIGINT NOT NULL REFERENCES organisation (id),
    counterparty_id BIGINT NOT NULL REFERENCES organisation (id),
    -- The reporting unit of the subject on the day the contract was signed.
    unit_id BIGINT NOT NULL,
    agreement_id BIGINT REFERENCES guarantee_agreement (id),
    number TEXT NOT NULL,
    product TEXT NOT NULL,
    principal_fen BIGINT NOT NULL CHECK (principal_fen > 0),
    is_small BIGINT NOT NULL,
    rate_bp BIGINT NOT NULL CHECK (rate_bp >= 0),
    fee_bp BIGINT NOT NULL CHECK (fee_bp >= 0),
    lpr_bp BIGINT,
    signed_on DATE NOT NULL,
    matures_on DATE NOT NULL,
    split TEXT NOT NULL,
    edition TEXT NOT NULL,
    -- The last four characters of a natural person's identity number; nothing more of it is kept.
    person_tail TEXT NOT NULL,
    -- Numbers of the loan that a bridge loan repays and of the one that is promised after it, and how much that is.
    underlying TEXT NOT NULL,
    renewal TEXT NOT NULL,
    renewal_fen BIGINT,
    record_id BIGINT NOT NULL REFERENCES record (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    issued_fen BIGINT NOT NULL DEFAULT 0,
    repaid_fen BIGINT NOT NULL DEFAULT 0,
    released_fen BIGINT NOT NULL DEFAULT 0,
    compensated_fen BIGINT NOT NULL DEFAULT 0,
    interest_fen BIGINT NOT NULL DEFAULT 0,
    recovered_fen BIGINT NOT NULL DEFAULT 0,
    written_off_fen BIGINT NOT NULL DEFAULT 0,
    fee_fen BIGINT NOT NULL DEFAULT 0,
    overdue_fen BIGINT NOT NULL DEFAULT 0,
    outstanding_fen BIGINT NOT NULL DEFAULT 0,
    overdue_on DATE,
    due_on DATE NOT NULL,
    last_on DATE,
    events BIGINT NOT NULL DEFAULT 0,
    UNIQUE (operator_id, ledger, number),
    CONSTRAINT guarantee_balance CHECK (
        outstanding_fen = issued_fen - repaid_fen - released_fen - compensated_fen
        AND outstanding_fen >= 0 AND issued_fen <= principal_fen AND overdue_fen BETWEEN 0 AND outstanding_fen
    ),
    CONSTRAINT guarantee_claim CHECK (compensated_fen + interest_fen - recovered_fen - written_off_fen >= 0)
);
CREATE INDEX guarantee_contract_by_operator ON guarantee_contract (operator_id, ledger, id);
CREATE INDEX guarantee_contract_by_subject ON guarantee_contract (subject_id, ledger, id);
CREATE INDEX guarantee_contract_by_bank ON guarantee_contract (counterparty_id, ledger, id);
CREATE INDEX guarantee_contract_by_unit ON guarantee_contract (unit_id, ledger, id);
CREATE INDEX guarantee_contract_by_ledger ON guarantee_contract (ledger, id);
CREATE INDEX guarantee_contract_by_number ON guarantee_contract (number);
CREATE INDEX guarantee_contract_due ON guarantee_contract (due_on, id) WHERE outstanding_fen > 0;
CREATE INDEX guarantee_contract_overdue ON guarantee_contract (overdue_on, id) WHERE overdue_fen > 0;
CREATE INDEX guarantee_contract_bridges ON guarantee_contract (subject_id, renewal) WHERE renewal <> '';

-- What happened to a contract, in the order it was entered. A reversal is an event with the opposite movement.
CREATE TABLE guarantee_event (
    id {id},
    contract_id BIGINT NOT NULL REFERENCES guarantee_contract (id),
    seq BIGINT NOT NULL,
    event TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    interest_fen BIGINT NOT NULL,
    due_on DATE,
    account TEXT NOT NULL,
    document TEXT NOT NULL,
    note TEXT NOT NULL,
    moved_n BIGINT NOT NULL,
    moved_fen BIGINT NOT NULL,
    reverses BIGINT REFERENCES guarantee_event (id),
    reason TEXT,
    record_id BIGINT NOT NULL REFERENCES record (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    checked_by TEXT NOT NULL,
    UNIQUE (contract_id, seq)
);
CREATE UNIQUE INDEX guarantee_event_reversed_once ON guarantee_event (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX guarantee_event_by_day ON guarantee_event (event, occurred_on);
-- Who carries which part of a compensation, a recovery or a loss.
CREATE TABLE guarantee_share (
    event_id BIGINT NOT NULL REFERENCES guarantee_event (id),
    party TEXT NOT NULL,
    bp BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (event_id, party)
);

-- What guarantors have in force now, for limits at entry. sort: 0 everything (key 1 small loans, 0 others),
-- 1 an insured party, 2 an agreement.
CREATE TABLE guarantee_exposure (
    operator_id BIGINT NOT NULL,
    sort BIGINT NOT NULL,
    key BIGINT NOT NULL,
    in_force_fen BIGINT NOT NULL CONSTRAINT guarantee_exposure_within CHECK (in_force_fen >= 0),
    PRIMARY KEY (operator_id, sort, key)
) {rowless};

-- Sums by month (grain 1, yyyymm) and day (grain 2, yyyymmdd), moved in the transaction of the event.
-- sort: 0 everything, 1 bank, 2 product, 3 size (key 1: at most 500 万元).
CREATE TABLE guarantee_sum (
    ledger BIGINT NOT NULL,
    sort BIGINT NOT NULL,
    grain BIGINT NOT NULL,
    period BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    issued_n BIGINT NOT NULL,
    issued_fen BIGINT NOT NULL,
    moved_n BIGINT NOT NULL,
    moved_fen BIGINT NOT NULL,
    PRIMARY KEY (ledger, sort, grain, period, unit_id, operator_id, key)
) {rowless};

-- sqlite
CREATE TRIGGER guarantee_event_is_never_updated BEFORE UPDATE ON guarantee_event BEGIN
    SELECT RAISE(ABORT, 'an event is never updated: reverse it');
END;
CREATE TRIGGER guarantee_event_is_never_deleted BEFORE DELETE ON guarantee_event BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted: reverse it');
END;
CREATE TRIGGER guarantee_share_is_never_updated BEFORE UPDATE ON guarantee_share BEGIN
    SELECT RAISE(ABORT, 'a share is never updated');
END;
CREATE TRIGGER guarantee_share_is_never_deleted BEFORE DELETE ON guarantee_share BEGIN
    SELECT RAISE(ABORT, 'a share is never deleted');
END;
CREATE TRIGGER guarantee_contract_is_never_deleted BEFORE DELETE ON guarantee_contract BEGIN
    SELECT RAISE(ABORT, 'a contract is never deleted');
END;
CREATE TRIGGER guarantee_standing_is_never_updated BEFORE UPDATE ON guarantee_standing BEGIN
    SELECT RAISE(ABORT, 'a standing is never updated: record a new one');
END;
-- end
-- postgres
CREATE TRIGGER guarantee_event_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON guarantee_event FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER guarantee_share_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON guarantee_share FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER guarantee_contract_is_never_deleted BEFORE DELETE OR TRUNCATE ON guarantee_contract FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER guarantee_standing_is_never_updated BEFORE UPDATE ON guarantee_standing FOR EACH STATEMENT EXECUTE FUNCTION never();
-- end

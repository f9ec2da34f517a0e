-- Reporting units (填报单元): who reports and is assessed. Not the administrative division.
CREATE TABLE unit (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    sort BIGINT NOT NULL
);

-- Settings of the whole platform.
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Every body, one identity. The columns after created_at are what its attributes say today, for lists.
CREATE TABLE organisation (
    id {id},
    kind TEXT NOT NULL,
    credit_code TEXT UNIQUE,
    local_code TEXT UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    merged_into BIGINT REFERENCES organisation (id),
    name TEXT NOT NULL,
    unit_id BIGINT NOT NULL DEFAULT 0,
    region BIGINT NOT NULL DEFAULT 0,
    industry TEXT NOT NULL DEFAULT '',
    size BIGINT NOT NULL DEFAULT 0,
    above_scale BIGINT NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT '',
    dims_since DATE NOT NULL DEFAULT '0001-01-01',
    dims_until DATE NOT NULL DEFAULT '9999-12-31'
);
CREATE INDEX organisation_expiring ON organisation (dims_until) WHERE dims_until < '9999-12-31';
CREATE INDEX organisation_by_unit ON organisation (unit_id, id);
CREATE INDEX organisation_by_kind ON organisation (kind, id);

-- What an organisation is, bitemporal: true from a day to a day, known from a position on.
-- Rows are only added. Of the rows that cover a day and were known, the last position wins.
CREATE TABLE org_attribute (
    position {key},
    org_id BIGINT NOT NULL REFERENCES organisation (id),
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX org_attribute_by_org ON org_attribute (org_id, attribute, position);

-- Yearly figures of an organisation; a later row for the same year replaces the earlier, which stays.
CREATE TABLE org_year (
    position {key},
    org_id BIGINT NOT NULL REFERENCES organisation (id),
    year BIGINT NOT NULL,
    employees BIGINT,
    revenue_fen BIGINT,
    assets_fen BIGINT,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX org_year_by_org ON org_year (org_id, year, position);

-- Merges of duplicates and their undoing. The facts a merge recorded on the survivor lie between the positions.
CREATE TABLE org_merge (
    id {id},
    duplicate_id BIGINT NOT NULL REFERENCES organisation (id),
    into_id BIGINT NOT NULL REFERENCES organisation (id),
    reason TEXT NOT NULL,
    after_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL,
    merged_by TEXT NOT NULL,
    undone_at TIMESTAMPTZ
);
CREATE INDEX org_merge_by_survivor ON org_merge (into_id);
CREATE INDEX organisation_merged ON organisation (merged_into) WHERE merged_into IS NOT NULL;

-- A source record that facts cite: an order, a contract, a row of a historical ledger.
CREATE TABLE record (
    id {id},
    module TEXT NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);

-- Accounts: who signs in. What a person may do is a membership (0004). Sessions are rows of their own.
-- totp_step is the last step of time whose code was used, so that a code counts once.
CREATE TABLE account (
    id {id},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_at TIMESTAMPTZ,
    totp_secret TEXT,
    totp_step BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    signed_in_at TIMESTAMPTZ,
    disabled_at TIMESTAMPTZ,
    disabled_by TEXT
);
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    account_id BIGINT,
    content TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    agent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_by_account ON session (account_id) WHERE account_id IS NOT NULL;

-- The ledger. See docs/adr/0002-ledger-positions.md for what a position promises.
CREATE TABLE fact_kind (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE
);
CREATE TABLE ledger_day (
    day DATE PRIMARY KEY,
    first_position BIGINT NOT NULL
);
CREATE TABLE fact (
    position {key},
    kind BIGINT NOT NULL,
    class TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    counterparty_id BIGINT,
    unit_id BIGINT NOT NULL,
    region BIGINT NOT NULL,
    industry TEXT NOT NULL,
    size BIGINT NOT NULL,
    above_scale BIGINT NOT NULL,
    occurred_on DATE NOT NULL,
    quantity BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    reverses BIGINT,
    reason TEXT,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX fact_by_day ON fact (kind, occurred_on, position);
-- Holds all that a distinct count asks of a subject's facts: these are never fetched one by one.
CREATE INDEX fact_by_subject ON fact (kind, subject_id, occurred_on, class, unit_id, size, above_scale, quantity);
CREATE INDEX fact_by_record ON fact (record_id);
-- The two by which a part of the ledger is read newest first: of a unit, of the other side. New entries go to the end.
CREATE INDEX fact_by_unit ON fact (unit_id, position);
CREATE INDEX fact_by_counterparty ON fact (counterparty_id, position) WHERE counterparty_id IS NOT NULL;
CREATE UNIQUE INDEX fact_reversed_once ON fact (reverses) WHERE reverses IS NOT NULL;

-- Sums kept beside the ledger, in the same transaction: per series, unit, industry and stretch of time.
-- grain: 1 day (yyyymmdd), 2 month (yyyymm), 3 year (yyyy), 4 month by industry division.
-- unit 0 is all units. A lane only spreads writers; readers add lanes up.
CREATE TABLE series (
    id BIGINT PRIMARY KEY,
    spec TEXT NOT NULL UNIQUE,
    built BIGINT NOT NULL
);
CREATE TABLE tally (
    series BIGINT NOT NULL,
    grain BIGINT NOT NULL,
    unit_id BIGINT NOT NULL,
    period BIGINT NOT NULL,
    industry BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    n BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    PRIMARY KEY (series, grain, unit_id, period, industry, lane),
    -- SQLite would go on with a rounded number where a sum runs over.
    CONSTRAINT tally_within CHECK (
        quantity BETWEEN -100000000000000000 AND 100000000000000000
        AND amount_fen BETWEEN -100000000000000000 AND 100000000000000000
    )
) {rowless};

-- Targets and declared figures: rows are only added, the last known one counts.
CREATE TABLE target (
    position {key},
    indicator TEXT NOT NULL,
    period TEXT NOT NULL,
    unit_id BIGINT NOT NULL,
    value BIGINT NOT NULL,
    source TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX target_by_indicator ON target (indicator, period, unit_id, position);
CREATE TABLE declared (
    position {key},
    indicator TEXT NOT NULL,
    value TEXT NOT NULL,
    as_on DATE NOT NULL,
    source TEXT NOT NULL,
    person TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX declared_by_indicator ON declared (indicator, as_on, position);

-- sqlite
CREATE TABLE ledger_head (last_position BIGINT NOT NULL);
INSERT INTO ledger_head VALUES (0);
CREATE TRIGGER fact_is_never_updated BEFORE UPDATE ON fact BEGIN
    SELECT RAISE(ABORT, 'a fact is never updated: reverse it');
END;
CREATE TRIGGER fact_is_never_deleted BEFORE DELETE ON fact BEGIN
    SELECT RAISE(ABORT, 'a fact is never deleted: reverse it');
END;
CREATE TRIGGER org_attribute_is_never_updated BEFORE UPDATE ON org_attribute BEGIN
    SELECT RAISE(ABORT, 'an attribute is never updated: record a new one');
END;
CREATE TRIGGER org_attribute_is_never_deleted BEFORE DELETE ON org_attribute BEGIN
    SELECT RAISE(ABORT, 'an attribute is never deleted: record a new one');
END;
CREATE TRIGGER org_year_is_never_updated BEFORE UPDATE ON org_year BEGIN
    SELECT RAISE(ABORT, 'yearly figures are never updated: record them anew');
END;
CREATE TRIGGER org_year_is_never_deleted BEFORE DELETE ON org_year BEGIN
    SELECT RAISE(ABORT, 'yearly figures are never deleted: record them anew');
END;
CREATE TRIGGER target_is_never_updated BEFORE UPDATE ON target BEGIN
    SELECT RAISE(ABORT, 'a target is never updated: set a new one');
END;
CREATE TRIGGER target_is_never_deleted BEFORE DELETE ON target BEGIN
    SELECT RAISE(ABORT, 'a target is never deleted: set a new one');
END;
CREATE TRIGGER declared_is_never_updated BEFORE UPDATE ON declared BEGIN
    SELECT RAISE(ABORT, 'a declared figure is never updated: declare a new one');
END;
CREATE TRIGGER declared_is_never_deleted BEFORE DELETE ON declared BEGIN
    SELECT RAISE(ABORT, 'a declared figure is never deleted: declare a new one');
END;
CREATE VIRTUAL TABLE org_search USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'unicode61');
-- end
-- postgres
CREATE SEQUENCE ledger_position;
CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are never updated or deleted: record a correction', TG_TABLE_NAME;
END $$;
CREATE TRIGGER fact_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON fact FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER org_attribute_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON org_attribute FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER org_year_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON org_year FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER target_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON target FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER declared_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON declared FOR EACH STATEMENT EXECUTE FUNCTION never();

-- Draws positions under a shared lock whose key is a lower bound of everything drawn after it.
CREATE FUNCTION ledger_draw(n BIGINT) RETURNS SETOF BIGINT LANGUAGE plpgsql AS $$
DECLARE
    floor BIGINT;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO floor FROM ledger_position;
    -- The first floor of a transaction bounds all that it draws later: one lock is enough.
    IF current_setting('qishu.drawn', true) IS DISTINCT FROM pg_current_xact_id()::TEXT THEN
        PERFORM pg_advisory_xact_lock_shared(7205759403792793600 + floor);
        PERFORM set_config('qishu.drawn', pg_current_xact_id()::TEXT, true);
    END IF;
    RETURN QUERY SELECT nextval('ledger_position') FROM generate_series(1, n);
END $$;

-- The last position below which nothing can appear any more: first the sequence, then the open writers.
CREATE FUNCTION ledger_watermark() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    last BIGINT;
    open BIGINT;
BEGIN
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO last FROM ledger_position;
    SELECT min(((classid::BIGINT << 32) | objid::BIGINT) - 7205759403792793600) INTO open
      FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid::BIGINT >= 1677721600 AND classid::BIGINT < 1677721600 + 65536;
    RETURN least(last, coalesce(open, last));
END $$;

CREATE TABLE org_search (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX org_search_by_word ON org_search USING gin (words);
-- end

-- What belongs to an order for a diagnosis, beside its case.

-- Filled questionnaires. The last submitted one of an order and stage counts; a draft is overwritten, a submitted one never.
CREATE TABLE diagnosis_assessment (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    org_id BIGINT NOT NULL REFERENCES organisation (id),
    -- 0 at the diagnosis, 1 and on at its repetitions.
    stage BIGINT NOT NULL,
    instrument TEXT NOT NULL,
    edition TEXT NOT NULL,
    -- What was filled in, as it was.
    answers TEXT NOT NULL,
    -- Exact decimal, and the level; empty in a draft.
    score TEXT NOT NULL,
    level_code TEXT NOT NULL,
    level_label TEXT NOT NULL,
    draft BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    saved_on DATE NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    saved_by TEXT NOT NULL
);
CREATE INDEX diagnosis_assessment_by_case ON diagnosis_assessment (case_id, stage, id);
CREATE INDEX diagnosis_assessment_by_org ON diagnosis_assessment (org_id, id);

-- The six parts of a report; the fifth is drawn from the assessment, with words beside it.
CREATE TABLE diagnosis_report (
    case_id BIGINT PRIMARY KEY REFERENCES case_file (id),
    present TEXT NOT NULL,
    examples TEXT NOT NULL,
    findings TEXT NOT NULL,
    cloud TEXT NOT NULL,
    assessment TEXT NOT NULL,
    advice TEXT NOT NULL,
    revision BIGINT NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    saved_by TEXT NOT NULL
);

-- Recommendations, each by itself, and what became of it.
CREATE TABLE diagnosis_item (
    id {id},
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    org_id BIGINT NOT NULL REFERENCES organisation (id),
    place BIGINT NOT NULL,
    problem TEXT NOT NULL,
    measure TEXT NOT NULL,
    cost_low_fen BIGINT,
    cost_high_fen BIGINT,
    effect TEXT NOT NULL,
    priority TEXT NOT NULL,
    -- Empty while open; then project or dropped.
    became TEXT NOT NULL,
    became_note TEXT NOT NULL,
    became_at TIMESTAMPTZ,
    became_by TEXT NOT NULL
);
CREATE INDEX diagnosis_item_by_case ON diagnosis_item (case_id, place);

CREATE TABLE diagnosis_rating (
    case_id BIGINT PRIMARY KEY REFERENCES case_file (id),
    stars BIGINT NOT NULL,
    words TEXT NOT NULL,
    rated_at TIMESTAMPTZ NOT NULL,
    rated_by TEXT NOT NULL
);

-- Editions of questionnaires that were added to those the platform comes with; never changed.
CREATE TABLE diagnosis_instrument (
    id {id},
    code TEXT NOT NULL,
    edition TEXT NOT NULL,
    file TEXT NOT NULL,
    body TEXT NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    added_by TEXT NOT NULL,
    UNIQUE (code, edition)
);

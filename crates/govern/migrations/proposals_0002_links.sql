-- Links by which a proposer fills in the opinion form himself, once. Of the link itself only the digest is kept.
CREATE TABLE proposal_link (
    token TEXT PRIMARY KEY,
    case_id BIGINT NOT NULL REFERENCES case_file (id),
    made_at TIMESTAMPTZ NOT NULL,
    made_by TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX proposal_link_case ON proposal_link (case_id);

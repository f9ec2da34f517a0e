-- Which night's work on which publication somebody has taken on: several servers share one database and its nights.
CREATE TABLE night_claim (
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    night DATE NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (publication_id, night)
);

-- From where a value was taken, such as a cell of a workbook, beside what its person gave as the source. Written in the
-- act that records the value, by the position of that; facts say it in their record.
CREATE TABLE org_origin (
    position BIGINT PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES organisation (id),
    words TEXT NOT NULL
);
CREATE INDEX org_origin_by_org ON org_origin (org_id, position);

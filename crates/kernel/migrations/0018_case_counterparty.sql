-- The other side of a case, once it was chosen: it reads the case and acts in it. Told by the case's values too.
ALTER TABLE case_file ADD COLUMN counterparty_id BIGINT REFERENCES organisation (id);
CREATE INDEX case_by_counterparty ON case_file (counterparty_id, id);

-- From which seat work was asked for: it is carried out from no other.
ALTER TABLE import_work ADD COLUMN seat TEXT NOT NULL DEFAULT '';

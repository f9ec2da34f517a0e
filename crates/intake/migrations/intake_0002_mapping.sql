-- What a sender has said about the columns of their own worksheets, once for each set of heads. Not history: it is
-- only proposed for the next workbook, and every import keeps what it was read by.
CREATE TABLE import_mapping (
    id {id},
    sender TEXT NOT NULL,
    template TEXT NOT NULL,
    heads TEXT NOT NULL,
    columns TEXT NOT NULL,
    file_name TEXT NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    saved_by TEXT NOT NULL
);
CREATE UNIQUE INDEX import_mapping_once ON import_mapping (sender, template, heads);

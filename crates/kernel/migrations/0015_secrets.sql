-- Sealed values (SM4-GCM; the key is a file outside the database). Histories that are never changed hold the number of a
-- row here, so that a value can be sealed anew under another key. The place binds a value to where it belongs.
CREATE TABLE secret (
    id {id},
    place TEXT NOT NULL,
    sealed TEXT NOT NULL
);

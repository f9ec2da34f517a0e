-- Identities of another platform (OpenID Connect) that sign an account in: its owner bound them with the own password.
CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account (id),
    bound_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_identity_by_account ON account_identity (account_id);

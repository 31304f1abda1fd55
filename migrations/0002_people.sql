-- Participants, as the chain made them, and the services' own records about people.

CREATE TYPE user_status AS ENUM ('pending', 'active', 'frozen');

-- One row for each wallet that the contract accepted, in that order: the id is the wallet's leaf in the entitlement
-- tree, and 0 is the company.
CREATE TABLE users (
    id             bigint      PRIMARY KEY CHECK (id >= 0),
    wallet_address varchar(42) NOT NULL UNIQUE CHECK (wallet_address ~ '^0x[0-9a-f]{40}$'),
    referrer_id    bigint      REFERENCES users,
    referral_count int         NOT NULL DEFAULT 0 CHECK (referral_count >= 0),
    -- false: the contract accepted the registration but the plan refused it, so that the payment goes back.
    participant    boolean     NOT NULL,
    -- Frozen on the contract, as its events say.
    frozen         boolean     NOT NULL DEFAULT false,
    -- Held back by an operator here, at once, until the contract says the same.
    held           boolean     NOT NULL DEFAULT false,
    status         user_status NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN frozen OR held THEN 'frozen'::user_status
            WHEN participant THEN 'active'::user_status
            ELSE 'pending'::user_status
        END
    ) STORED,
    has_retopup    boolean     NOT NULL DEFAULT false,
    metadata       jsonb       NOT NULL DEFAULT '{}',
    registered_seq bigint      UNIQUE REFERENCES history,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    CHECK ((id = 0) = (referrer_id IS NULL AND registered_seq IS NULL)),
    CHECK (id <> referrer_id)
);
CREATE INDEX users_by_referrer ON users (referrer_id, id);
-- The company stands above all participants from the beginning; the contract knows it as the zero address.
INSERT INTO users (id, wallet_address, participant, created_at, updated_at)
VALUES (0, '0x0000000000000000000000000000000000000000', true, 'epoch', 'epoch');

CREATE TYPE retopup_status AS ENUM ('pending', 'confirmed', 'failed');

-- Retopups as the chain has them; the id is the seq. 'failed': the plan refused it and the payment goes back.
CREATE TABLE retopups (
    id         bigint          PRIMARY KEY REFERENCES history,
    user_id    bigint          NOT NULL REFERENCES users,
    amount     numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
    status     retopup_status  NOT NULL,
    tx_hash    varchar(66)     NOT NULL,
    created_at timestamptz     NOT NULL
);
CREATE INDEX retopups_by_user ON retopups (user_id, id);

CREATE TYPE transaction_action AS ENUM ('REGISTER', 'RETOPUP', 'PAYOUT_BATCH', 'WITHDRAW');
CREATE TYPE transaction_status AS ENUM ('prepared', 'submitted', 'confirmed', 'failed', 'expired');

-- Every payload that was signed for somebody, and what became of it.
CREATE TABLE transactions (
    id             uuid               PRIMARY KEY,
    -- Who it was prepared for: a wallet may not be a user yet.
    wallet_address varchar(42)        NOT NULL,
    user_id        bigint             REFERENCES users,
    action         transaction_action NOT NULL,
    -- The full EIP-712 typed data.
    payload        jsonb              NOT NULL,
    signature      varchar            ,
    -- The contract's nonce of the account that the payload uses up (register, retopup).
    nonce          bigint,
    status         transaction_status NOT NULL,
    tx_hash        varchar(66),
    -- The payload's deadline, in block time.
    expires_at     timestamptz,
    created_at     timestamptz        NOT NULL,
    updated_at     timestamptz        NOT NULL
);
CREATE INDEX transactions_by_wallet ON transactions (wallet_address, created_at);
CREATE INDEX transactions_open ON transactions (wallet_address, nonce) WHERE status IN ('prepared', 'submitted');

-- The seat that a registration would have taken when its payload was prepared. A quote, never a reservation.
CREATE TABLE placement_quotes (
    transaction_id uuid        PRIMARY KEY REFERENCES transactions,
    level          int         NOT NULL,
    tree_number    int         NOT NULL,
    queue_index    bigint      NOT NULL,
    parent_index   bigint,
    created_at     timestamptz NOT NULL
);

-- Refresh tokens by hash; a family is one sign-in, ended as a whole by logout or by reuse of a spent token.
CREATE TABLE refresh_tokens (
    id             uuid        PRIMARY KEY,
    family         uuid        NOT NULL,
    wallet_address varchar(42) NOT NULL,
    token_hash     bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    issued_at      timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    revoked_at     timestamptz
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);

-- Answers already given, so that the same request again gets the same answer.
CREATE TABLE idempotency_keys (
    actor      varchar(80) NOT NULL,
    key        varchar(200) NOT NULL,
    operation  text        NOT NULL,
    body_hash  bytea       NOT NULL CHECK (octet_length(body_hash) = 32),
    -- NULL while the first request is still being answered.
    status     int,
    response   jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);

-- Append-only: who did what. Rows are never updated or deleted.
CREATE TABLE audit_logs (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text        NOT NULL,
    action     text        NOT NULL,
    subject    text        NOT NULL,
    detail     jsonb       NOT NULL
);

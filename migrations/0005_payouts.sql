-- Payout batches, what the contract paid, published roots, reconciliations.

CREATE TYPE batch_state AS ENUM (
    'building', 'signed', 'queued', 'broadcast', 'included', 'final', 'settled', 'expired', 'abandoned'
);

-- One batch: cumulative totals of up to 200 accounts over one point of the history.
CREATE TABLE payout_batches (
    id         uuid            PRIMARY KEY,
    number     bigint          NOT NULL UNIQUE CHECK (number >= 1),
    state      batch_state     NOT NULL,
    seq        bigint          NOT NULL REFERENCES history,
    head       bytea           NOT NULL CHECK (octet_length(head) = 32),
    -- Zero: it publishes no root.
    root       bytea           NOT NULL CHECK (octet_length(root) = 32),
    max_total  numeric(38, 18) NOT NULL CHECK (max_total >= 0 AND max_total <> 'NaN'),
    deadline   timestamptz,
    signature  bytea,
    digest     bytea,
    -- Why it did not go on, for people.
    reason     text,
    requested_by text          NOT NULL,
    -- The block that the books stood at when it was built: its execution is in a later one.
    built_block bigint         NOT NULL CHECK (built_block >= 0),
    -- The transaction that succeeded and its block, while one has; 'final' says that they stay.
    tx_hash    varchar(66),
    block_number bigint,
    -- The contract's number of the execution.
    out        bigint,
    created_at timestamptz     NOT NULL,
    updated_at timestamptz     NOT NULL,
    CHECK (state IN ('building', 'abandoned', 'expired') OR (signature IS NOT NULL AND deadline IS NOT NULL)),
    CHECK (state NOT IN ('included', 'final', 'settled') OR (tx_hash IS NOT NULL AND block_number IS NOT NULL)),
    CHECK ((state = 'settled') = (out IS NOT NULL))
);
CREATE INDEX payout_batches_open ON payout_batches (number) WHERE state NOT IN ('settled', 'expired', 'abandoned');

CREATE TABLE payout_items (
    batch_id   uuid            NOT NULL REFERENCES payout_batches,
    user_id    bigint          NOT NULL REFERENCES users,
    -- What the account has earned in all, and what of it this batch is to pay.
    cumulative numeric(38, 18) NOT NULL CHECK (cumulative > 0 AND cumulative <> 'NaN'),
    amount     numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN' AND amount <= cumulative),
    -- The batch still holds the account; an account is in one open batch at most.
    open       boolean         NOT NULL DEFAULT true,
    PRIMARY KEY (batch_id, user_id)
);
CREATE UNIQUE INDEX payout_items_open ON payout_items (user_id) WHERE open;
ALTER TABLE rewards ADD FOREIGN KEY (batch_id) REFERENCES payout_batches;

-- reverted: it is in a finalized block and did nothing; replaced: another transaction used its nonce.
CREATE TYPE attempt_outcome AS ENUM (
    'written', 'accepted', 'refused', 'unknown', 'included', 'reverted', 'replaced'
);

-- Each sending of a batch's transaction, on disk before it is on the wire.
CREATE TABLE payout_attempts (
    batch_id     uuid            NOT NULL REFERENCES payout_batches,
    attempt      int             NOT NULL CHECK (attempt >= 1),
    nonce        bigint          NOT NULL CHECK (nonce >= 0),
    tx_hash      varchar(66)     NOT NULL UNIQUE,
    raw          bytea           NOT NULL,
    -- The caps on a unit of gas: in all, and above the base fee.
    max_fee_wei  bigint          NOT NULL CHECK (max_fee_wei >= 0),
    priority_fee_wei bigint      NOT NULL CHECK (priority_fee_wei BETWEEN 0 AND max_fee_wei),
    outcome      attempt_outcome NOT NULL,
    -- Why a node refused it, as a word of ours, and the node's own words.
    refusal      text,
    detail       text,
    -- When it was last handed to a node; NULL: never, as far as is known.
    sent_at      timestamptz,
    created_at   timestamptz     NOT NULL,
    updated_at   timestamptz     NOT NULL,
    PRIMARY KEY (batch_id, attempt),
    CHECK ((outcome = 'refused') = (refusal IS NOT NULL))
);
CREATE INDEX payout_attempts_by_nonce ON payout_attempts (nonce);

CREATE TYPE payout_kind AS ENUM ('paid', 'owed', 'owed_withdrawn');

-- What left the contract or became owed, as its events say: one row for each account and out number.
CREATE TABLE payouts (
    out          bigint          NOT NULL CHECK (out >= 1),
    user_id      bigint          NOT NULL REFERENCES users,
    kind         payout_kind     NOT NULL,
    amount       numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
    -- All that was ever sent to or made owed to the account; NULL on a withdrawal of what was owed.
    paid_total   numeric(38, 18) CHECK (paid_total >= amount AND paid_total <> 'NaN'),
    destination  varchar(42),
    tx_hash      varchar(66)     NOT NULL,
    block_number bigint          NOT NULL,
    log_index    bigint          NOT NULL,
    at           timestamptz     NOT NULL,
    PRIMARY KEY (out, user_id),
    FOREIGN KEY (block_number, log_index) REFERENCES chain_events,
    CHECK ((kind = 'owed_withdrawn') = (paid_total IS NULL))
);
CREATE INDEX payouts_by_user ON payouts (user_id, out);
CREATE INDEX payouts_by_tx ON payouts (tx_hash);

-- Entitlement roots that the contract published. The standing one is the last that is not voided.
CREATE TABLE published_roots (
    block_number bigint      NOT NULL,
    log_index    bigint      NOT NULL,
    seq          bigint      NOT NULL REFERENCES history,
    root         bytea       NOT NULL CHECK (octet_length(root) = 32),
    at           timestamptz NOT NULL,
    voided       boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (block_number, log_index),
    FOREIGN KEY (block_number, log_index) REFERENCES chain_events
);

-- all: every reward and seat was compared row by row; sample: those of some users.
CREATE TYPE reconciliation_scope AS ENUM ('all', 'sample');

-- One comparison of chain and books at one finalized block, with every figure it compared.
CREATE TABLE reconciliations (
    id            uuid        PRIMARY KEY,
    -- In the order in which they were stored; given under the books' lock, so that none appears behind a later one.
    run           bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    scope         reconciliation_scope NOT NULL,
    -- The last run that was stored when this one read the books; 0: there was none.
    after_run     bigint      NOT NULL CHECK (after_run >= 0),
    block_number  bigint      NOT NULL,
    block_hash    bytea       NOT NULL CHECK (octet_length(block_hash) = 32),
    seq           bigint      NOT NULL,
    requested_by  text        NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL,
    balanced      boolean     NOT NULL,
    -- A shortfall or an account that differs: no batch is built until a later run of all is clean.
    stops_batches boolean     NOT NULL,
    figures       jsonb       NOT NULL,
    CHECK (after_run < run)
);
CREATE INDEX reconciliations_by_time ON reconciliations (finished_at);
CREATE INDEX reconciliations_that_stop ON reconciliations (run) WHERE stops_batches;
CREATE INDEX reconciliations_that_lift ON reconciliations (after_run) WHERE scope = 'all' AND NOT stops_batches;

-- What stops batches: each run that said so, until one of all that read the books after it says otherwise. A sample may
-- have looked elsewhere, and a run that began before may have missed what came since.
CREATE VIEW standing_stops AS
SELECT id, run, block_number
FROM reconciliations
WHERE stops_batches AND run > coalesce(
    (SELECT max(after_run) FROM reconciliations WHERE scope = 'all' AND NOT stops_batches), 0);

CREATE TABLE reconciliation_differences (
    reconciliation_id uuid    NOT NULL REFERENCES reconciliations,
    ordinal           int     NOT NULL,
    -- What kind of difference, such as 'reward_missing'; the service documents the list.
    kind              text    NOT NULL,
    stops_batches     boolean NOT NULL,
    wallet_address    varchar(42),
    expected          text    NOT NULL,
    found             text    NOT NULL,
    -- The rows concerned, such as {"table": "rewards", "id": "1048577"}.
    evidence          jsonb   NOT NULL,
    PRIMARY KEY (reconciliation_id, ordinal)
);

-- The kill switch and other states that operators set here; none of them can raise an entitlement.
CREATE TABLE settings (
    key        text        PRIMARY KEY,
    value      jsonb       NOT NULL,
    updated_at timestamptz NOT NULL
);

-- What a replay of the raw logs found, and what a reconciliation compared of each account.

-- Interrupted runs stay 'running' here: whoever reads asks the advisory lock of replays, which ends with the process.
CREATE TYPE replay_state AS ENUM ('running', 'done', 'failed');

-- One replay: everything derived anew from the genesis on, and compared as far as it came from these blocks.
CREATE TABLE replays (
    id           uuid         PRIMARY KEY,
    run          bigint       GENERATED ALWAYS AS IDENTITY UNIQUE,
    from_block   bigint       NOT NULL CHECK (from_block >= 0),
    to_block     bigint       NOT NULL CHECK (to_block >= from_block),
    requested_by text         NOT NULL,
    state        replay_state NOT NULL,
    started_at   timestamptz  NOT NULL,
    finished_at  timestamptz,
    -- How far the logs were derived by now: logs, and the block of the last.
    events       bigint       NOT NULL DEFAULT 0 CHECK (events >= 0),
    read_to      bigint,
    -- Where the books stood when they were compared.
    block_number bigint,
    seq          bigint,
    -- What differs in all; the rows that are kept of it end at a thousand.
    differences  bigint       CHECK (differences >= 0),
    -- Each table: rows derived, rows found, rows that differ.
    tables       jsonb,
    -- Why the logs of the range could not be compared with the node's; NULL: they were.
    node_silent  text,
    -- Why it failed, for people.
    reason       text,
    CHECK ((state = 'running') = (finished_at IS NULL)),
    CHECK (state <> 'done' OR (block_number IS NOT NULL AND seq IS NOT NULL AND differences IS NOT NULL AND tables IS NOT NULL)),
    CHECK ((state = 'failed') = (reason IS NOT NULL))
);

CREATE TABLE replay_differences (
    replay_id   uuid NOT NULL REFERENCES replays,
    ordinal     int  NOT NULL,
    table_name  text NOT NULL,
    -- The row's key in words of its columns, such as 'out 3, user_id 7'.
    row_key     text NOT NULL,
    -- NULL: the row is not there, or should not be.
    column_name text,
    expected    text NOT NULL,
    found       text NOT NULL,
    PRIMARY KEY (replay_id, ordinal)
);

-- What reconciliations compared of each account. A run has a row here only where something is not as the account's
-- last row says, so that of any run the figures of an account are those of its last row up to that run.
CREATE TABLE reconciliation_accounts (
    user_id        bigint          NOT NULL,
    run            bigint          NOT NULL REFERENCES reconciliations (run),
    wallet_address varchar(42)     NOT NULL,
    -- The contract's word: what it ever sent or made owed, and what of it it owes.
    chain_paid     numeric(38, 18) NOT NULL,
    chain_owed     numeric(38, 18) NOT NULL,
    chain_frozen   boolean         NOT NULL,
    chain_registered boolean       NOT NULL,
    -- What follows from the history; NULL if it could not be judged.
    earned         numeric(38, 18),
    earned_reserved numeric(38, 18),
    -- The books' word: balances, and what the payouts add up to.
    payable        numeric(38, 18) NOT NULL,
    in_batch       numeric(38, 18) NOT NULL,
    reserved       numeric(38, 18) NOT NULL,
    owed           numeric(38, 18) NOT NULL,
    paid           numeric(38, 18) NOT NULL,
    frozen         boolean         NOT NULL,
    PRIMARY KEY (user_id, run)
);
CREATE INDEX reconciliation_accounts_by_run ON reconciliation_accounts (run);

GRANT SELECT ON replays, replay_differences, reconciliation_accounts TO banyan_app, banyan_read;
GRANT INSERT ON replays, replay_differences, reconciliation_accounts TO banyan_app;
GRANT UPDATE (state, finished_at, events, read_to, block_number, seq, differences, tables, node_silent, reason)
    ON replays TO banyan_app;

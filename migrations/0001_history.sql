-- What came from the chain, as it came, and how far it was read.

-- Three roles: whoever migrates owns everything; the services and the readers own nothing.
-- Roles belong to the whole cluster, so another database's migration may have made them already.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY ['banyan_app', 'banyan_read'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;

-- Every log of the contract. Rows are facts: never updated, never deleted.
CREATE TABLE chain_events (
    block_number bigint      NOT NULL CHECK (block_number >= 0),
    log_index    bigint      NOT NULL CHECK (log_index >= 0),
    block_hash   bytea       NOT NULL CHECK (octet_length(block_hash) = 32),
    block_time   timestamptz NOT NULL,
    tx_hash      bytea       NOT NULL CHECK (octet_length(tx_hash) = 32),
    topics       bytea[]     NOT NULL CHECK (cardinality(topics) BETWEEN 0 AND 4),
    data         bytea       NOT NULL,
    PRIMARY KEY (block_number, log_index)
);

CREATE TYPE history_kind AS ENUM ('GENESIS', 'REGISTRATION', 'RETOPUP', 'DIRECTIVE');
CREATE TYPE history_outcome AS ENUM ('applied', 'refused', 'recorded');

-- The contract's history, decoded and judged: one row for each seq, without gaps.
CREATE TABLE history (
    seq            bigint          PRIMARY KEY CHECK (seq >= 0),
    kind           history_kind    NOT NULL,
    at             timestamptz     NOT NULL,
    head           bytea           NOT NULL CHECK (octet_length(head) = 32),
    wallet_address varchar(42),
    sponsor        varchar(42),
    plan           bytea           CHECK (octet_length(plan) = 32),
    amount         numeric(38, 18) NOT NULL CHECK (amount >= 0 AND amount <> 'NaN'),
    directive      text,
    data           bytea,
    -- applied: the plan took it; refused: the plan did not, a payment went back to its payer; recorded: it moves nothing.
    outcome        history_outcome NOT NULL,
    reason         text,
    block_number   bigint          NOT NULL,
    log_index      bigint          NOT NULL,
    tx_hash        varchar(66)     NOT NULL,
    FOREIGN KEY (block_number, log_index) REFERENCES chain_events,
    UNIQUE (block_number, log_index),
    CHECK (outcome <> 'refused' OR reason IS NOT NULL)
);
CREATE INDEX history_by_wallet ON history (wallet_address, seq);
-- The few entries that decide which plan is in force.
CREATE INDEX history_decisions ON history (seq) WHERE kind IN ('GENESIS', 'DIRECTIVE');

-- How far the chain was read (the seed's blockchain_sync). One row; moved only by compare-and-swap on (last_block, epoch).
CREATE TABLE blockchain_sync (
    id              int         PRIMARY KEY CHECK (id = 1),
    chain_id        bigint      NOT NULL,
    contract        varchar(42) NOT NULL,
    last_block      bigint      NOT NULL,
    last_block_hash bytea       NOT NULL CHECK (octet_length(last_block_hash) = 32),
    -- Grows with each process that takes over, so that one that was paused cannot go on writing.
    epoch           bigint      NOT NULL,
    -- The last entry of the history that was applied, and its head; -1 and zeros before the genesis.
    seq             bigint      NOT NULL CHECK (seq >= -1),
    head            bytea       NOT NULL CHECK (octet_length(head) = 32),
    -- The last outflow number that was applied.
    out             bigint      NOT NULL CHECK (out >= 0),
    -- Set when the listener refuses to go on; the reason is for people.
    halted          text,
    -- Time of the last block read, so that the row depends on the chain alone.
    updated_at      timestamptz NOT NULL
);

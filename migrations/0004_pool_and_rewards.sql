-- Trees, seats and rewards, as the engine decided them.

CREATE TYPE pool_status AS ENUM ('active', 'completed');
CREATE TYPE seat_position AS ENUM ('left', 'right', 'root');
CREATE TYPE seat_status AS ENUM ('pending', 'active', 'completed');

-- One tree of one level. Ids follow from level and number: they are the same on every machine.
CREATE TABLE pools (
    id           bigint      PRIMARY KEY,
    level        int         NOT NULL CHECK (level BETWEEN 1 AND 1023),
    tree_number  int         NOT NULL CHECK (tree_number BETWEEN 1 AND 1023),
    -- 'completed': full, and the level's next tree takes the newcomers.
    status       pool_status NOT NULL,
    root_user_id bigint      REFERENCES users,
    -- Seats taken so far, and the lowest index that no seat has: the next breadth-first place.
    seats        bigint      NOT NULL CHECK (seats >= 0),
    next_index   bigint      NOT NULL CHECK (next_index >= 1),
    -- Boards completed in this tree.
    completions  bigint      NOT NULL CHECK (completions >= 0),
    created_at   timestamptz NOT NULL,
    completed_at timestamptz,
    UNIQUE (level, tree_number),
    CHECK (id = level * 1024 + tree_number),
    CHECK ((status = 'completed') = (completed_at IS NOT NULL))
);

-- One seat. The id is the pool's id and the breadth-first index in it.
CREATE TABLE seats (
    id           bigint          PRIMARY KEY,
    pool_id      bigint          NOT NULL REFERENCES pools,
    queue_index  bigint          NOT NULL CHECK (queue_index BETWEEN 1 AND 4294967295),
    user_id      bigint          NOT NULL REFERENCES users,
    -- The entry of the history that brought it, and whether a directive placed it.
    seq          bigint          NOT NULL REFERENCES history,
    manual       boolean         NOT NULL,
    price        numeric(38, 18) NOT NULL CHECK (price > 0 AND price <> 'NaN'),
    status       seat_status     NOT NULL,
    completed_seq bigint         REFERENCES history,
    -- What its reserve became when it ended; NULL while it runs.
    spent        numeric(38, 18) CHECK (spent >= 0 AND spent <> 'NaN'),
    released     numeric(38, 18) CHECK (released >= 0 AND released <> 'NaN'),
    created_at   timestamptz     NOT NULL,
    CHECK (id = pool_id * 4294967296 + queue_index)
);
CREATE INDEX seats_by_user ON seats (user_id, id);

CREATE TYPE reward_type AS ENUM (
    'DIRECT', 'POOL_L1', 'POOL_L2', 'POOL_L3', 'LEVEL',
    -- What a reserve released.
    'BONUS',
    'GRANT', 'REFUSED', 'SEAT_REFUND',
    -- The company's.
    'COMPANY_FEE', 'POOL_COMPANY', 'POOL_BREAKAGE', 'LEVEL_BREAKAGE', 'DIRECTIVE'
);
CREATE TYPE reward_state AS ENUM ('payable', 'reserved', 'spent', 'batched', 'settled', 'owed');
CREATE TYPE reward_status AS ENUM ('pending', 'batched', 'settled', 'failed');

-- One amount credited to one account for one cause.
CREATE TABLE rewards (
    -- (seq, ordinal) in one number.
    id             bigint          PRIMARY KEY,
    seq            bigint          NOT NULL REFERENCES history,
    ordinal        int             NOT NULL CHECK (ordinal BETWEEN 0 AND 1048575),
    user_id        bigint          NOT NULL REFERENCES users,
    -- Who triggered it; for BONUS the receiver.
    source_user_id bigint          NOT NULL REFERENCES users,
    pool_id        bigint          REFERENCES pools,
    -- The receiver's seat that earned it, for which it is reserved if it is.
    seat_id        bigint          REFERENCES seats,
    type           reward_type     NOT NULL,
    depth          int             CHECK (depth >= 1),
    amount         numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
    -- What the account has earned in all with this reward; NULL if it was reserved, for then it earned nothing yet.
    cumulative     numeric(38, 18) CHECK (cumulative >= amount AND cumulative <> 'NaN'),
    -- spent: a completed board's reserve (it bought the next ticket, and a BONUS released the rest).
    -- owed: the contract could not deliver it and owes it to the account.
    state          reward_state    NOT NULL,
    -- The seed's words for the state.
    status         reward_status   NOT NULL GENERATED ALWAYS AS (
        CASE state
            WHEN 'payable' THEN 'pending'::reward_status
            WHEN 'reserved' THEN 'pending'::reward_status
            WHEN 'batched' THEN 'batched'::reward_status
            WHEN 'owed' THEN 'failed'::reward_status
            ELSE 'settled'::reward_status
        END
    ) STORED,
    batch_id       uuid,
    tx_hash        varchar(66),
    created_at     timestamptz     NOT NULL,
    updated_at     timestamptz     NOT NULL,
    CHECK (id = seq * 1048576 + ordinal),
    CHECK ((cumulative IS NULL) = (state IN ('reserved', 'spent'))),
    CHECK (state NOT IN ('reserved', 'spent') OR seat_id IS NOT NULL)
);
CREATE INDEX rewards_by_user ON rewards (user_id, id);
CREATE INDEX rewards_unpaid ON rewards (user_id, id) WHERE state IN ('payable', 'batched');
CREATE INDEX rewards_reserved ON rewards (seat_id) WHERE state = 'reserved';
CREATE INDEX rewards_in_batch ON rewards (batch_id) WHERE batch_id IS NOT NULL;

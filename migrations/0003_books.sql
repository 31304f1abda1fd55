-- The double-entry books. A posting moves one amount from one account to another, so a transaction cannot be written
-- out of balance: there is no row that could say so.

-- funds    what the contract holds (the only asset: a debit raises it)
-- payable  credited to a participant and not yet taken into a batch or paid; owner: users.id
-- reserved held back for a seat's next ticket; owner: seats.id
-- in_batch taken into a payout batch that is not finished; owner: users.id
-- owed     what the contract could not deliver and owes; owner: users.id
-- suspense what could not be applied and waits for a person; owner 0
-- excess   forced into the contract by nobody's decision; owner 0
CREATE TYPE account_kind AS ENUM ('funds', 'payable', 'reserved', 'in_batch', 'owed', 'suspense', 'excess');

-- entry         an entry of the contract's history; ref is its seq
-- outflow       money that left, or became owed; ref is its out number
-- batch_built   a payout batch took payable amounts; ref is the batch's number
-- batch_closed  it gave back what it did not pay; ref is the batch's number
-- excess        a reconciliation booked forced ether; ref is the block number
CREATE TYPE cause_kind AS ENUM ('entry', 'outflow', 'batch_built', 'batch_closed', 'excess');

-- Balances are what the postings say: only the trigger below writes them.
CREATE TABLE accounts (
    kind    account_kind    NOT NULL,
    owner   bigint          NOT NULL CHECK (owner >= 0),
    -- On the account's normal side: debits minus credits for funds, credits minus debits for all others.
    balance numeric(38, 18) NOT NULL CHECK (balance <> 'NaN'),
    PRIMARY KEY (kind, owner),
    CHECK (kind NOT IN ('funds', 'suspense', 'excess') OR owner = 0),
    -- Nobody's balance falls below zero, but for the company's (a plan may make it pay first) and suspense.
    CONSTRAINT no_balance_below_zero CHECK (balance >= 0 OR kind = 'suspense' OR (kind = 'payable' AND owner = 0))
);

CREATE TABLE journal_transactions (
    cause        cause_kind  NOT NULL,
    ref          bigint      NOT NULL CHECK (ref >= 0),
    at           timestamptz NOT NULL,
    -- The chain's block that the books stood at: that of the event, or the cursor's for an operator's action.
    block_number bigint      NOT NULL CHECK (block_number >= 0),
    -- Ordinal of its last posting: how many there are, so that none can be added or left out.
    last_ordinal int         NOT NULL CHECK (last_ordinal >= 0),
    -- What was booked, hashed, so that the same cause with another content is noticed.
    content_hash bytea       NOT NULL CHECK (octet_length(content_hash) = 32),
    PRIMARY KEY (cause, ref)
);

CREATE TABLE postings (
    cause        cause_kind      NOT NULL,
    ref          bigint          NOT NULL,
    ordinal      int             NOT NULL CHECK (ordinal >= 0),
    debit_kind   account_kind    NOT NULL,
    debit_owner  bigint          NOT NULL CHECK (debit_owner >= 0),
    credit_kind  account_kind    NOT NULL,
    credit_owner bigint          NOT NULL CHECK (credit_owner >= 0),
    amount       numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
    PRIMARY KEY (cause, ref, ordinal),
    FOREIGN KEY (cause, ref) REFERENCES journal_transactions,
    CHECK ((debit_kind, debit_owner) <> (credit_kind, credit_owner)),
    -- Entries bring money in and release reserves, outflows let it out or make it owed to whom it was paid, a batch
    -- takes an account's money and gives it back to the same account.
    CONSTRAINT legs_fit_the_cause CHECK (
        CASE cause
            WHEN 'entry' THEN debit_kind IN ('funds', 'reserved') AND credit_kind IN ('payable', 'reserved')
            WHEN 'outflow' THEN
                (debit_kind IN ('in_batch', 'payable', 'owed', 'suspense') AND credit_kind = 'funds')
                OR (debit_kind IN ('in_batch', 'payable') AND credit_kind = 'owed' AND debit_owner = credit_owner)
                OR (debit_kind = 'suspense' AND credit_kind = 'owed')
            WHEN 'batch_built' THEN
                debit_kind = 'payable' AND credit_kind = 'in_batch' AND debit_owner = credit_owner
            WHEN 'batch_closed' THEN
                debit_kind = 'in_batch' AND credit_kind = 'payable' AND debit_owner = credit_owner
            WHEN 'excess' THEN debit_kind = 'funds' AND credit_kind = 'excess'
        END
    )
);
-- A transaction without postings would use up its cause for nothing.
ALTER TABLE journal_transactions ADD CONSTRAINT every_transaction_has_postings
    FOREIGN KEY (cause, ref, last_ordinal) REFERENCES postings (cause, ref, ordinal) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX postings_by_debit ON postings (debit_kind, debit_owner);
CREATE INDEX postings_by_credit ON postings (credit_kind, credit_owner);

-- A posting and its effect on the two balances are one statement: no one can write the one without the other.
-- Known accounts are changed before new ones are made: an upsert alone would hold the change, not the balance, against
-- the checks. Planned anew each time, for the accounts grow and the batches differ.
CREATE FUNCTION apply_postings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    WITH changes AS (
        SELECT kind, owner, sum(change) AS change
        FROM (
            SELECT debit_kind AS kind, debit_owner AS owner,
                   CASE debit_kind WHEN 'funds' THEN amount ELSE -amount END AS change
            FROM fresh
            UNION ALL
            SELECT credit_kind, credit_owner, CASE credit_kind WHEN 'funds' THEN -amount ELSE amount END
            FROM fresh
        ) AS legs
        GROUP BY kind, owner
    ), known AS (
        UPDATE accounts a SET balance = a.balance + c.change
        FROM changes c WHERE a.kind = c.kind AND a.owner = c.owner
        RETURNING a.kind, a.owner
    )
    INSERT INTO accounts AS a (kind, owner, balance)
    SELECT kind, owner, change FROM changes
    WHERE (kind, owner) NOT IN (SELECT kind, owner FROM known)
    ON CONFLICT (kind, owner) DO UPDATE SET balance = a.balance + excluded.balance;
    RETURN NULL;
END
$$;
CREATE TRIGGER apply_postings AFTER INSERT ON postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION apply_postings();

-- A transaction's postings come in one statement, all of them; a second statement for the same cause finds its ordinals
-- taken. What they take from and put into the funds is what the contract's events say.
CREATE FUNCTION check_transactions() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    wrong record;
BEGIN
    SELECT t.cause, t.ref, t.last_ordinal, count(*) AS postings INTO wrong
    FROM fresh f JOIN journal_transactions t USING (cause, ref)
    GROUP BY t.cause, t.ref
    HAVING count(*) <> t.last_ordinal + 1 OR max(f.ordinal) <> t.last_ordinal
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % % has % postings, numbered from 0, written together; got %',
            wrong.cause, wrong.ref, wrong.last_ordinal + 1, wrong.postings
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'postings_come_together';
    END IF;

    SELECT booked.cause, booked.ref, booked.change, event.change AS expected INTO wrong
    FROM (
        SELECT cause, ref, coalesce(sum(amount) FILTER (WHERE 'funds' IN (debit_kind, credit_kind)), 0) AS change
        FROM fresh WHERE cause IN ('entry', 'outflow') GROUP BY cause, ref
    ) AS booked
    LEFT JOIN LATERAL (
        SELECT h.amount AS change FROM history h WHERE booked.cause = 'entry' AND h.seq = booked.ref
        UNION ALL
        SELECT coalesce(sum(p.amount) FILTER (WHERE p.kind <> 'owed'), 0) FROM payouts p
        WHERE booked.cause = 'outflow' AND p.out = booked.ref HAVING count(*) > 0
    ) AS event ON true
    WHERE booked.change IS DISTINCT FROM event.change
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% % moves % of the funds, but the contract''s events say %',
            wrong.cause, wrong.ref, wrong.change, coalesce(wrong.expected::text, 'nothing of it')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'funds_move_as_the_chain_says';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER check_transactions AFTER INSERT ON postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_transactions();

-- Facts are written once. This holds for the owner of the tables too.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Book a correcting transaction with a cause of its own.';
END
$$;
DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY ['journal_transactions', 'postings', 'chain_events', 'history', 'audit_logs'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', table_name);
    END LOOP;
END
$$;

-- Balances are written by the postings' own trigger, one level down; a statement of anybody's, the owner's included, is
-- at the top level.
CREATE FUNCTION refuse_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts is written by postings only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Book a transaction.';
END
$$;
CREATE TRIGGER postings_only BEFORE INSERT OR UPDATE OR DELETE ON accounts
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_balance();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_balance();

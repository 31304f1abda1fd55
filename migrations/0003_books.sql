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
    CHECK ((debit_kind, debit_owner) <> (credit_kind, credit_owner))
);
CREATE INDEX postings_by_debit ON postings (debit_kind, debit_owner);
CREATE INDEX postings_by_credit ON postings (credit_kind, credit_owner);

-- A posting and its effect on the two balances are one statement: no one can write the one without the other.
CREATE FUNCTION apply_postings() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO accounts AS a (kind, owner, balance)
    SELECT kind, owner, sum(change)
    FROM (
        SELECT debit_kind AS kind, debit_owner AS owner,
               CASE debit_kind WHEN 'funds' THEN amount ELSE -amount END AS change
        FROM fresh
        UNION ALL
        SELECT credit_kind, credit_owner, CASE credit_kind WHEN 'funds' THEN -amount ELSE amount END
        FROM fresh
    ) AS changes
    GROUP BY kind, owner
    ORDER BY kind, owner
    ON CONFLICT (kind, owner) DO UPDATE SET balance = a.balance + excluded.balance;
    RETURN NULL;
END
$$;
CREATE TRIGGER apply_postings AFTER INSERT ON postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION apply_postings();

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

-- The journal by calendar month, its seals, and the outbox. What a database of the release before has is carried over.
--
-- Two rules make a partitioned journal as strict as one table. A cause is used once over all months because every
-- transaction leaves its cause in a table that has no months. And a month's tables take no statement addressed to
-- them, so that everything comes through the journal's own checks.

-- What is carried over is kept beside until it is in its months.
ALTER TABLE journal_transactions DROP CONSTRAINT every_transaction_has_postings;
DROP TRIGGER append_only ON postings;
DROP TRIGGER append_only ON journal_transactions;
DROP TRIGGER apply_postings ON postings;
DROP TRIGGER check_transactions ON postings;
DROP FUNCTION check_transactions();
DROP INDEX postings_by_debit, postings_by_credit;
ALTER TABLE postings DROP CONSTRAINT postings_cause_ref_fkey, DROP CONSTRAINT postings_pkey;
ALTER TABLE journal_transactions DROP CONSTRAINT journal_transactions_pkey;
ALTER TABLE postings RENAME TO postings_of_0006;
ALTER TABLE journal_transactions RENAME TO journal_transactions_of_0006;

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
    PRIMARY KEY (cause, ref, at)
) PARTITION BY RANGE (at);

CREATE TABLE postings (
    cause        cause_kind      NOT NULL,
    ref          bigint          NOT NULL,
    ordinal      int             NOT NULL CHECK (ordinal >= 0),
    -- Time and block of its transaction, so that a question about a moment reads the months before it and no more.
    at           timestamptz     NOT NULL,
    block_number bigint          NOT NULL,
    debit_kind   account_kind    NOT NULL,
    debit_owner  bigint          NOT NULL CHECK (debit_owner >= 0),
    credit_kind  account_kind    NOT NULL,
    credit_owner bigint          NOT NULL CHECK (credit_owner >= 0),
    amount       numeric(38, 18) NOT NULL CHECK (amount > 0 AND amount <> 'NaN'),
    PRIMARY KEY (cause, ref, ordinal, at),
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
) PARTITION BY RANGE (at);
CREATE INDEX postings_by_debit ON postings (debit_kind, debit_owner);
CREATE INDEX postings_by_credit ON postings (credit_kind, credit_owner);

-- Every cause that was used, whatever the month. Written by the journal's own trigger only.
CREATE TABLE journal_causes (
    cause        cause_kind  NOT NULL,
    ref          bigint      NOT NULL,
    at           timestamptz NOT NULL,
    -- The transaction's, so that what is booked already is known without looking through the months.
    content_hash bytea       NOT NULL,
    PRIMARY KEY (cause, ref)
);

-- Transactions that wait for their seal, in the order in which they were booked.
CREATE TABLE journal_unsealed (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause        cause_kind  NOT NULL,
    ref          bigint      NOT NULL,
    at           timestamptz NOT NULL,
    block_number bigint      NOT NULL
);

-- A transaction's place in the chain of all of them. Only the sealer writes here.
CREATE TABLE journal_seals (
    -- From 1 on, without gaps.
    number bigint      PRIMARY KEY CHECK (number >= 1),
    cause  cause_kind  NOT NULL,
    ref    bigint      NOT NULL,
    at     timestamptz NOT NULL,
    -- SHA-256 of the hash before it (32 zeros before the first), the number, and the transaction's content.
    hash   bytea       NOT NULL CHECK (octet_length(hash) = 32)
);

-- What others are told, in the transaction that did it. Readers take what is above the last position they saw.
CREATE TABLE outbox (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What happened, such as 'entry.applied'.
    topic          text        NOT NULL,
    -- The number that the thing has on the chain or with us: a seq, an out number, a batch's number.
    reference      bigint      NOT NULL,
    -- Whom it concerns, if it is one account.
    wallet_address varchar(42),
    body           jsonb       NOT NULL,
    at             timestamptz NOT NULL,
    block_number   bigint      NOT NULL,
    -- Given by the sealer in the order of commits, without gaps: none appears behind one that was read.
    position       bigint      UNIQUE CHECK (position >= 1)
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE position IS NULL;

-- How far the sealer is. Any update of the row is a run of the sealer: what else it says is not listened to.
CREATE TABLE seal_head (
    id         int    PRIMARY KEY CHECK (id = 1),
    number     bigint NOT NULL CHECK (number >= 0),
    hash       bytea  NOT NULL CHECK (octet_length(hash) = 32),
    position   bigint NOT NULL CHECK (position >= 0),
    -- The most that a run takes of the journal, and of the outbox.
    run_limit  int    NOT NULL,
    -- What the last run took.
    sealed     int    NOT NULL,
    positioned int    NOT NULL,
    -- Reconciliations up to this run are of the release before, which did not tell when one lifted a stop.
    told_after_run bigint NOT NULL
);
INSERT INTO seal_head
SELECT 1, 0, decode(repeat('00', 32), 'hex'), 0, 0, 0, 0, coalesce(max(run), 0) FROM reconciliations;

CREATE FUNCTION refuse_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is one month of the journal: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Book through journal_transactions and postings.';
END
$$;

-- Makes the months from one moment to another, those that are missing; how many it made. The services may ask for it.
CREATE FUNCTION ensure_journal_months(from_at timestamptz, to_at timestamptz) RETURNS int LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', from_at);
    made int := 0;
    parent text;
    child text;
BEGIN
    IF to_at >= from_at + interval '10 years' OR from_at < 'epoch' OR to_at >= '2200-01-01' THEN
        RAISE EXCEPTION 'expected at most 10 years of months between 1970 and 2200, got % to %', from_at, to_at
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    WHILE month <= to_at LOOP
        FOREACH parent IN ARRAY ARRAY ['journal_transactions', 'postings'] LOOP
            child := parent || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            PERFORM pg_advisory_xact_lock(hashtext('journal_months'));
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            -- Made beside and then attached: readers and writers of the journal go on meanwhile.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, child, month, month + interval '1 month');
            EXECUTE format('CREATE TRIGGER month_is_closed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION refuse_month()', child);
            made := made + 1;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END
$$;

-- The release before's journal moves into its months; balances are what they were.
DO $$
DECLARE
    month timestamptz;
    before_it record;
    after_it record;
BEGIN
    FOR month IN SELECT DISTINCT date_trunc('month', at, 'UTC') FROM journal_transactions_of_0006 LOOP
        PERFORM ensure_journal_months(month, month);
    END LOOP;
    INSERT INTO journal_transactions (cause, ref, at, block_number, last_ordinal, content_hash)
    SELECT cause, ref, at, block_number, last_ordinal, content_hash FROM journal_transactions_of_0006
    ORDER BY block_number, cause, ref;
    INSERT INTO postings (cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind, credit_owner,
                          amount)
    SELECT cause, ref, ordinal, at, block_number, debit_kind, debit_owner, credit_kind, credit_owner, amount
    FROM postings_of_0006 JOIN journal_transactions_of_0006 USING (cause, ref)
    ORDER BY block_number, cause, ref, ordinal;
    INSERT INTO journal_causes (cause, ref, at, content_hash)
    SELECT cause, ref, at, content_hash FROM journal_transactions ORDER BY block_number, cause, ref;
    INSERT INTO journal_unsealed (cause, ref, at, block_number)
    SELECT cause, ref, at, block_number FROM journal_transactions ORDER BY block_number, cause, ref;

    SELECT (SELECT count(*) FROM journal_transactions_of_0006) AS transactions, count(*) AS postings,
           sum(amount) AS moved
    INTO before_it FROM postings_of_0006;
    SELECT (SELECT count(*) FROM journal_transactions) AS transactions, count(*) AS postings, sum(amount) AS moved
    INTO after_it FROM postings;
    IF before_it IS DISTINCT FROM after_it THEN
        RAISE EXCEPTION 'expected % transactions, postings and their sum in the months, got %', before_it, after_it;
    END IF;
END
$$;
DROP TABLE postings_of_0006;
DROP TABLE journal_transactions_of_0006;

-- A transaction and its postings are written by one statement (the one in the other's WITH), so that either is there
-- when the other is checked, and nothing waits for the end of the database transaction. All checks are of sets: what
-- was written, against the rows of the same months. Each transaction is looked up by its key, in a subquery that the planner
-- leaves one: a month without statistics looks to it as if a span of time held one row.
CREATE FUNCTION check_transactions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    first_at timestamptz;
    last_at timestamptz;
    wrong record;
BEGIN
    SELECT min(at), max(at) INTO first_at, last_at FROM fresh;
    IF first_at IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT f.cause, f.ref, f.last_ordinal INTO wrong
    FROM fresh f
    WHERE (
        SELECT count(*) FROM postings p
        WHERE p.cause = f.cause AND p.ref = f.ref AND p.ordinal = f.last_ordinal AND p.at = f.at
          AND p.at BETWEEN first_at AND last_at
    ) = 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % % has no posting %', wrong.cause, wrong.ref, wrong.last_ordinal
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'every_transaction_has_postings',
                  HINT = 'Write a transaction and its postings in one statement.';
    END IF;
    INSERT INTO journal_causes (cause, ref, at, content_hash) SELECT cause, ref, at, content_hash FROM fresh;
    INSERT INTO journal_unsealed (cause, ref, at, block_number)
    SELECT cause, ref, at, block_number FROM fresh ORDER BY block_number, cause, ref;
    RETURN NULL;
END
$$;

CREATE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    first_at timestamptz;
    last_at timestamptz;
    released boolean;
    wrong record;
BEGIN
    SELECT min(at), max(at), bool_or(debit_kind = 'reserved') INTO first_at, last_at, released FROM fresh;
    IF first_at IS NULL THEN
        RETURN NULL;
    END IF;

    SELECT f.cause, f.ref, f.postings, t.last_ordinal INTO wrong
    FROM (
        SELECT cause, ref, at, count(*) AS postings, max(ordinal) AS last_ordinal, min(block_number) AS first_block,
               max(block_number) AS last_block
        FROM fresh GROUP BY cause, ref, at
    ) AS f
    LEFT JOIN LATERAL (
        SELECT b.last_ordinal, b.block_number FROM journal_transactions b
        WHERE b.cause = f.cause AND b.ref = f.ref AND b.at = f.at AND b.at BETWEEN first_at AND last_at OFFSET 0
    ) AS t ON true
    WHERE t.last_ordinal IS DISTINCT FROM f.last_ordinal OR t.last_ordinal + 1 <> f.postings
       OR t.block_number <> f.first_block OR t.block_number <> f.last_block
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % % has % postings, numbered from 0, of its time and block, written together; got %',
            wrong.cause, wrong.ref, coalesce(wrong.last_ordinal + 1, 0), wrong.postings
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'postings_come_together',
                  HINT = 'Write a transaction and its postings in one statement.';
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

    IF NOT released THEN
        RETURN NULL;
    END IF;
    -- A reserve ends once, whole, by an entry that the plan applied: what leaves it is what its seat says, and each part
    -- of it is a reward.
    SELECT f.ref, f.debit_owner, f.left_it, s.spent + s.released AS ended INTO wrong
    FROM (
        SELECT p.ref, p.debit_owner, sum(p.amount) AS left_it, bool_and(r.id IS NOT NULL) AS rewarded
        FROM fresh p
        LEFT JOIN rewards r ON r.id = p.ref * 1048576 + p.ordinal AND r.amount = p.amount
        WHERE p.debit_kind = 'reserved' GROUP BY p.ref, p.debit_owner
    ) AS f
    LEFT JOIN history h ON h.seq = f.ref
    LEFT JOIN seats s ON s.id = f.debit_owner
    WHERE h.outcome IS DISTINCT FROM 'applied' OR h.kind = 'GENESIS' OR NOT f.rewarded
       OR s.spent + s.released IS DISTINCT FROM f.left_it
       OR (s.completed_seq IS DISTINCT FROM f.ref AND h.directive IS DISTINCT FROM 'WIND_UP')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % takes % out of the reserve of seat %, which did not end by it with that: %',
            wrong.ref, wrong.left_it, wrong.debit_owner, coalesce(wrong.ended::text, 'it has not ended')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'reserves_end_with_their_seat';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER check_transactions AFTER INSERT ON journal_transactions
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_transactions();
CREATE TRIGGER apply_postings AFTER INSERT ON postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION apply_postings();
CREATE TRIGGER check_postings AFTER INSERT ON postings
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_postings();

-- A transaction's content: SHA-256 over its row and its postings in order, each column as PostgreSQL sends it in binary,
-- words ended by a zero byte. So it is the stored rows themselves that are hashed.
CREATE FUNCTION journal_row_bytes(t journal_transactions) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT enum_send(t.cause) || '\x00' || int8send(t.ref) || timestamptz_send(t.at) || int8send(t.block_number)
        || int4send(t.last_ordinal) || t.content_hash
$$;
CREATE FUNCTION posting_row_bytes(p postings) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT enum_send(p.cause) || '\x00' || int8send(p.ref) || int4send(p.ordinal) || timestamptz_send(p.at)
        || int8send(p.block_number) || enum_send(p.debit_kind) || '\x00' || int8send(p.debit_owner)
        || enum_send(p.credit_kind) || '\x00' || int8send(p.credit_owner) || numeric_send(p.amount)
$$;

-- One run of the sealer, as an update of its row: numbers and hashes for what waits in the journal, then positions.
CREATE FUNCTION run_sealer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    told bigint[];
    taken bigint[];
    first_at timestamptz;
    last_at timestamptz;
    waiting record;
    numbers bigint[] := '{}';
    hashes bytea[] := '{}';
    run_limit int := least(greatest(NEW.run_limit, 1), 100000);
BEGIN
    NEW := OLD;
    NEW.run_limit := run_limit;
    -- Read before the journal: what is told now was committed with journal rows that the next statement sees.
    SELECT array_agg(id ORDER BY id) INTO told
    FROM (SELECT id FROM outbox WHERE position IS NULL ORDER BY id LIMIT run_limit) AS o;
    SELECT array_agg(id ORDER BY id), min(at), max(at) INTO taken, first_at, last_at
    FROM (SELECT id, at FROM journal_unsealed ORDER BY id LIMIT run_limit) AS u;

    IF taken IS NOT NULL THEN
        FOR waiting IN
            SELECT sha256(t.bytes || p.bytes) AS content
            FROM journal_unsealed u
            JOIN LATERAL (
                SELECT journal_row_bytes(b) AS bytes FROM journal_transactions b
                WHERE b.cause = u.cause AND b.ref = u.ref AND b.at = u.at AND b.at BETWEEN first_at AND last_at OFFSET 0
            ) AS t ON true
            JOIN LATERAL (
                SELECT string_agg(posting_row_bytes(o), ''::bytea ORDER BY o.ordinal) AS bytes FROM postings o
                WHERE o.cause = u.cause AND o.ref = u.ref AND o.at = u.at AND o.at BETWEEN first_at AND last_at
            ) AS p ON p.bytes IS NOT NULL
            WHERE u.id = ANY (taken)
            ORDER BY u.id
        LOOP
            NEW.number := NEW.number + 1;
            NEW.hash := sha256(NEW.hash || int8send(NEW.number) || waiting.content);
            numbers := numbers || NEW.number;
            hashes := hashes || NEW.hash;
        END LOOP;
        IF cardinality(numbers) <> cardinality(taken) THEN
            RAISE EXCEPTION 'expected % transactions of the journal to seal, found %: run `banyan ledger verify`',
                cardinality(taken), cardinality(numbers)
                USING ERRCODE = 'data_corrupted', CONSTRAINT = 'what_waits_for_a_seal_is_in_the_journal';
        END IF;
        INSERT INTO journal_seals (number, cause, ref, at, hash)
        SELECT n.number, u.cause, u.ref, u.at, n.hash
        FROM unnest(taken, numbers, hashes) AS n (id, number, hash) JOIN journal_unsealed u ON u.id = n.id;
        DELETE FROM journal_unsealed WHERE id = ANY (taken);
    END IF;
    NEW.sealed := coalesce(cardinality(taken), 0);

    -- Nothing is told before the journal that it tells of is sealed.
    IF NEW.sealed = run_limit OR told IS NULL THEN
        NEW.positioned := 0;
        RETURN NEW;
    END IF;
    UPDATE outbox o SET position = OLD.position + t.nth
    FROM unnest(told) WITH ORDINALITY AS t (id, nth) WHERE o.id = t.id;
    NEW.positioned := cardinality(told);
    NEW.position := OLD.position + NEW.positioned;
    PERFORM pg_notify('banyan_outbox', NEW.position::text);
    RETURN NEW;
END
$$;
CREATE TRIGGER run_sealer BEFORE UPDATE ON seal_head FOR EACH ROW EXECUTE FUNCTION run_sealer();

-- Seals what was committed, at most `run_limit` of the journal and of the outbox, and says where the chain stands.
-- Whether to ask again: `sealed` or `positioned` is not 0.
CREATE FUNCTION seal_journal(run_limit int) RETURNS seal_head LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    head seal_head;
BEGIN
    -- "seal" in ASCII. Held to the end, so that what one run gave is visible before the next begins.
    PERFORM pg_advisory_xact_lock(x'7365616c'::bigint);
    UPDATE seal_head h SET run_limit = seal_journal.run_limit WHERE h.id = 1 RETURNING h.* INTO STRICT head;
    RETURN head;
END
$$;

-- Nothing is signed over books that could still be told otherwise.
CREATE FUNCTION refuse_unsealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    unsealed record;
BEGIN
    SELECT u.cause, u.ref INTO unsealed FROM journal_unsealed u WHERE u.block_number <= NEW.built_block
    ORDER BY u.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'batch % cannot be signed: % % is booked up to it and not sealed',
            NEW.number, unsealed.cause, unsealed.ref
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'sealed_before_signed',
                  HINT = 'Call seal_journal first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER sealed_before_made_signed BEFORE INSERT ON payout_batches FOR EACH ROW
    WHEN (NEW.state NOT IN ('building', 'abandoned', 'expired')) EXECUTE FUNCTION refuse_unsealed();
CREATE TRIGGER sealed_before_signed BEFORE UPDATE ON payout_batches FOR EACH ROW
    WHEN (OLD.state = 'building' AND NEW.state NOT IN ('building', 'abandoned', 'expired'))
    EXECUTE FUNCTION refuse_unsealed();

-- Each stop of batches that a later clean run of all has lifted, with the first run that did.
CREATE VIEW lifted_stops AS
SELECT s.run AS stop, s.block_number AS stop_block, l.run, l.id, l.block_number, l.requested_by
FROM reconciliations s
CROSS JOIN LATERAL (
    SELECT r.run, r.id, r.block_number, r.requested_by FROM reconciliations r
    WHERE r.scope = 'all' AND NOT r.stops_batches AND r.after_run >= s.run
    ORDER BY r.run LIMIT 1
) AS l
WHERE s.stops_batches;

-- Who may store a result may store one that says that all is well; only the chain could contradict it. So a run that
-- lifts a stop cannot do so quietly: it leaves a line of the audit log and a row of the outbox that say whose session
-- it was, and `banyan ledger verify` misses the line if it is not there. Nor can it be of an earlier moment than the stop,
-- of one that was not read yet, or be stored over books that do not balance in themselves.
CREATE FUNCTION tell_lift() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stops bigint[];
    stop_block bigint;
    read_block bigint := coalesce((SELECT last_block FROM blockchain_sync WHERE id = 1), -1);
    open_sum numeric;
    session jsonb;
BEGIN
    SELECT array_agg(l.stop ORDER BY l.stop), max(l.stop_block) INTO stops, stop_block
    FROM lifted_stops l WHERE l.id = NEW.id;
    IF stops IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(CASE kind WHEN 'funds' THEN balance ELSE -balance END), 0) INTO open_sum FROM accounts;
    IF NEW.block_number < stop_block OR NEW.block_number > read_block OR open_sum <> 0 THEN
        RAISE EXCEPTION 'expected a run between block % of the stop and block % of the books, which balance; got block %, % too much',
            stop_block, read_block, NEW.block_number, open_sum
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_stop_is_lifted_by_what_came_after_it';
    END IF;
    session := jsonb_build_object(
        'stops', stops, 'run', NEW.run, 'block', NEW.block_number, 'requestedBy', NEW.requested_by,
        'role', session_user, 'application', current_setting('application_name'), 'client', inet_client_addr(),
        'backend', pg_backend_pid());
    INSERT INTO audit_logs (actor, action, subject, detail)
    VALUES (session_user, 'lift_stop', 'reconciliations/' || NEW.id, session);
    INSERT INTO outbox (topic, reference, body, at, block_number)
    VALUES ('batches.released', NEW.run, session, NEW.finished_at, NEW.block_number);
    RETURN NULL;
END
$$;
CREATE TRIGGER tell_lift AFTER INSERT ON reconciliations FOR EACH ROW
    WHEN (NEW.scope = 'all' AND NOT NEW.stops_batches) EXECUTE FUNCTION tell_lift();

CREATE FUNCTION refuse_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written by the journal and its sealer only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Book a transaction, or call seal_journal.';
END
$$;
-- The triggers above write one level down; a statement of anybody's, the owner's included, is at the top level.
DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY ['journal_transactions', 'postings'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', table_name);
    END LOOP;
    FOREACH table_name IN ARRAY ARRAY ['journal_causes', 'journal_unsealed', 'journal_seals'] LOOP
        EXECUTE format('CREATE TRIGGER sealer_only BEFORE INSERT OR UPDATE OR DELETE ON %I '
                       'FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_seal()', table_name);
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal()', table_name);
    END LOOP;
END
$$;
CREATE TRIGGER one_head BEFORE INSERT OR DELETE OR TRUNCATE ON seal_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal();
CREATE TRIGGER positions_by_sealer BEFORE UPDATE ON outbox
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_seal();
CREATE TRIGGER inserted_without_position BEFORE INSERT ON outbox
    FOR EACH ROW WHEN (NEW.position IS NOT NULL) EXECUTE FUNCTION refuse_seal();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever may make a trigger of a function could set it to work on a table of their own, and this one with the owner's
-- rights: nobody but the owner may.
REVOKE EXECUTE ON FUNCTION apply_postings(), check_transactions(), check_postings(), run_sealer(), refuse_unsealed(),
    refuse_change(), refuse_balance(), refuse_month(), refuse_seal(), tell_lift(), ensure_journal_months(timestamptz, timestamptz),
    seal_journal(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_journal_months(timestamptz, timestamptz), seal_journal(int) TO banyan_app;
GRANT SELECT ON journal_transactions, postings, journal_causes, journal_unsealed, journal_seals, seal_head, outbox,
    lifted_stops TO banyan_app, banyan_read;
GRANT INSERT ON journal_transactions, postings TO banyan_app;
GRANT INSERT (topic, reference, wallet_address, body, at, block_number) ON outbox TO banyan_app;

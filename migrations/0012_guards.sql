-- What the journal and its seals rest on, made harder to go round: what a batch is and how it goes on, the locks of the
-- money path, how many months there are, and what bookings must have behind them.
--
-- Earlier comments say that a statement of anybody's, the owner's included, is at the top level of triggers
-- (pg_trigger_depth). That is so for the services and for whoever errs. An owner who makes a trigger of their own, or
-- switches one off, gets past any trigger; `banyan ledger verify` is what finds that, reading all rows again.

-- The books are held by whoever locks this row. A row cannot be locked by who may only read, and an advisory lock can.
CREATE TABLE books_lock (id int PRIMARY KEY CHECK (id = 1));
INSERT INTO books_lock VALUES (1);
CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON books_lock
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, UPDATE ON books_lock TO banyan_app;

-- The settlement process that sends: the session that took the lead, for as long as the server has that session.
CREATE TABLE settlement_lead (
    id            int         PRIMARY KEY CHECK (id = 1),
    -- The server process of the session, and when it began: a number is used again, not with the same beginning.
    pid           int,
    backend_start timestamptz,
    taken_at      timestamptz
);
INSERT INTO settlement_lead (id) VALUES (1);
CREATE TRIGGER never_lost BEFORE INSERT OR DELETE OR TRUNCATE ON settlement_lead
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();
GRANT SELECT ON settlement_lead TO banyan_app, banyan_read;
GRANT UPDATE (pid, backend_start, taken_at) ON settlement_lead TO banyan_app;

-- A month costs locks of whoever reads all of them, so there are no more than the programme has.
CREATE OR REPLACE FUNCTION ensure_journal_months(from_at timestamptz, to_at timestamptz) RETURNS int LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', from_at);
    made int := 0;
    parent text;
    child text;
    first_at timestamptz;
    last_at timestamptz;
    months int;
BEGIN
    IF to_at >= from_at + interval '10 years' OR from_at < 'epoch' OR to_at >= '2200-01-01' THEN
        RAISE EXCEPTION 'expected at most 10 years of months between 1970 and 2200, got % to %', from_at, to_at
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    WHILE month <= to_at LOOP
        FOREACH parent IN ARRAY ARRAY ['journal_transactions', 'postings'] LOOP
            child := parent || to_char(month, '_YYYY_MM');
            CONTINUE WHEN EXISTS (
                SELECT FROM pg_inherits
                WHERE inhparent = ('public.' || parent)::regclass AND inhrelid = to_regclass('public.' || child));
            -- Two do not make months at once; readers and writers of the journal go on meanwhile, and who may only read
            -- cannot take this lock.
            LOCK TABLE ONLY journal_transactions IN SHARE UPDATE EXCLUSIVE MODE;
            CONTINUE WHEN EXISTS (
                SELECT FROM pg_inherits
                WHERE inhparent = ('public.' || parent)::regclass AND inhrelid = to_regclass('public.' || child));
            IF to_regclass('public.' || child) IS NOT NULL THEN
                RAISE EXCEPTION 'expected no table %, which is a month''s name, got one that is no month', child
                    USING ERRCODE = 'duplicate_table', HINT = 'Rename it, or drop it if nobody needs it.';
            END IF;
            first_at := date_trunc('month', (SELECT h.at FROM history h ORDER BY h.seq LIMIT 1));
            last_at := greatest(clock_timestamp(), (SELECT e.block_time FROM chain_events e ORDER BY e.block_number DESC LIMIT 1))
                + interval '13 months';
            SELECT count(*) INTO months FROM pg_inherits WHERE inhparent = 'public.postings'::regclass;
            IF months >= (CASE WHEN first_at IS NULL THEN 13 ELSE 600 END) OR month < first_at OR month > last_at THEN
                RAISE EXCEPTION 'expected a month from the genesis (%) to a year from now (%), and at most 600, got % as month %',
                    coalesce(first_at::text, 'none yet'), last_at, month, months + 1
                    USING ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'months_are_of_the_programme';
            END IF;
            -- Made beside and then attached.
            EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', child, parent);
            EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                           parent, child, month, month + interval '1 month');
            EXECUTE format('CREATE TRIGGER month_is_closed BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION refuse_month()', child);
            made := made + 1;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END
$$;

-- As before, but that it holds the books first, and finds each account by its key however many a statement moves.
CREATE OR REPLACE FUNCTION apply_postings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    PERFORM FROM books_lock WHERE id = 1 FOR UPDATE;
    WITH changes AS MATERIALIZED (
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

-- As before, but that it holds the books first: numbers of what waits for its seal are given in the order of commits.
CREATE OR REPLACE FUNCTION check_transactions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
    PERFORM FROM books_lock WHERE id = 1 FOR UPDATE;
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
CREATE FUNCTION hold_books() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM books_lock WHERE id = 1 FOR UPDATE;
    RETURN NULL;
END
$$;
-- A statement's trigger comes before its rows get their ids.
CREATE TRIGGER told_in_order BEFORE INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION hold_books();

-- The sealer begins above what it took: while somebody reads an old snapshot, the rows that it is done with lie there still.
ALTER TABLE seal_head
    ADD COLUMN taken_to bigint NOT NULL DEFAULT 0,
    ADD COLUMN told_to bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN seal_head.taken_to IS 'The highest journal_unsealed.id that was sealed';
COMMENT ON COLUMN seal_head.told_to IS 'The highest outbox.id that has its position';

CREATE OR REPLACE FUNCTION run_sealer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
    FROM (SELECT id FROM outbox WHERE position IS NULL AND id > OLD.told_to ORDER BY id LIMIT run_limit) AS o;
    SELECT array_agg(id ORDER BY id), min(at), max(at) INTO taken, first_at, last_at
    FROM (SELECT id, at FROM journal_unsealed WHERE id > OLD.taken_to ORDER BY id LIMIT run_limit) AS u;

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
        NEW.taken_to := taken[cardinality(taken)];
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
    NEW.told_to := told[cardinality(told)];
    -- A call to look, by whomever: what it says is no position to go by.
    PERFORM pg_notify('banyan_outbox', NEW.position::text);
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION seal_journal(run_limit int) RETURNS seal_head LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    head seal_head;
BEGIN
    -- Held to the end, so that what one run gave is visible before the next begins; nobody but the owner can lock it.
    PERFORM FROM seal_head h WHERE h.id = 1 FOR UPDATE;
    UPDATE seal_head h SET run_limit = seal_journal.run_limit WHERE h.id = 1 RETURNING h.* INTO STRICT head;
    RETURN head;
END
$$;

-- The books are held while it is looked: what somebody has booked and not committed is seen, or not booked yet.
CREATE OR REPLACE FUNCTION refuse_unsealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    unsealed record;
BEGIN
    PERFORM FROM books_lock WHERE id = 1 FOR UPDATE;
    SELECT u.cause, u.ref INTO unsealed FROM journal_unsealed u
    WHERE u.id > (SELECT h.taken_to FROM seal_head h WHERE h.id = 1) AND u.block_number <= NEW.built_block
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
DROP TRIGGER sealed_before_signed ON payout_batches;
CREATE TRIGGER sealed_before_signed BEFORE UPDATE ON payout_batches FOR EACH ROW
    WHEN (OLD.state IN ('building', 'abandoned', 'expired') AND NEW.state NOT IN ('building', 'abandoned', 'expired')
          OR NEW.signature IS DISTINCT FROM OLD.signature)
    EXECUTE FUNCTION refuse_unsealed();

-- What is booked has behind it what it says it has: an entry or an outflow its events, with their time and block, and of an
-- outflow each account's part; a batch its items; forced ether the reconciliation that found it. Everything is looked up by
-- its key.
CREATE OR REPLACE FUNCTION check_postings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    first_at timestamptz;
    last_at timestamptz;
    released boolean;
    causes cause_kind[];
    wrong record;
    event record;
BEGIN
    SELECT min(at), max(at), bool_or(debit_kind = 'reserved'), array_agg(DISTINCT cause)
    INTO first_at, last_at, released, causes FROM fresh;
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

    -- One look at each event; that the funds move otherwise is said before anything else.
    SELECT booked.cause, booked.ref, booked.change, said.change AS expected, booked.change IS DISTINCT FROM said.change AS funds,
           booked.at, booked.block_number, said.at AS event_at, said.block_number AS event_block, booked.owed,
           said.owed AS event_owed
    INTO event
    FROM (
        SELECT cause, ref, at, block_number,
               coalesce(sum(amount) FILTER (WHERE 'funds' IN (debit_kind, credit_kind)), 0) AS change,
               coalesce(sum(amount) FILTER (WHERE credit_kind = 'owed'), 0) AS owed
        FROM fresh WHERE cause IN ('entry', 'outflow') GROUP BY cause, ref, at, block_number
    ) AS booked
    LEFT JOIN LATERAL (
        SELECT h.amount AS change, 0::numeric AS owed, h.at, h.block_number FROM history h
        WHERE booked.cause = 'entry' AND h.seq = booked.ref
        UNION ALL
        SELECT coalesce(sum(p.amount) FILTER (WHERE p.kind <> 'owed'), 0),
               coalesce(sum(p.amount) FILTER (WHERE p.kind = 'owed'), 0), min(p.at), min(p.block_number)
        FROM payouts p WHERE booked.cause = 'outflow' AND p.out = booked.ref HAVING count(*) > 0
    ) AS said ON true
    WHERE (booked.change, booked.owed, booked.at, booked.block_number)
          IS DISTINCT FROM (said.change, said.owed, said.at, said.block_number)
    ORDER BY funds DESC LIMIT 1;
    IF event.funds THEN
        RAISE EXCEPTION '% % moves % of the funds, but the contract''s events say %',
            event.cause, event.ref, event.change, coalesce(event.expected::text, 'nothing of it')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'funds_move_as_the_chain_says';
    END IF;

    IF released THEN
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
    END IF;

    IF event.cause IS NOT NULL THEN
        RAISE EXCEPTION '% % is of block % at % and makes % owed, but is booked at block %, at %, with % owed',
            event.cause, event.ref, event.event_block, event.event_at, event.event_owed, event.block_number, event.at,
            event.owed
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'booked_as_the_events_say';
    END IF;

    IF 'outflow' = ANY (causes) THEN
        -- What came from suspense into the funds is nobody's; the sums above leave exactly the rest for it.
        SELECT legs.ref, legs.user_id, legs.kind, legs.amount, paid.amount AS expected INTO wrong
        FROM (
            SELECT ref, CASE WHEN credit_kind = 'owed' THEN credit_owner ELSE debit_owner END AS user_id,
                   CASE WHEN credit_kind = 'owed' THEN 'owed'
                        WHEN debit_kind = 'owed' THEN 'owed_withdrawn'
                        ELSE 'paid'
                   END::payout_kind AS kind,
                   sum(amount) AS amount
            FROM fresh WHERE cause = 'outflow' AND (debit_kind <> 'suspense' OR credit_kind <> 'funds') GROUP BY 1, 2, 3
        ) AS legs
        LEFT JOIN LATERAL (
            SELECT p.amount FROM payouts p
            WHERE p.out = legs.ref AND p.user_id = legs.user_id AND p.kind = legs.kind OFFSET 0
        ) AS paid ON true
        WHERE paid.amount IS NULL OR legs.amount > paid.amount OR (legs.kind = 'owed' AND legs.amount <> paid.amount)
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'outflow % books % of account % as %, but the contract''s events say %',
                wrong.ref, wrong.amount, wrong.user_id, wrong.kind, coalesce(wrong.expected::text, 'nothing of it')
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'outflows_are_of_whom_the_chain_says';
        END IF;
    END IF;

    IF causes && '{batch_built, batch_closed}' THEN
        SELECT legs.cause, legs.ref, legs.block_number, legs.user_id, legs.amount, item.amount AS expected INTO wrong
        FROM (
            SELECT cause, ref, block_number, debit_owner AS user_id, sum(amount) AS amount
            FROM fresh WHERE cause IN ('batch_built', 'batch_closed') GROUP BY 1, 2, 3, 4
        ) AS legs
        LEFT JOIN LATERAL (
            SELECT i.amount FROM payout_batches b JOIN payout_items i ON i.batch_id = b.id
            WHERE b.number = legs.ref AND i.user_id = legs.user_id
              AND CASE legs.cause WHEN 'batch_built' THEN b.built_block = legs.block_number
                                  ELSE b.closed_block = legs.block_number
                  END
            OFFSET 0
        ) AS item ON true
        WHERE item.amount IS NULL OR legs.amount > item.amount
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% % moves % of account % at block %, but the batch has %', wrong.cause, wrong.ref, wrong.amount,
                wrong.user_id, wrong.block_number, coalesce(wrong.expected::text, 'nothing of it there')
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'batches_move_their_items';
        END IF;
    END IF;

    IF 'excess' = ANY (causes) THEN
        -- The last reconciliation is of that block and found just what is booked now; its figures are in wei.
        SELECT f.ref, f.amount INTO wrong
        FROM fresh f
        WHERE f.cause = 'excess' AND NOT EXISTS (
            SELECT FROM (SELECT block_number, figures FROM reconciliations ORDER BY run DESC LIMIT 1) AS r
            WHERE r.block_number = f.ref AND r.block_number = f.block_number
              AND (r.figures -> 'chain' ->> 'excess')::numeric = (
                  SELECT a.balance * 1000000000000000000 FROM accounts a WHERE a.kind = 'excess' AND a.owner = 0))
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'excess % books %, but the last reconciliation did not find it there', wrong.ref, wrong.amount
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'excess_was_found';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- What was booked by nobody on the chain: few rows among many, which a replay asks for.
CREATE INDEX journal_transactions_off_chain ON journal_transactions (block_number)
    WHERE cause IN ('batch_built', 'batch_closed', 'excess');

-- What a batch is stays from the moment when it is built.
CREATE TRIGGER what_was_built BEFORE UPDATE OF number, seq, head, root, max_total, built_block, requested_by, created_at
    ON payout_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();

-- It begins as one that is being built, where the books stand.
CREATE FUNCTION check_new_batch() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    stand bigint := (SELECT s.last_block FROM blockchain_sync s WHERE s.id = 1);
BEGIN
    IF NEW.state <> 'building' OR NEW.signature IS NOT NULL OR NEW.built_block <> stand THEN
        RAISE EXCEPTION 'expected batch % to be building at block %, got it % at block %',
            NEW.number, stand, NEW.state, NEW.built_block
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_batch_begins_where_the_books_stand';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER step_by_step BEFORE INSERT ON payout_batches FOR EACH ROW EXECUTE FUNCTION check_new_batch();

-- It goes on step by step, back only from a block that went away, and ends once. A signature can be exchanged for one with
-- another deadline while no transaction has carried it.
CREATE FUNCTION check_batch_step() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state <> ALL (CASE OLD.state
        WHEN 'building' THEN '{building, signed, abandoned}'
        WHEN 'signed' THEN '{signed, queued, expired, abandoned}'
        WHEN 'queued' THEN '{queued, broadcast, included, final, expired, abandoned}'
        WHEN 'broadcast' THEN '{broadcast, included, final, expired, abandoned}'
        WHEN 'included' THEN '{included, broadcast, final}'
        WHEN 'final' THEN '{final, settled, expired}'
        ELSE '{}'
    END::batch_state[]) THEN
        RAISE EXCEPTION 'batch % is %: it cannot become %', NEW.number, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_batch_goes_step_by_step',
                  HINT = 'Build a new batch of its accounts.';
    END IF;
    IF (NEW.signature, NEW.digest, NEW.deadline) IS DISTINCT FROM (OLD.signature, OLD.digest, OLD.deadline)
       AND (OLD.state NOT IN ('building', 'signed', 'queued') OR NEW.state NOT IN ('signed', 'queued')
            OR EXISTS (SELECT FROM payout_attempts a WHERE a.batch_id = NEW.id))
       OR NEW.state = 'settled' AND (NEW.tx_hash, NEW.block_number) IS DISTINCT FROM (OLD.tx_hash, OLD.block_number)
    THEN
        RAISE EXCEPTION 'what batch % was signed and sent with stays as it is', NEW.number
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'what_was_signed_stays',
                  HINT = 'Wait for its deadline, then build a new batch of its accounts.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER step_by_step_on BEFORE UPDATE ON payout_batches FOR EACH ROW EXECUTE FUNCTION check_batch_step();

-- Its items come with it, and only let their accounts go.
CREATE FUNCTION check_items() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT b.number, b.state INTO wrong
    FROM (SELECT DISTINCT batch_id FROM fresh) AS f JOIN payout_batches b ON b.id = f.batch_id
    WHERE b.state <> 'building' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'batch % is %: it takes no more items', wrong.number, wrong.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'items_come_while_building';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_come_while_building AFTER INSERT ON payout_items
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_items();
CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON payout_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER same_for_ever BEFORE UPDATE OF batch_id, user_id, cumulative, amount ON payout_items
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss();
CREATE TRIGGER let_go_once BEFORE UPDATE ON payout_items FOR EACH ROW
    WHEN (NEW.open AND NOT OLD.open) EXECUTE FUNCTION refuse_loss();

-- Only what becomes of it is the services' to write.
REVOKE UPDATE ON payout_batches, payout_items, payout_attempts FROM banyan_app;
GRANT UPDATE (state, deadline, signature, digest, reason, tx_hash, block_number, out, closed_block, updated_at)
    ON payout_batches TO banyan_app;
GRANT UPDATE (open) ON payout_items TO banyan_app;
GRANT UPDATE (outcome, refusal, detail, sent_at, updated_at) ON payout_attempts TO banyan_app;

REVOKE EXECUTE ON FUNCTION hold_books(), check_new_batch(), check_batch_step(), check_items() FROM PUBLIC;

-- Temporary tables are for the replay, which is the services'. Who migrates without owning the database cannot say so.
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO banyan_app', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'only the owner of the database can keep readers from making temporary tables';
END
$$;

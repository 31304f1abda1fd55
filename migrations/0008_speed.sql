-- References of the tables that every block writes, checked a statement at a time instead of a row at a time.
--
-- A row-level foreign key asks once for each row and locks the row it finds: some forty questions and locks a registration. Here
-- what is referred to is never deleted and keeps its id, by triggers that hold for the owner too, so that it is enough to
-- look once, when a row is written, and a statement's rows can be looked up together.

ALTER TABLE history DROP CONSTRAINT history_block_number_log_index_fkey;
ALTER TABLE users
    DROP CONSTRAINT users_referrer_id_fkey,
    DROP CONSTRAINT users_registered_seq_fkey;
ALTER TABLE retopups
    DROP CONSTRAINT retopups_id_fkey,
    DROP CONSTRAINT retopups_user_id_fkey;
ALTER TABLE seats
    DROP CONSTRAINT seats_pool_id_fkey,
    DROP CONSTRAINT seats_user_id_fkey,
    DROP CONSTRAINT seats_seq_fkey,
    DROP CONSTRAINT seats_completed_seq_fkey;
ALTER TABLE rewards
    DROP CONSTRAINT rewards_seq_fkey,
    DROP CONSTRAINT rewards_user_id_fkey,
    DROP CONSTRAINT rewards_source_user_id_fkey,
    DROP CONSTRAINT rewards_pool_id_fkey,
    DROP CONSTRAINT rewards_seat_id_fkey,
    DROP CONSTRAINT rewards_batch_id_fkey;
ALTER TABLE payouts
    DROP CONSTRAINT payouts_user_id_fkey,
    DROP CONSTRAINT payouts_block_number_log_index_fkey;

-- What is referred to stays as it is; history and chain_events do so already.
CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % refer to others and others to them: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', HINT = 'Only what becomes of a row changes, never what it is or whose.';
END
$$;
DO $$
DECLARE
    kept record;
BEGIN
    FOR kept IN VALUES
        ('users', 'id, referrer_id, registered_seq'),
        ('retopups', 'id, user_id'),
        ('pools', 'id'),
        ('seats', 'id, pool_id, user_id, seq'),
        ('rewards', 'id, seq, user_id, source_user_id, pool_id, seat_id'),
        ('payout_batches', 'id'),
        ('payouts', 'out, user_id, block_number, log_index')
    LOOP
        EXECUTE format('CREATE TRIGGER never_lost BEFORE DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()', kept.column1);
        EXECUTE format('CREATE TRIGGER same_for_ever BEFORE UPDATE OF %s ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()', kept.column2, kept.column1);
    END LOOP;
END
$$;

CREATE FUNCTION refuse_reference(written text, referring text, referred text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% refers by % to %, which is not there', written, referring, referred
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = written || '_refer_to_what_is_there';
END
$$;

-- Each row that a statement wrote refers to rows that are there. They are looked up by index, each once, so that the cost
-- follows the statement and not the tables, whatever statistics there are yet.
CREATE FUNCTION check_history() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'block_number, log_index', concat_ws('/', f.block_number, f.log_index) FROM (SELECT DISTINCT block_number, log_index FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM chain_events r WHERE r.block_number = f.block_number AND r.log_index = f.log_index)
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('history', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON history
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_history();
CREATE FUNCTION check_users() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'referrer_id', f.referrer_id::text FROM (SELECT DISTINCT referrer_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.referrer_id) AND f.referrer_id IS NOT NULL
        UNION ALL
        SELECT 'registered_seq', f.registered_seq::text FROM (SELECT DISTINCT registered_seq FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.registered_seq) AND f.registered_seq IS NOT NULL
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('users', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON users
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_users();
CREATE FUNCTION check_retopups() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'id', f.id::text FROM (SELECT DISTINCT id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.id)
        UNION ALL
        SELECT 'user_id', f.user_id::text FROM (SELECT DISTINCT user_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.user_id)
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('retopups', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON retopups
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_retopups();
CREATE FUNCTION check_seats() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'pool_id', f.pool_id::text FROM (SELECT DISTINCT pool_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM pools r WHERE r.id = f.pool_id)
        UNION ALL
        SELECT 'user_id', f.user_id::text FROM (SELECT DISTINCT user_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.user_id)
        UNION ALL
        SELECT 'seq', f.seq::text FROM (SELECT DISTINCT seq FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.seq)
        UNION ALL
        SELECT 'completed_seq', f.completed_seq::text FROM (SELECT DISTINCT completed_seq FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.completed_seq) AND f.completed_seq IS NOT NULL
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('seats', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON seats
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_seats();
CREATE FUNCTION check_rewards() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'seq', f.seq::text FROM (SELECT DISTINCT seq FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.seq)
        UNION ALL
        SELECT 'user_id', f.user_id::text FROM (SELECT DISTINCT user_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.user_id)
        UNION ALL
        SELECT 'source_user_id', f.source_user_id::text FROM (SELECT DISTINCT source_user_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.source_user_id)
        UNION ALL
        SELECT 'pool_id', f.pool_id::text FROM (SELECT DISTINCT pool_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM pools r WHERE r.id = f.pool_id) AND f.pool_id IS NOT NULL
        UNION ALL
        SELECT 'seat_id', f.seat_id::text FROM (SELECT DISTINCT seat_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM seats r WHERE r.id = f.seat_id) AND f.seat_id IS NOT NULL
        UNION ALL
        SELECT 'batch_id', f.batch_id::text FROM (SELECT DISTINCT batch_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM payout_batches r WHERE r.id = f.batch_id) AND f.batch_id IS NOT NULL
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('rewards', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON rewards
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_rewards();
CREATE FUNCTION check_payouts() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT 'user_id', f.user_id::text FROM (SELECT DISTINCT user_id FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM users r WHERE r.id = f.user_id)
        UNION ALL
        SELECT 'block_number, log_index', concat_ws('/', f.block_number, f.log_index) FROM (SELECT DISTINCT block_number, log_index FROM fresh) AS f
        WHERE NOT EXISTS (SELECT FROM chain_events r WHERE r.block_number = f.block_number AND r.log_index = f.log_index)
    ) AS missing (referring, referred) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('payouts', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refer_to_what_is_there AFTER INSERT ON payouts
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_payouts();

-- Two references come later: a seat's board is completed, a reward is taken into a batch.
CREATE FUNCTION check_completed_seats() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT 'completed_seq' AS referring, f.completed_seq::text AS referred INTO wrong
    FROM (SELECT DISTINCT completed_seq FROM fresh) AS f
    WHERE NOT EXISTS (SELECT FROM history r WHERE r.seq = f.completed_seq) AND f.completed_seq IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('seats', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER still_refer_to_what_is_there AFTER UPDATE ON seats
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_completed_seats();
CREATE FUNCTION check_batched_rewards() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT 'batch_id' AS referring, f.batch_id::text AS referred INTO wrong
    FROM (SELECT DISTINCT batch_id FROM fresh) AS f
    WHERE NOT EXISTS (SELECT FROM payout_batches r WHERE r.id = f.batch_id) AND f.batch_id IS NOT NULL LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_reference('rewards', wrong.referring, wrong.referred);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER still_refer_to_what_is_there AFTER UPDATE ON rewards
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_batched_rewards();

-- Balances, counts and states change in place where a page has room left, without touching an index.
ALTER TABLE accounts SET (fillfactor = 60);
ALTER TABLE pools SET (fillfactor = 40);
ALTER TABLE users SET (fillfactor = 85);
ALTER TABLE seats SET (fillfactor = 85);

-- The journal's own checks look up by index as well, and so by the same plan each time: planning them anew was half of what a
-- small transaction cost.
DO $$
DECLARE
    looking_up text;
BEGIN
    FOREACH looking_up IN ARRAY ARRAY ['apply_postings', 'check_transactions', 'check_postings'] LOOP
        EXECUTE format('ALTER FUNCTION %I() SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off '
                       'SET enable_mergejoin = off SET enable_seqscan = off', looking_up);
    END LOOP;
END
$$;

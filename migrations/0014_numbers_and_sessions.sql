-- What is told and what waits for its seal is numbered without gaps: a transaction that is cut leaves none behind it.
--
-- Identity numbers are taken from a sequence, which no rollback turns back. Whoever writes either table holds the books
-- (books_lock) to the end of its transaction, so nobody else takes a number meanwhile: each statement sets the sequence
-- to what is committed, which is one look at the end of an index, and its rows go on from there. The highest number
-- that was sealed is then the last seal's own, and the highest that was told the last position.

-- Waits for the books. Under an older snapshot a number would follow what was committed before it, not what was
-- committed meanwhile, and what gets a number that the sealer has passed is never sealed.
CREATE FUNCTION take_books() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'expected whoever books or tells to be READ COMMITTED, got %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state', HINT = 'begin the transaction without another isolation level';
    END IF;
    PERFORM FROM books_lock WHERE id = 1 FOR UPDATE;
END
$$;

-- As before, but that the numbers go on from the last that was told.
CREATE OR REPLACE FUNCTION hold_books() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM take_books();
    -- A statement of its own, so it sees what was committed while it waited for the books.
    PERFORM setval('outbox_id_seq', coalesce(max(id), 0) + 1, false) FROM outbox;
    RETURN NULL;
END
$$;

-- Above what the sealer took, for what it took is not there any more.
CREATE FUNCTION number_unsealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM take_books();
    PERFORM setval('journal_unsealed_id_seq',
                   greatest(h.taken_to, (SELECT max(u.id) FROM journal_unsealed u WHERE u.id > h.taken_to)) + 1, false)
    FROM seal_head h WHERE h.id = 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER numbered_in_order BEFORE INSERT ON journal_unsealed FOR EACH STATEMENT EXECUTE FUNCTION number_unsealed();

REVOKE EXECUTE ON FUNCTION take_books(), hold_books(), number_unsealed() FROM PUBLIC;
COMMENT ON COLUMN journal_unsealed.id IS 'Without gaps, in the order of commits';
COMMENT ON COLUMN outbox.id IS 'Without gaps, in the order of commits';

-- Sessions that ended by themselves are swept by the service that makes them.
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);
GRANT DELETE ON refresh_tokens TO banyan_app;

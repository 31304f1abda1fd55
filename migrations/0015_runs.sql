-- The numbers of reconciliations, log lines and replays are the database's: the services may write every other column.
--
-- A stop stands until a later run lifts it, so whoever could choose a run's number could have lifted every stop to come, or
-- take the numbers that the next log lines need. COPY and OVERRIDING SYSTEM VALUE write an identity column for whoever may
-- write the whole table.
DO $$
DECLARE
    written record;
BEGIN
    FOR written IN
        SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.oid IN ('reconciliations'::regclass, 'audit_logs'::regclass, 'replays'::regclass)
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
        GROUP BY c.relname
    LOOP
        EXECUTE format('REVOKE INSERT ON %I FROM banyan_app', written.relname);
        EXECUTE format('GRANT INSERT (%s) ON %I TO banyan_app', written.columns, written.relname);
    END LOOP;
END
$$;

-- A run's number is given under the books' lock, whoever stores it, so that none appears behind a later one: a run that
-- lifts stops is above those that it has seen only.
CREATE FUNCTION number_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    PERFORM take_books();
    PERFORM setval('reconciliations_run_seq', coalesce(max(run), 0) + 1, false) FROM reconciliations;
    RETURN NULL;
END
$$;
CREATE TRIGGER numbered_in_order BEFORE INSERT ON reconciliations FOR EACH STATEMENT EXECUTE FUNCTION number_run();
REVOKE EXECUTE ON FUNCTION number_run() FROM PUBLIC;
COMMENT ON COLUMN reconciliations.run IS 'Without gaps, in the order of commits';

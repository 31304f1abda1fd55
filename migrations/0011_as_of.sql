-- Every balance as of any block, told a second time: by what the chain's entries, payments and batches say, without a
-- look at the journal.

-- A batch that is closed has given back what it did not pay: from this block on its accounts hold nothing in it.
ALTER TABLE payout_batches ADD COLUMN closed_block bigint CHECK (closed_block >= built_block);
COMMENT ON COLUMN payout_batches.closed_block IS 'The block that the books stood at when it was settled, expired or abandoned';

-- Batches of before: the journal knows the block where something was given back. Where nothing was, nothing was left, and
-- any block does that is not after the next batch of the same accounts.
UPDATE payout_batches b
SET closed_block = coalesce(
    (SELECT t.block_number FROM journal_transactions t WHERE t.cause = 'batch_closed' AND t.ref = b.number),
    (SELECT min(later.built_block)
     FROM payout_batches later
     WHERE later.number > b.number AND EXISTS (
         SELECT FROM payout_items mine JOIN payout_items theirs USING (user_id)
         WHERE mine.batch_id = b.id AND theirs.batch_id = later.id)),
    (SELECT greatest(last_block, b.built_block) FROM blockchain_sync))
WHERE state IN ('settled', 'expired', 'abandoned');
ALTER TABLE payout_batches ADD CONSTRAINT closed_has_a_block
    CHECK ((closed_block IS NOT NULL) = (state IN ('settled', 'expired', 'abandoned')));

-- A participant's batches, open or not.
CREATE INDEX payout_items_by_user ON payout_items (user_id, batch_id);

-- Payments and what they took from where: first from the batch that held the account, then from what was payable, and
-- from suspense what nobody had. Batches are built and closed after all events of the block they stand at.
CREATE VIEW payment_sources AS
SELECT out, user_id, kind, amount, block_number, batch_id,
       from_batch,
       amount - from_batch - from_suspense AS from_payable,
       from_suspense
FROM (
    SELECT out, user_id, kind, amount, block_number, batch_id,
           CASE WHEN batch_id IS NULL THEN 0 ELSE least(held, taken) - least(held, taken - amount) END AS from_batch,
           beyond - coalesce(lag(beyond) OVER (PARTITION BY user_id ORDER BY out), 0) AS from_suspense
    FROM (
        SELECT p.out, p.user_id, p.kind, p.amount, p.block_number, held.batch_id, held.amount AS held,
               sum(p.amount) OVER (PARTITION BY p.user_id, held.batch_id ORDER BY p.out) AS taken,
               -- The most that payments so far were ahead of what had been earned when they came.
               greatest(0, max(p.paid_total - coalesce(earned.cumulative, 0))
                   OVER (PARTITION BY p.user_id ORDER BY p.out)) AS beyond
        FROM payouts p
        LEFT JOIN (
            SELECT i.user_id, i.batch_id, i.amount, b.built_block, b.closed_block
            FROM payout_items i JOIN payout_batches b ON b.id = i.batch_id
        ) AS held ON held.user_id = p.user_id AND held.built_block < p.block_number
            AND (held.closed_block IS NULL OR held.closed_block >= p.block_number)
        LEFT JOIN LATERAL (
            SELECT r.cumulative FROM rewards r
            WHERE r.user_id = p.user_id AND r.cumulative IS NOT NULL AND r.id < 1048576 * (1 + coalesce((
                SELECT h.seq FROM history h
                WHERE (h.block_number, h.log_index) < (p.block_number, p.log_index)
                ORDER BY h.block_number DESC, h.log_index DESC LIMIT 1), -1))
            ORDER BY r.id DESC LIMIT 1
        ) AS earned ON true
        WHERE p.kind <> 'owed_withdrawn'
    ) AS each
) AS taken;

-- What the contract owed and what of it was taken: what was taken beyond it is suspense's.
CREATE VIEW withdrawal_sources AS
SELECT out, user_id, amount, block_number,
       amount - from_suspense AS from_owed,
       from_suspense
FROM (
    SELECT out, user_id, kind, amount, block_number,
           greatest(0, beyond) - greatest(0, coalesce(lag(beyond) OVER theirs, 0)) AS from_suspense
    FROM (
        SELECT out, user_id, kind, amount, block_number,
               max(taken) OVER (PARTITION BY user_id ORDER BY out, kind) AS beyond
        FROM (
            SELECT out, user_id, kind, amount, block_number,
                   sum(CASE kind WHEN 'owed' THEN -amount ELSE amount END)
                       OVER (PARTITION BY user_id ORDER BY out, kind) AS taken
            FROM payouts WHERE kind IN ('owed', 'owed_withdrawn')
        ) AS running
    ) AS most
    WINDOW theirs AS (PARTITION BY user_id ORDER BY out, kind)
) AS each
WHERE kind = 'owed_withdrawn';

-- Each change of a balance by a cause, as the projections have it; user_id is whose account it is, NULL for nobody's.
-- The sum over an account up to a block is its balance there, which the journal must say too.
CREATE VIEW projected_movements (cause, ref, block_number, kind, owner, user_id, change) AS
-- What entries brought, and to whom: rewards are credited to their receiver, or held back for a seat.
SELECT 'entry'::cause_kind, seq, block_number, 'funds'::account_kind, 0::bigint, NULL::bigint, amount
FROM history WHERE amount > 0
UNION ALL
SELECT 'entry', r.seq, h.block_number, 'payable', r.user_id, r.user_id, r.amount
FROM rewards r JOIN history h USING (seq) WHERE r.cumulative IS NOT NULL
UNION ALL
SELECT 'entry', r.seq, h.block_number, 'reserved', r.seat_id, r.user_id, r.amount
FROM rewards r JOIN history h USING (seq) WHERE r.cumulative IS NULL
UNION ALL
-- A reserve ends with its board, or when the programme is wound up.
SELECT 'entry', h.seq, h.block_number, 'reserved', s.id, s.user_id, -(s.spent + s.released)
FROM seats s
JOIN history h ON h.seq = coalesce(s.completed_seq, (
    SELECT min(w.seq) FROM history w
    WHERE w.kind = 'DIRECTIVE' AND w.directive = 'WIND_UP' AND w.outcome = 'applied'))
WHERE s.spent + s.released > 0
UNION ALL
SELECT 'outflow', out, block_number, 'funds', 0, NULL, -amount FROM payouts WHERE kind <> 'owed'
UNION ALL
SELECT 'outflow', out, block_number, 'in_batch', user_id, user_id, -from_batch FROM payment_sources WHERE from_batch > 0
UNION ALL
SELECT 'outflow', out, block_number, 'payable', user_id, user_id, -from_payable
FROM payment_sources WHERE from_payable > 0
UNION ALL
SELECT 'outflow', out, block_number, 'suspense', 0, NULL, -from_suspense FROM payment_sources WHERE from_suspense > 0
UNION ALL
SELECT 'outflow', out, block_number, 'owed', user_id, user_id, amount FROM payouts WHERE kind = 'owed'
UNION ALL
SELECT 'outflow', out, block_number, 'owed', user_id, user_id, -from_owed FROM withdrawal_sources WHERE from_owed > 0
UNION ALL
SELECT 'outflow', out, block_number, 'suspense', 0, NULL, -from_suspense FROM withdrawal_sources WHERE from_suspense > 0
UNION ALL
-- A batch takes what its items are to pay, and gives back what was not paid while it stood.
SELECT 'batch_built', b.number, b.built_block, leg.kind, i.user_id, i.user_id, leg.sign * i.amount
FROM payout_batches b
JOIN payout_items i ON i.batch_id = b.id
CROSS JOIN (VALUES ('payable'::account_kind, -1), ('in_batch', 1)) AS leg (kind, sign)
UNION ALL
SELECT 'batch_closed', b.number, b.closed_block, leg.kind, i.user_id, i.user_id,
       leg.sign * (i.amount - coalesce(paid.amount, 0))
FROM payout_batches b
JOIN payout_items i ON i.batch_id = b.id
LEFT JOIN (
    SELECT batch_id, user_id, sum(from_batch) AS amount FROM payment_sources GROUP BY batch_id, user_id
) AS paid ON paid.batch_id = i.batch_id AND paid.user_id = i.user_id
CROSS JOIN (VALUES ('payable'::account_kind, 1), ('in_batch', -1)) AS leg (kind, sign)
WHERE b.closed_block IS NOT NULL AND i.amount > coalesce(paid.amount, 0)
UNION ALL
-- Forced ether is booked when a reconciliation finds more of it than one before; its figures are in wei.
SELECT 'excess', found.block_number, found.block_number, leg.kind, 0, NULL, found.increase
FROM (
    SELECT block_number,
           (excess - greatest(0, coalesce(max(excess) OVER (
               ORDER BY run ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))) * 0.000000000000000001 AS increase
    FROM (
        SELECT run, block_number, (figures -> 'chain' ->> 'excess')::numeric AS excess FROM reconciliations
    ) AS runs
) AS found
CROSS JOIN (VALUES ('funds'::account_kind), ('excess')) AS leg (kind)
WHERE found.increase > 0;

-- Each posting twice: what it did to the one account and to the other.
CREATE VIEW journal_movements AS
SELECT cause, ref, ordinal, at, block_number, debit_kind AS kind, debit_owner AS owner,
       CASE debit_kind WHEN 'funds' THEN amount ELSE -amount END AS change,
       credit_kind AS other_kind, credit_owner AS other_owner
FROM postings
UNION ALL
SELECT cause, ref, ordinal, at, block_number, credit_kind, credit_owner,
       CASE credit_kind WHEN 'funds' THEN -amount ELSE amount END,
       debit_kind, debit_owner
FROM postings;

GRANT SELECT ON payment_sources, withdrawal_sources, projected_movements, journal_movements
    TO banyan_app, banyan_read;

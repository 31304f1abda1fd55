-- The seed's tables that are projections of the base tables, and what the roles may do.

CREATE VIEW pool_nodes AS
SELECT s.id,
       s.pool_id,
       s.user_id,
       CASE WHEN s.queue_index > 1 THEN s.pool_id * 4294967296 + s.queue_index / 2 END AS parent_id,
       CASE
           WHEN s.queue_index = 1 THEN 'root'::seat_position
           WHEN s.queue_index % 2 = 0 THEN 'left'::seat_position
           ELSE 'right'::seat_position
       END AS position,
       -- Depth in the tree; the root's is 0.
       length(ltrim(s.queue_index::bit(33)::text, '0')) - 1 AS layer,
       l.id AS left_child_id,
       r.id AS right_child_id,
       s.status,
       s.queue_index
FROM seats s
LEFT JOIN seats l ON l.id = s.pool_id * 4294967296 + 2 * s.queue_index
LEFT JOIN seats r ON r.id = s.pool_id * 4294967296 + 2 * s.queue_index + 1;

-- Each entry into the pool: the seats taken, and the registrations still under way with the seat quoted to them.
CREATE VIEW placements AS
SELECT s.id,
       s.user_id,
       CASE WHEN s.queue_index > 1 THEN s.pool_id * 4294967296 + s.queue_index / 2 END AS parent_node_id,
       s.pool_id,
       (SELECT coalesce(jsonb_object_agg('layer' || right(r.type::text, 1), r.amount::text), '{}')
        FROM rewards r
        WHERE r.seq = s.seq AND r.pool_id = s.pool_id AND r.type IN ('POOL_L1', 'POOL_L2', 'POOL_L3')) AS layer_rewards,
       'settled' AS status,
       h.tx_hash AS settlement_tx
FROM seats s
JOIN history h ON h.seq = s.seq
UNION ALL
SELECT NULL, t.user_id,
       CASE WHEN q.parent_index IS NOT NULL
           THEN (q.level * 1024 + q.tree_number) * 4294967296 + q.parent_index END,
       (q.level * 1024 + q.tree_number)::bigint,
       '{}',
       CASE WHEN t.status IN ('prepared', 'submitted') THEN 'pending' ELSE 'failed' END,
       t.tx_hash
FROM placement_quotes q
JOIN transactions t ON t.id = q.transaction_id
WHERE t.status <> 'confirmed';

CREATE VIEW user_balances AS
SELECT u.id AS user_id,
       coalesce(sum(r.amount) FILTER (WHERE r.type = 'DIRECT'), 0)::numeric(38, 18) AS direct_income,
       coalesce(sum(r.amount) FILTER (WHERE r.cumulative IS NOT NULL
           AND r.type IN ('POOL_L1', 'POOL_L2', 'POOL_L3', 'BONUS', 'SEAT_REFUND')), 0)::numeric(38, 18) AS pool_income,
       coalesce(sum(r.amount) FILTER (WHERE r.type = 'LEVEL'), 0)::numeric(38, 18) AS level_income,
       (SELECT coalesce(jsonb_object_agg(held.level, held.amount::text), '{}')
        FROM (SELECT p.level, sum(v.amount) AS amount
              FROM rewards v JOIN pools p ON p.id = v.pool_id
              WHERE v.user_id = u.id AND v.state = 'reserved'
              GROUP BY p.level) AS held) AS reserved_income,
       (SELECT coalesce(sum(p.amount), 0)::numeric(38, 18)
        FROM payouts p WHERE p.user_id = u.id AND p.kind <> 'owed') AS withdrawn,
       (SELECT max(t.created_at) FROM retopups t WHERE t.user_id = u.id AND t.status = 'confirmed') AS last_retopup_at
FROM users u
LEFT JOIN rewards r ON r.user_id = u.id
GROUP BY u.id;

-- The services write facts and move states; they own nothing, and balances only through postings.
GRANT USAGE ON SCHEMA public TO banyan_app, banyan_read;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO banyan_app, banyan_read;
GRANT INSERT ON chain_events, history, blockchain_sync, users, retopups, transactions, placement_quotes, refresh_tokens,
    idempotency_keys, audit_logs, journal_transactions, postings, pools, seats, rewards, payout_batches, payout_items,
    payout_attempts, payouts, published_roots, reconciliations, reconciliation_differences, settings TO banyan_app;
GRANT UPDATE ON transactions, refresh_tokens, idempotency_keys, payout_batches, payout_items, payout_attempts, settings
    TO banyan_app;
-- The cursor moves, but never to another contract; a user's wallet and sponsor stay; a seat's place and price too.
GRANT UPDATE (last_block, last_block_hash, epoch, seq, head, out, halted, updated_at) ON blockchain_sync TO banyan_app;
GRANT UPDATE (referral_count, frozen, held, has_retopup, metadata, updated_at) ON users TO banyan_app;
GRANT UPDATE (status, seats, next_index, completions, completed_at) ON pools TO banyan_app;
GRANT UPDATE (status, completed_seq, spent, released) ON seats TO banyan_app;
GRANT UPDATE (voided) ON published_roots TO banyan_app;
-- Of a reward only its fate may change, never its amount.
GRANT UPDATE (state, batch_id, tx_hash, updated_at) ON rewards TO banyan_app;
GRANT DELETE ON idempotency_keys TO banyan_app;

//! The worked example of the default plan, from the contract's events to the last figure in the database.

use banyan_ledger::store::{balances, entitlements_at, trial_balance};

use crate::contract::{Contract, bnb, tenths, wallet};
use crate::scene::Scene;

/// p1 registers under the company, p2 … p15 under p1.
pub fn contract() -> Contract {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    (2..=15).for_each(|user| contract.register(user, 1));
    contract
}

#[tokio::test]
async fn everyone_has_what_the_plan_says() {
    let scene = Scene::new("autopool.toml").await;
    scene.follow(&contract(), 100).await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let expected = [
        (0..=0, tenths(1104), bnb(0)),
        (1..=1, tenths(456), bnb(0)),
        (2..=3, bnb(9), bnb(27)),
        (4..=7, bnb(9), bnb(9)),
        (8..=15, bnb(0), bnb(0)),
    ];
    for (users, payable, reserved) in expected {
        for user in users {
            let has = balances(&mut connection, user).await.unwrap();
            assert_eq!((has.payable, has.reserved), (payable, reserved), "user {user}");
        }
    }
    let trial = trial_balance(&mut connection).await.unwrap();
    assert!(trial.balanced());
    assert_eq!(trial.totals.funds, bnb(300));
    let leaves = entitlements_at(&mut connection, 15).await.unwrap();
    assert_eq!(leaves.len(), 16);
    assert_eq!((leaves[1].address, leaves[1].cumulative), (wallet(1), tenths(456)));
    assert!(leaves[15].cumulative.is_zero());
}

#[tokio::test]
async fn seats_rewards_and_pools_say_how_it_came_about() {
    let scene = Scene::new("autopool.toml").await;
    scene.follow(&contract(), 4).await;
    let cases = [
        // Level 1: 15 seats, the first board complete; level 2 opened with p1.
        ("SELECT string_agg(concat_ws(' ', id, status, root_user_id, seats, next_index, completions), ', ' ORDER BY id)
          FROM pools", "1025 active 1 15 16 1, 2049 active 1 1 2 0"),
        ("SELECT concat_ws(' ', status, completed_seq, spent::float, released::float, price::float) FROM seats
          WHERE pool_id = 1025 AND queue_index = 1", "completed 15 40 8.6 18"),
        ("SELECT concat_ws(' ', status, spent, price::float) FROM seats WHERE pool_id = 2049", "active 36"),
        ("SELECT string_agg(concat_ws(' ', type, count, sum), ', ' ORDER BY type) FROM
          (SELECT type, count(*), sum(amount)::float FROM rewards WHERE user_id = 1 GROUP BY type) AS t",
         "DIRECT 14 28, POOL_L1 2 18, POOL_L2 4 18, POOL_L3 8 21.6, BONUS 1 8.6"),
        ("SELECT concat_ws(' ', count(*), sum(amount)::float) FROM rewards WHERE user_id = 1 AND state = 'spent'", "13 48.6"),
        ("SELECT concat_ws(' ', user_id, source_user_id, ordinal > 0, cumulative::float, status) FROM rewards
          WHERE type = 'BONUS'", "1 1 t 45.6 pending"),
        // The ticket of level 2 came out of the reserve: 4 direct to the company, 36 without ancestors.
        ("SELECT sum(p.amount)::float FROM postings p
          WHERE p.debit_kind = 'reserved' AND p.credit_kind = 'payable' AND p.credit_owner = 0", "40"),
        ("SELECT concat_ws(' ', referral_count, participant, status, has_retopup, referrer_id) FROM users WHERE id = 1",
         "14 t active f 0"),
        ("SELECT concat_ws(' ', referral_count, status) FROM users WHERE id = 0", "1 active"),
        // The seed's projections.
        ("SELECT concat_ws(' ', direct_income::float, pool_income::float, level_income::float, reserved_income,
                           withdrawn::float) FROM user_balances WHERE user_id = 1", "28 17.6 0 {} 0"),
        ("SELECT reserved_income FROM user_balances WHERE user_id = 2", "{\"1\": \"27.000000000000000000\"}"),
        ("SELECT concat_ws(' ', user_id, position, layer, parent_id = 1025 * 4294967296::bigint + 2, left_child_id,
                           status, queue_index) FROM pool_nodes WHERE pool_id = 1025 AND queue_index = 5",
         "5 right 2 t 4402341478410 active 5"),
        ("SELECT concat_ws(' ', status, layer_rewards) FROM placements WHERE user_id = 15",
         "settled {\"layer1\": \"9.000000000000000000\", \"layer2\": \"4.500000000000000000\", \
          \"layer3\": \"2.700000000000000000\"}"),
        ("SELECT count(*) FROM placements WHERE settlement_tx ~ '^0x[0-9a-f]{64}$'", "16"),
        ("SELECT concat_ws(' ', seq, out, halted) FROM blockchain_sync", "15 0"),
    ];
    for (sql, expected) in cases {
        assert_eq!(scene.text(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn each_posting_of_an_entry_books_the_reward_of_its_ordinal() {
    let scene = Scene::new("autopool.toml").await;
    scene.follow(&contract(), 100).await;
    let unmatched = "SELECT count(*) FROM rewards r
        FULL JOIN postings p ON p.cause = 'entry' AND p.ref = r.seq AND p.ordinal = r.ordinal AND p.amount = r.amount
            AND p.credit_owner = CASE WHEN p.credit_kind = 'reserved' THEN r.seat_id ELSE r.user_id END
        WHERE r.id IS NULL OR p.ref IS NULL";
    assert_eq!(scene.text(unmatched).await, "0");
    assert_eq!(scene.text("SELECT count(*) > 60 FROM rewards").await, "true");
}

//! What leaves the contract: whose money it is, which rewards it settles, and who is frozen.

use banyan_ledger::store::{balances, book, trial_balance};
use banyan_ledger::{Account, Cause, Posting, Transaction};
use banyan_programme::Alarm;
use banyan_types::history::Fact;
use banyan_types::{Address, Amount, B256};

use crate::contract::{Contract, bnb, tenths, time, wallet};
use crate::scene::Scene;
use crate::worked_example;

/// What settlement books when a batch takes a user's money.
async fn take_into_batch(scene: &Scene, user: u64, amount: Amount) {
    let postings = vec![Posting { debit: Account::payable(user), credit: Account::in_batch(user), amount }];
    let mut work = scene.pool.begin().await.unwrap();
    sqlx::query(
        "WITH built AS (
             INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block,
                                         created_at, updated_at)
             SELECT gen_random_uuid(), 1, 'building', seq, head, head, $2, 'test', 20, now(), now() FROM history
             ORDER BY seq DESC LIMIT 1 RETURNING id
         ) INSERT INTO payout_items (batch_id, user_id, cumulative, amount) SELECT id, $1, $2, $2 FROM built",
    )
    .bind(i64::try_from(user).unwrap())
    .bind(amount)
    .execute(&mut *work)
    .await
    .unwrap();
    let built = Transaction { cause: Cause::batch_built(1), at: time(20), block: 20, postings };
    book(&mut work, &[built]).await.unwrap();
    work.commit().await.unwrap();
}

/// How many rewards of a user are in which state, such as `settled 3, payable 2`; reserved ones left out.
async fn states(scene: &Scene, user: u64) -> String {
    let counts = format!(
        "SELECT string_agg(state || ' ' || count, ', ' ORDER BY state DESC) FROM (SELECT state, count(*) FROM rewards
         WHERE user_id = {user} AND cumulative IS NOT NULL GROUP BY state) AS t"
    );
    scene.text(&counts).await
}

async fn balanced(scene: &Scene) -> Amount {
    let trial = trial_balance(&mut scene.pool.acquire().await.unwrap()).await.unwrap();
    assert!(trial.balanced(), "{trial:?}");
    trial.totals.suspense
}

#[tokio::test]
async fn a_payment_takes_the_batchs_money_first_and_then_what_is_payable() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, worked_example::contract());
    let mut programme = scene.follow(&contract, 100).await;
    take_into_batch(&scene, 1, bnb(40)).await;
    contract.batch(&[(1, tenths(456))], false);
    let applied = programme.apply(&contract.range(21, 21)).await.unwrap();
    assert_eq!((applied.outflows, applied.alarms.len()), (1, 0));
    let taken = "SELECT string_agg(debit_kind || ' ' || amount::float, ', ' ORDER BY ordinal) FROM postings
                 WHERE cause = 'outflow' AND ref = 1";
    assert_eq!(scene.text(taken).await, "in_batch 40, payable 5.6");
    let has = balances(&mut scene.pool.acquire().await.unwrap(), 1).await.unwrap();
    assert_eq!((has.payable, has.in_batch), (Amount::ZERO, Amount::ZERO));
    assert_eq!(states(&scene, 1).await, "settled 16");
    assert!(balanced(&scene).await.is_zero());
}

#[tokio::test]
async fn a_claim_between_two_boundaries_settles_the_rewards_below_it_only() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, worked_example::contract());
    // p1 earned 2 with each of the first referrals, and 9 with the first of them: boundaries 2, 11, 13, 15 …
    contract.claim(1, bnb(12));
    let first = contract.last_block();
    contract.claim(1, bnb(13));
    scene.follow(&contract, 100).await;
    assert_eq!(states(&scene, 1).await, "settled 3, payable 13");
    let by_hash = format!(
        "SELECT string_agg(cumulative::float::text, ' ' ORDER BY id) FROM rewards WHERE tx_hash = '{:#x}'",
        Contract::tx_hash(first)
    );
    assert_eq!(scene.text(&by_hash).await, "2 11");
    assert!(balanced(&scene).await.is_zero());
}

#[tokio::test]
async fn what_an_account_does_not_take_is_owed_until_it_is_withdrawn() {
    for blocks in [1, 100] {
        let (scene, mut contract) = (Scene::new("autopool.toml").await, worked_example::contract());
        contract.batch(&[(1, bnb(13)), (2, bnb(9))], true);
        let mut programme = scene.follow(&contract, blocks).await;
        assert_eq!(states(&scene, 1).await, "owed 3, payable 13");
        let has = balances(&mut scene.pool.acquire().await.unwrap(), 1).await.unwrap();
        assert_eq!((has.owed, has.payable), (bnb(13), tenths(326)));
        let owed = contract.last_block() + 1;
        contract.withdraw_owed(1, Address::repeat_byte(5));
        contract.batch(&[(1, bnb(15))], true);
        programme.apply(&contract.range(owed, contract.last_block())).await.unwrap();
        assert_eq!(states(&scene, 1).await, "owed 1, settled 3, payable 12");
        let has = balances(&mut scene.pool.acquire().await.unwrap(), 1).await.unwrap();
        assert_eq!(has.owed, bnb(2));
        let row = "SELECT concat_ws(' ', amount::float, paid_total, destination) FROM payouts
                   WHERE kind = 'owed_withdrawn'";
        assert_eq!(scene.text(row).await, format!("13 {:#x}", Address::repeat_byte(5)));
        assert_eq!(scene.text("SELECT withdrawn::float FROM user_balances WHERE user_id = 1").await, "13");
        assert!(balanced(&scene).await.is_zero());
    }
}

#[tokio::test]
async fn what_becomes_owed_and_is_withdrawn_in_one_range_is_settled_as_in_two() {
    let mut pictures = Vec::new();
    for blocks in [1, 100] {
        let (scene, mut contract) = (Scene::new("autopool.toml").await, worked_example::contract());
        contract.batch(&[(1, bnb(13)), (0, bnb(50))], true);
        contract.withdraw_owed(1, wallet(1));
        contract.batch(&[(1, bnb(15))], true);
        contract.freeze(3, true);
        contract.retopup(2);
        contract.freeze(3, false);
        contract.freeze(2, true);
        contract.fact(Fact::RootPublished { seq: 3, root: B256::repeat_byte(3) });
        contract.fact(Fact::RootVoided);
        contract.fact(Fact::RootPublished { seq: 4, root: B256::repeat_byte(4) });
        scene.follow(&contract, blocks).await;
        assert_eq!(states(&scene, 1).await, "owed 1, settled 3, payable 12");
        assert_eq!(
            scene.text("SELECT string_agg(id::text, ' ') FROM users WHERE status = 'frozen'").await,
            "2"
        );
        assert_eq!(
            scene.text("SELECT string_agg(seq::text, ' ') FROM published_roots WHERE NOT voided").await,
            "4"
        );
        pictures.push(scene.picture().await);
    }
    assert_eq!(pictures[0], pictures[1]);
}

#[tokio::test]
async fn a_wallet_frozen_before_it_registered_is_no_row_yet() {
    let mut pictures = Vec::new();
    for blocks in [1, 100] {
        let (scene, mut contract) = (Scene::new("autopool.toml").await, Contract::deploy("autopool.toml"));
        contract.freeze(1, true);
        contract.freeze(1, false);
        contract.register(1, 0);
        scene.follow(&contract, blocks).await;
        pictures.push(scene.picture().await);
    }
    assert_eq!(pictures[0], pictures[1]);
}

#[tokio::test]
async fn what_nobody_had_is_taken_from_suspense_with_an_alarm() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, worked_example::contract());
    let mut programme = scene.follow(&contract, 100).await;
    contract.claim(8, bnb(7));
    let applied = programme.apply(&contract.range(21, 21)).await.unwrap();
    assert_eq!(applied.alarms, vec![Alarm::Overpaid { out: 1, account: wallet(8), amount: bnb(7) }]);
    assert_eq!(balanced(&scene).await, Amount::ZERO.checked_sub(bnb(7)).unwrap());
}

#[tokio::test]
async fn a_registration_that_the_plan_refuses_goes_back_to_its_payer() {
    let (scene, mut contract) = (Scene::new("autopool.toml").await, Contract::deploy("autopool.toml"));
    contract.register(1, 0);
    contract.register_paying(2, 1, bnb(19));
    contract.retopup(2);
    contract.raw_directive(B256::repeat_byte(0xff), b"?", bnb(3));
    let mut programme = scene.open().await.unwrap();
    let applied = programme.apply(&contract.ranges(100)[0]).await.unwrap();
    assert_eq!(applied.alarms.len(), 3);
    let cases = [
        ("SELECT concat_ws(' ', participant, status, has_retopup) FROM users WHERE id = 2", "f pending f"),
        ("SELECT referral_count FROM users WHERE id = 1", "0"),
        ("SELECT string_agg(concat_ws(' ', seq, type, amount::float, cumulative::float, state), ', ' ORDER BY id)
          FROM rewards WHERE user_id = 2", "2 REFUSED 19 19 payable, 3 REFUSED 40 59 payable"),
        ("SELECT concat_ws(' ', status, amount::float) FROM retopups WHERE id = 3", "failed 40"),
        ("SELECT string_agg(concat_ws(' ', seq, outcome, reason IS NOT NULL), ', ' ORDER BY seq) FROM history",
         "0 applied f, 1 applied f, 2 refused t, 3 refused t, 4 recorded t"),
        ("SELECT concat_ws(' ', user_id, amount::float) FROM rewards WHERE type = 'DIRECTIVE'", "0 3"),
        ("SELECT directive FROM history WHERE seq = 4", &format!("0x{}", "ff".repeat(32))),
    ];
    for (sql, expected) in cases {
        assert_eq!(scene.text(sql).await, expected, "{sql}");
    }
    assert!(balanced(&scene).await.is_zero());
    assert_eq!(scene.open().await.unwrap().cursor(), programme.cursor());
}

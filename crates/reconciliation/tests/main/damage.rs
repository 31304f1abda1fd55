//! One table of damage: what somebody does to the books or the contract, under which names a reconciliation finds it, in
//! which rows and whose, and whether settlement goes on building and signing batches.

use std::time::Duration;

use banyan_chain::eip712::Domain;
use banyan_reconciliation::{Difference, Reconciliation, Scope};
use banyan_settlement::select::Limits;
use banyan_settlement::{Filter, Hold, Payouts, SettlementError};
use banyan_signer::client::SignerClient;
use banyan_testkit::anvil::CHAIN_ID;
use banyan_types::B256;
use secrecy::SecretString;

use crate::world::{Books, World, amount, bnb};

/// A line of the table: what is done, by which SQL, what it is found as (`kind table row`, and whose it is as a user's number
/// where it is somebody's), and whether it stops batches.
type Line = (&'static str, &'static str, &'static [&'static str], bool);

/// `{R}` is the first reward of user 2 that waits to be paid, `{S}` its entry, and `{D}` the id that its double gets.
const REWARDS: &[Line] = &[
    ("a doubled reward",
     "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, type, amount, cumulative, state, created_at, updated_at)
      SELECT seq * 1048576 + 77, seq, 77, user_id, source_user_id, type, amount, cumulative, state, created_at, updated_at
      FROM rewards WHERE id = {R}",
     &["reward_extra rewards {D} of 2"], true),
    ("a lost reward", "DELETE FROM rewards WHERE id = {R}", &["reward_missing rewards {R} of 2"], true),
    ("a lost reward that was paid", "DELETE FROM rewards WHERE id = 3145728", &["reward_missing rewards 3145728 of 1"], true),
    ("a smaller reward", "UPDATE rewards SET amount = amount - 0.5 WHERE id = {R}",
     &["reward_amount rewards {R} of 2"], true),
    ("a reward inflated, and its projection with it",
     "UPDATE rewards SET amount = amount + 0.5, cumulative = cumulative + 0.5 WHERE id = {R};
      UPDATE accounts SET balance = balance + 0.5 WHERE kind = 'payable' AND owner = 2",
     &["balance accounts payable/2", "books accounts funds/0", "account_entitlement accounts payable/2 of 2",
       "reward_amount rewards {R} of 2", "reward_cumulative rewards {R} of 2"], true),
    ("a reward inflated in every table",
     "UPDATE rewards SET amount = amount + 0.5, cumulative = cumulative + 0.5 WHERE id = {R};
      UPDATE postings SET amount = amount + 0.5 WHERE (cause, ref, credit_kind, credit_owner) = ('entry', {S}, 'payable', 2);
      UPDATE accounts SET balance = balance + 0.5 WHERE (kind, owner) IN (('payable', 2), ('funds', 0))",
     &["funds accounts funds/0", "account_entitlement accounts payable/2 of 2",
       "reward_amount rewards {R} of 2", "reward_cumulative rewards {R} of 2"], true),
    ("a reward of somebody else", "UPDATE rewards SET user_id = 3 WHERE id = {R}",
     &["reward_receiver rewards {R} of 2"], true),
    ("a reward of another kind", "UPDATE rewards SET type = 'GRANT' WHERE id = {R}",
     &["reward_type rewards {R} of 2"], true),
    ("a reward said to be paid", "UPDATE rewards SET state = 'settled' WHERE id = {R}",
     &["reward_state rewards {R} of 2"], true),
    ("a reward said to be owed", "UPDATE rewards SET state = 'owed' WHERE id = 3145728",
     &["reward_owed rewards 3145728 of 1"], false),
    ("a reward out of circulation", "UPDATE rewards SET state = 'batched' WHERE id = {R}",
     &["reward_batch rewards {R} of 2"], false),
];

const MONEY: &[Line] = &[
    ("an edited balance", "UPDATE accounts SET balance = balance + 1 WHERE kind = 'payable' AND owner = 4",
     &["balance accounts payable/4", "books accounts funds/0", "account_entitlement accounts payable/4 of 4"], true),
    ("edited funds", "UPDATE accounts SET balance = balance - 1 WHERE kind = 'funds'",
     &["funds accounts funds/0", "balance accounts funds/0", "books accounts funds/0"], true),
    ("a wrong owed", "INSERT INTO accounts VALUES ('owed', 3, 1)",
     &["total_owed accounts owed", "balance accounts owed/3", "books accounts funds/0", "account_owed accounts owed/3 of 3"],
     true),
    ("a lost posting", "DELETE FROM postings WHERE (cause, ref, credit_kind, credit_owner) = ('entry', {S}, 'payable', 2)",
     &["balance accounts funds/0", "balance accounts payable/2"], true),
    ("a deleted transaction of the journal",
     "DELETE FROM postings WHERE (cause, ref) = ('entry', 18); DELETE FROM journal_transactions WHERE (cause, ref) = ('entry', 18)",
     &["balance accounts funds/0", "balance accounts payable/4"], true),
    ("a lost seal", "DELETE FROM journal_seals WHERE (cause, ref) = ('entry', 5)",
     &["unsealed journal_transactions entry/5"], true),
    ("an invented balance of a batch",
     "SELECT ensure_journal_months(updated_at, updated_at) FROM blockchain_sync;
      INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, closed_block,
                                  created_at, updated_at)
      SELECT gen_random_uuid(), 9, 'abandoned', 1, head, head, 1, 'x', 1, 1, now(), now() FROM blockchain_sync;
      INSERT INTO payout_items SELECT id, 2, 1, 1, false FROM payout_batches WHERE number = 9;
      SET session_replication_role = origin;
      WITH booked AS (
          INSERT INTO journal_transactions SELECT 'batch_built', 9, updated_at, 1, 0, decode(repeat('00', 32), 'hex')
          FROM blockchain_sync
      ) INSERT INTO postings SELECT 'batch_built', 9, 0, updated_at, 1, 'payable', 2, 'in_batch', 2, 1 FROM blockchain_sync",
     &["account_in_batch accounts in_batch/2 of 2"], false),
    ("a changed payout", "UPDATE payouts SET amount = 1 WHERE user_id = 1", &["account_paid payouts user_id 1 of 1"], true),
    ("a lost payout", "DELETE FROM payouts WHERE user_id = 1",
     &["account_paid payouts user_id 1 of 1", "account_paid_total payouts user_id 1, latest paid_total of 1",
       "account_paid_total payouts user_id 1, largest paid_total of 1"], true),
    ("a payout that says that more was paid in all", "UPDATE payouts SET paid_total = paid_total + 1 WHERE user_id = 1",
     &["account_paid_total payouts user_id 1, latest paid_total of 1",
       "account_paid_total payouts user_id 1, largest paid_total of 1"], true),
    ("two payouts of one, the earlier of which says more",
     "UPDATE payouts SET amount = amount - 1, paid_total = 1000 WHERE user_id = 1;
      INSERT INTO payouts SELECT 2, user_id, kind, 1, 45.6, NULL, tx_hash, block_number, log_index, at FROM payouts WHERE user_id = 1",
     &["account_paid_total payouts user_id 1, largest paid_total of 1"], true),
    ("two payouts of one, the later of which says less",
     "UPDATE payouts SET amount = amount - 1, paid_total = 45.6 WHERE user_id = 1;
      INSERT INTO payouts SELECT 2, user_id, kind, 1, 1, NULL, tx_hash, block_number, log_index, at FROM payouts WHERE user_id = 1",
     &["account_paid_total payouts user_id 1, latest paid_total of 1"], true),
    ("a payout said to be owed", "UPDATE payouts SET kind = 'owed' WHERE user_id = 1",
     &["account_owed payouts user_id 1, owed and not withdrawn of 1"], true),
];

const PEOPLE_AND_HISTORY: &[Line] = &[
    ("a lost log of an entry",
     "DELETE FROM chain_events WHERE block_number = (SELECT block_number FROM history WHERE seq = 7)",
     &["history history seq 8"], true),
    ("a lost entry", "DELETE FROM history WHERE seq = 9", &["history history seq 10"], true),
    ("an edited entry", "UPDATE history SET amount = 21 WHERE seq = 7", &["history_row history seq 7"], true),
    ("an entitlement of a stranger",
     "INSERT INTO users (id, wallet_address, referrer_id, participant, registered_seq, created_at, updated_at)
      VALUES (16, '0x' || repeat('99', 20), 1, true, 1000, now(), now());
      INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, type, amount, cumulative, state, created_at, updated_at)
      VALUES (1048576 + 77, 1, 77, 16, 1, 'GRANT', 9, 9, 'payable', now(), now());
      INSERT INTO accounts VALUES ('payable', 16, 9)",
     &["balance accounts payable/16", "books accounts funds/0", "account_registered users 16 of 16",
       "reward_extra rewards 1048653 of 16", "user_extra users 16"], true),
    ("a person under another sponsor", "UPDATE users SET referrer_id = 2 WHERE id = 7", &["user users 7 of 7"], true),
    ("a person with another wallet", "UPDATE users SET wallet_address = '0x' || repeat('99', 20) WHERE id = 7",
     &["account_registered users 7 of 7", "user users 7 of 7"], true),
    ("a freeze undone", "UPDATE users SET frozen = false WHERE id = 5", &["account_frozen users 5 of 5"], false),
    ("a moved seat", "UPDATE seats SET user_id = 2 WHERE user_id = 9", &["seat_holder seats 4402341478409"], false),
    ("a lost seat", "DELETE FROM seats WHERE user_id = 9", &["seat_missing seats 4402341478409"], false),
    ("a cursor that says more went out", "UPDATE blockchain_sync SET out = 9", &["out blockchain_sync 1"], true),
    ("a cursor that says more came in", "UPDATE blockchain_sync SET seq = 20", &["seq blockchain_sync 1"], true),
    ("a cursor with another head", "UPDATE blockchain_sync SET head = sha256('x')", &["head blockchain_sync 1"], true),
];

/// Payouts as settlement would build and sign them, with a signer that nobody can reach.
async fn payouts(world: &World, books: &Books) -> Payouts {
    let token = SecretString::from("00".repeat(32));
    let signer = SignerClient::new("http://127.0.0.1:9", token, Duration::from_secs(5)).unwrap();
    let limits = Limits { minimum: amount("0.1"), max_items: 1, max_total: None };
    let domain = Domain { chain_id: CHAIN_ID, contract: world.settlement.address };
    Payouts::new(books.pool().await, signer, domain, limits)
}

/// Each difference as the table writes it. A user's number is its wallet's.
async fn found(books: &Books, result: &Reconciliation) -> Vec<String> {
    let wallets = "SELECT wallet_address, id FROM users";
    let users: Vec<(String, i64)> =
        sqlx::query_as(wallets).fetch_all(&books.superuser().await).await.unwrap();
    let text = |it: &Difference| {
        let rows: Vec<_> = it.evidence.iter().map(|row| format!("{} {}", row.table, row.id)).collect();
        let wallet = it.account.map(|account| format!("{account:#x}"));
        let user = wallet.map(|wallet| users.iter().find(|(of, _)| *of == wallet).unwrap().1);
        let whose = user.map_or(String::new(), |user| format!(" of {user}"));
        format!("{} {}{whose}", it.kind.name(), rows.join(" and "))
    };
    result.differences.iter().map(text).collect()
}

/// Compares, and has settlement build a batch and sign one that was built before.
async fn settle_after(
    world: &World,
    books: &Books,
    before: &Payouts,
    built: uuid::Uuid,
) -> (Reconciliation, [bool; 2]) {
    let result = world.reconciler(books).await.run(Scope::All, "test").await.unwrap();
    let stopped = |answer: Result<_, SettlementError>| match answer {
        Err(SettlementError::Held(Hold::Reconciliation { block })) => {
            block == i64::try_from(result.block).unwrap()
        }
        Err(SettlementError::SignerUnavailable { .. }) | Ok(_) => false,
        Err(other) => panic!("{other}"),
    };
    let build = stopped(before.build_batch(&Filter::default(), "test").await);
    let sign = stopped(before.sign_batch(built).await);
    (result, [build, sign])
}

/// Damages books of their own for each line of a table.
async fn each_is_found(table: &[Line]) {
    let world = World::lived().await;
    let first = "SELECT id, seq FROM rewards WHERE user_id = 2 AND state = 'payable' ORDER BY id LIMIT 1";
    let whole = world.books().await;
    let (reward, seq): (i64, i64) = sqlx::query_as(first).fetch_one(&whole.superuser().await).await.unwrap();
    let filled = |text: &str| {
        let double = (seq * 1_048_576 + 77).to_string();
        text.replace("{R}", &reward.to_string()).replace("{S}", &seq.to_string()).replace("{D}", &double)
    };
    let mut wrong = Vec::new();
    for (what, statement, expected, stops) in table {
        let (statement, expected) =
            (filled(statement), expected.iter().map(|it| filled(it)).collect::<Vec<_>>());
        let books = world.books().await;
        let payouts = payouts(&world, &books).await;
        let only = Filter { accounts: Some(vec![world.person(6)]), ..Filter::default() };
        let built = payouts.build_batch(&only, "test").await.unwrap().batch.id;
        books.tamper(&statement).await;
        let (result, stopped) = settle_after(&world, &books, &payouts, built).await;
        let found = found(&books, &result).await;
        if found != expected || result.stops_batches() != *stops || stopped != [*stops; 2] {
            wrong.push(format!(
                "{what}: {found:#?}, stops {}, settlement {stopped:?}",
                result.stops_batches()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn damaged_rewards_are_found_and_named() {
    each_is_found(REWARDS).await;
}

#[tokio::test]
async fn damaged_accounts_and_payouts_are_found_and_named() {
    each_is_found(MONEY).await;
}

#[tokio::test]
async fn damaged_people_seats_and_history_are_found_and_named() {
    each_is_found(PEOPLE_AND_HISTORY).await;
}

#[tokio::test]
async fn what_is_done_to_the_contract_is_found_and_named() {
    for what in ["forced", "drained", "overpaid"] {
        let world = World::lived().await;
        let books = world.books().await;
        let payouts = payouts(&world, &books).await;
        let only = Filter { accounts: Some(vec![world.person(6)]), ..Filter::default() };
        let built = payouts.build_batch(&only, "test").await.unwrap().batch.id;
        let (expected, stops): (&[&str], bool) = match what {
            "forced" => {
                world
                    .settlement
                    .force(world.anvil.address(0), alloy::primitives::U256::from(1))
                    .await
                    .unwrap();
                (&["excess accounts excess/0"], false)
            }
            "drained" => {
                let left = bnb(239);
                world.anvil.rpc().set_balance(world.settlement.address, left).await.unwrap();
                (&["shortfall "], true)
            }
            // A stolen key signs more than person(7) has ever earned.
            _ => {
                world.settlement.pay(&[(world.person(7), bnb(30))], B256::ZERO, bnb(30)).await.unwrap();
                (&["suspense accounts suspense/0", "account_entitlement accounts payable/7 of 7"], true)
            }
        };
        world.catch_up(&books).await;
        let (result, stopped) = settle_after(&world, &books, &payouts, built).await;
        assert_eq!(found(&books, &result).await, expected, "{what}");
        assert_eq!((result.stops_batches(), stopped), (stops, [stops; 2]), "{what}");
    }
}

//! A batch's way round, and who may stop it.

use alloy::primitives::U256;
use banyan_settlement::batch::State;
use banyan_settlement::payouts::calldata;
use banyan_settlement::store::Leader;
use banyan_settlement::{Filter, Hold, SettlementError};
use banyan_testkit::contract::Roles;
use banyan_types::{Address, Amount};

use crate::store;
use crate::world::{OPERATOR, World, amount, wei};

#[tokio::test]
async fn a_batch_goes_all_the_way_to_settled_and_the_balances_agree() {
    let mut world = World::with_three_people().await;
    let (first, company) = (world.person(0), world.anvil.address(Roles::COMPANY));
    let before = [world.anvil.balance(first).await.unwrap(), world.anvil.balance(company).await.unwrap()];

    let batch = world.submit(&Filter { publish_root: true, ..Filter::default() }).await;
    let paid = |user: i64| batch.items.iter().find(|item| item.user == user).unwrap().amount;
    assert_eq!(store::balance(&world.pool, "in_batch").await, batch.batch.total);
    assert_eq!(store::rewards(&world.pool).await.keys().collect::<Vec<_>>(), ["batched"]);

    world.turn().await;
    assert_eq!(world.state(batch.batch.id).await, State::Broadcast);
    world.turn().await;
    assert_eq!(world.state(batch.batch.id).await, State::Included);
    world.anvil.finalize().await.unwrap();
    world.turn().await;
    assert_eq!(world.state(batch.batch.id).await, State::Final);
    world.read().await;
    world.turn().await;

    let settled = world.batch(batch.batch.id).await;
    assert_eq!((settled.batch.state, settled.batch.out), (State::Settled, Some(1)));
    assert!(settled.items.iter().all(|item| !item.open));
    world.assert_all_paid_once().await;
    // The company's share goes to the address that the contract names.
    for ((user, account), before) in [(1, first), (0, company)].into_iter().zip(before) {
        assert_eq!(world.anvil.balance(account).await.unwrap() - before, wei(paid(user)), "user {user}");
    }
}

#[tokio::test]
async fn a_frozen_account_is_left_out_and_one_that_refuses_money_is_owed_it() {
    let mut world = World::start().await;
    let owner = world.person(30);
    let wallet = world.contract.recipient_wallet(owner).await.unwrap();
    let entry = wei(amount("20"));
    world.contract.register_wallet(owner, wallet, Address::ZERO, entry).await.unwrap();
    let frozen = world.person(31);
    world.contract.register(frozen, wallet, entry).await.unwrap();
    world.contract.register(world.person(32), frozen, entry).await.unwrap();
    world.contract.freeze(frozen).await.unwrap();
    world.finalize_and_read().await;

    let batch = world.submit(&Filter::default()).await;
    assert!(batch.items.iter().all(|item| item.account != frozen), "{:?}", batch.items);
    world.until_closed().await;
    assert_eq!(world.state(batch.batch.id).await, State::Settled);
    let owed = batch.items.iter().find(|item| item.account == wallet).unwrap().amount;
    assert_eq!(store::balance(&world.pool, "owed").await, owed);
    assert_eq!(U256::from(world.contract.account(wallet).await.unwrap().owed), wei(owed));
    // What the frozen one has earned waits.
    assert!(store::balance(&world.pool, "payable").await.is_positive());
}

#[tokio::test]
async fn an_inflated_reward_is_refused_by_the_signer_and_everything_is_given_back() {
    let world = World::with_three_people().await;
    let payable = store::balance(&world.pool, "payable").await;
    let reward = store::newest_reward(&world.pool, world.person(0)).await;
    let inflate =
        format!("UPDATE rewards SET amount = amount + 1, cumulative = cumulative + 1 WHERE id = {reward}");
    store::tamper(world.database.url(), &inflate).await;

    let batch = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap();
    let refused = world.payouts.sign_batch(batch.batch.id).await.unwrap_err();
    let SettlementError::SignerRefused { problem, .. } = &refused else { panic!("{refused}") };
    assert!(problem.refusals.iter().any(|refusal| refusal.field.ends_with("cumulative")), "{problem:?}");
    let abandoned = world.batch(batch.batch.id).await;
    assert_eq!(abandoned.batch.state, State::Abandoned);
    assert!(abandoned.batch.reason.unwrap().contains("expected"));
    assert_eq!(store::balance(&world.pool, "payable").await, payable);
    assert_eq!(store::balance(&world.pool, "in_batch").await, Amount::ZERO);

    let mend =
        format!("UPDATE rewards SET amount = amount - 1, cumulative = cumulative - 1 WHERE id = {reward}");
    store::tamper(world.database.url(), &mend).await;
    let anew = world.payouts.retry_batch(batch.batch.id, OPERATOR).await.unwrap();
    assert_eq!((anew.batch.state, anew.batch.number), (State::Signed, 2));
    assert_eq!(anew.batch.total, payable);
}

#[tokio::test]
async fn the_kill_switch_stops_building_signing_queueing_and_sending() {
    let mut world = World::with_three_people().await;
    let switch = |on: bool| {
        format!(
            "INSERT INTO settings VALUES ('kill_switch', '{{\"on\": {on}, \"reason\": \"a drill\"}}', now())
             ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        )
    };
    let url = world.database.url().to_owned();
    let killed = |error: SettlementError| {
        assert!(
            matches!(&error, SettlementError::Held(Hold::KillSwitch { reason }) if reason == "a drill"),
            "{error}"
        );
    };
    let one = Filter { accounts: Some(vec![world.person(0)]), ..Filter::default() };
    let queued = world.submit(&one).await.batch.id;
    let company = Filter { accounts: Some(vec![Address::ZERO]), ..Filter::default() };
    let building = world.payouts.build_batch(&company, OPERATOR).await.unwrap().batch.id;

    store::tamper(&url, &switch(true)).await;
    killed(world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap_err());
    killed(world.payouts.sign_batch(building).await.unwrap_err());
    killed(world.payouts.queue_batch(building).await.unwrap_err());
    world.turn().await;
    assert_eq!(world.state(queued).await, State::Queued);

    store::tamper(&url, &switch(false)).await;
    world.payouts.sign_batch(building).await.unwrap();
    world.payouts.queue_batch(building).await.unwrap();
    world.until_closed().await;
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn an_account_held_after_a_batch_was_built_is_not_paid_by_it() {
    let mut world = World::with_three_people().await;
    let (person, url) = (world.person(0), world.database.url().to_owned());
    let hold = |on: bool| format!("UPDATE users SET held = {on} WHERE wallet_address = '{person:#x}'");
    let payable = store::balance(&world.pool, "payable").await;

    // Before it is signed, queued and sent.
    for stage in [State::Building, State::Signed, State::Queued] {
        let id = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap().batch.id;
        if stage != State::Building {
            world.payouts.sign_batch(id).await.unwrap();
        }
        if stage == State::Queued {
            world.payouts.queue_batch(id).await.unwrap();
        }
        store::tamper(&url, &hold(true)).await;
        if stage == State::Building {
            let stopped = world.payouts.sign_batch(id).await;
            assert!(matches!(stopped, Err(SettlementError::Stopped { .. })), "{stopped:?}");
        }
        if stage == State::Signed {
            let stopped = world.payouts.queue_batch(id).await;
            assert!(matches!(stopped, Err(SettlementError::Stopped { .. })), "{stopped:?}");
        }
        world.turn().await;
        let given_up = world.batch(id).await;
        assert_eq!(given_up.batch.state, State::Abandoned, "{stage:?}");
        assert!(given_up.batch.reason.unwrap().contains(&person.to_string()));
        assert!(given_up.attempts.is_empty());
        assert_eq!(store::balance(&world.pool, "payable").await, payable);
        assert_eq!(store::balance(&world.pool, "in_batch").await, Amount::ZERO);
        store::tamper(&url, &hold(false)).await;
    }

    store::tamper(&url, &hold(true)).await;
    let others = world.submit(&Filter::default()).await;
    assert!(others.items.iter().all(|item| item.account != person), "{:?}", others.items);
    world.until_closed().await;
    assert_eq!(world.state(others.batch.id).await, State::Settled);
    store::tamper(&url, &hold(false)).await;
    world.submit(&Filter::default()).await;
    world.until_closed().await;
    world.assert_all_paid_once().await;
}

#[tokio::test]
async fn a_reconciliation_that_stops_batches_stops_them() {
    let world = World::with_three_people().await;
    let found = |scope: &str, stops: bool| {
        format!(
            "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                          finished_at, balanced, stops_batches, figures)
             SELECT gen_random_uuid(), '{scope}', coalesce(max(run), 0), 3, decode(repeat('00', 32), 'hex'), 3, 'a test',
                    now(), now(), NOT {stops}, {stops}, '{{}}' FROM reconciliations"
        )
    };
    let url = world.database.url();
    for (scope, stops) in
        [("all", true), ("sample", false), ("all", false), ("sample", true), ("sample", false)]
    {
        store::tamper(url, &found(scope, stops)).await;
        let free = (scope, stops) == ("all", false);
        let held = world.payouts.build_batch(&Filter::default(), OPERATOR).await;
        let stopped = matches!(&held, Err(SettlementError::Held(Hold::Reconciliation { block: 3 })));
        assert_eq!(stopped, !free, "{scope} {stops}: {held:?}");
    }
}

#[tokio::test]
async fn who_asks_is_paid_below_the_minimum_and_told_when_it_is_done() {
    let mut world = World::with_three_people().await;
    let asker = world.person(0);
    let ask = format!(
        "INSERT INTO transactions (id, wallet_address, user_id, action, payload, status, created_at, updated_at)
         SELECT gen_random_uuid(), wallet_address, id, 'WITHDRAW', '{{}}', 'prepared', now(), now()
         FROM users WHERE wallet_address = '{asker:#x}'"
    );
    store::tamper(world.database.url(), &ask).await;
    let batch = world.submit(&Filter { minimum: Some(amount("1000")), ..Filter::default() }).await;
    assert_eq!(batch.items.iter().map(|item| item.account).collect::<Vec<_>>(), [asker]);
    assert_eq!(store::withdrawal(&world.pool, asker).await, ("submitted".to_owned(), None));
    world.until_closed().await;
    let hash = world.batch(batch.batch.id).await.batch.tx_hash.map(|hash| format!("{hash:#x}"));
    assert_eq!(store::withdrawal(&world.pool, asker).await, ("confirmed".to_owned(), hash));
}

#[tokio::test]
async fn the_same_batch_submitted_twice_pays_nobody_twice() {
    let mut world = World::with_three_people().await;
    let batch = world.submit(&Filter::default()).await;
    // Somebody with the executor's key sends it first; the process finds its nonce used and nothing left to do.
    let data = calldata(&batch).unwrap().unwrap();
    let executor = world.executor().address();
    let first = world.anvil.rpc().transact(executor, world.contract.address, data.clone(), U256::ZERO).await;
    assert!(first.unwrap().succeeded());
    let again = world.anvil.rpc().transact(executor, world.contract.address, data, U256::ZERO).await;
    assert!(again.is_err(), "a repeat reverts");
    world.turn().await;
    let abandoned = world.batch(batch.batch.id).await;
    assert_eq!(abandoned.batch.state, State::Abandoned);
    assert!(abandoned.batch.reason.unwrap().contains("NothingToDo"));
    assert!(abandoned.attempts.is_empty(), "the revert cost nothing");
    world.finalize_and_read().await;
    world.assert_all_paid_once().await;
    let nothing = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap_err();
    assert!(matches!(nothing, SettlementError::NothingToPay { .. }), "{nothing}");
}

#[tokio::test]
async fn an_account_is_in_one_open_batch_and_a_second_process_stands_by() {
    let world = World::with_three_people().await;
    world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap();
    let second = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap_err();
    assert!(matches!(second, SettlementError::NothingToPay { considered: 0, .. }), "{second}");

    let leader = Leader::take(&world.pool).await.unwrap().unwrap();
    assert!(Leader::take(&world.pool).await.unwrap().is_none());
    drop(leader);
    world.leader().await.leave().await.unwrap();
}

#[tokio::test]
async fn a_batch_is_signed_queued_and_retried_only_where_that_makes_sense() {
    let mut world = World::with_three_people().await;
    let built = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap().batch.id;
    let wrong = |error: SettlementError| {
        assert!(matches!(error, SettlementError::WrongState { .. }), "{error}");
    };
    wrong(world.payouts.queue_batch(built).await.unwrap_err());
    let first = world.payouts.sign_batch(built).await.unwrap();
    wrong(world.payouts.sign_batch(built).await.unwrap_err());
    world.anvil.increase_time(60).await.unwrap();
    world.finalize_and_read().await;
    let again = world.payouts.retry_batch(built, OPERATOR).await.unwrap();
    assert!(again.batch.deadline > first.batch.deadline, "signed again with a later deadline");
    world.payouts.queue_batch(built).await.unwrap();
    world.turn().await;
    wrong(world.payouts.retry_batch(built, OPERATOR).await.unwrap_err());
    wrong(world.payouts.abandon_batch(built, "changed my mind").await.unwrap_err());
    world.until_closed().await;
    wrong(world.payouts.retry_batch(built, OPERATOR).await.unwrap_err());
    let unknown = world.payouts.sign_batch(uuid::Uuid::nil()).await.unwrap_err();
    assert!(matches!(unknown, SettlementError::UnknownBatch(_)), "{unknown}");
}

#[tokio::test]
async fn a_batch_that_postgresql_undoes_is_built_again_and_holds_each_account_once() {
    let world = World::with_three_people().await;
    for statement in [
        "CREATE SEQUENCE tries",
        "GRANT SELECT ON SEQUENCE tries TO banyan_app",
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             IF nextval('tries') <= 3 THEN
                 RAISE EXCEPTION 'could not serialize access' USING ERRCODE = 'serialization_failure';
             END IF;
             RETURN NULL;
         END $$",
        "CREATE TRIGGER fail AFTER INSERT ON payout_items FOR EACH STATEMENT EXECUTE FUNCTION fail()",
    ] {
        store::tamper(world.database.url(), statement).await;
    }
    let built = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap();
    assert_eq!(
        (built.batch.number, built.batch.state),
        (1, State::Building),
        "nothing is left of three tries"
    );
    let tries: i64 = sqlx::query_scalar("SELECT last_value FROM tries").fetch_one(&world.pool).await.unwrap();
    assert_eq!(tries, 4);
}

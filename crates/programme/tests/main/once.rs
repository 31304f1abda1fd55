//! Every range is applied once or not at all, by one process at a time, and the memory is what the history says.

use banyan_programme::{Deployment, Programme, ProgrammeError};
use banyan_types::Address;
use sqlx::{Connection as _, PgConnection};

use crate::contract::{Contract, bnb, plans};
use crate::scene::{Scene, apply, deployment};
use crate::worked_example::contract;

#[tokio::test]
async fn a_range_that_was_applied_is_refused_the_second_time() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut programme = scene.follow(&contract, 100).await;
    let before = scene.picture().await;
    let error = programme.apply(&contract.ranges(100)[0]).await.unwrap_err();
    assert!(matches!(error, ProgrammeError::Range { expected: 21, from: 5, to: 20 }), "{error}");
    assert!(matches!(programme.apply(&contract.ranges(100)[0]).await, Err(ProgrammeError::Closed)));
    let mut again = scene.open().await.unwrap();
    assert!(again.apply(&contract.ranges(100)[0]).await.is_err());
    assert_eq!(scene.picture().await, before);
}

#[tokio::test]
async fn ranges_cut_differently_write_identical_tables() {
    let contract = contract();
    let mut pictures = Vec::new();
    for blocks in [1, 3, 100] {
        let scene = Scene::new("autopool.toml").await;
        scene.follow(&contract, blocks).await;
        pictures.push(scene.picture().await);
    }
    assert!(pictures[0].len() > 10_000);
    assert_eq!(pictures[0], pictures[1]);
    assert_eq!(pictures[0], pictures[2]);
}

#[tokio::test]
async fn a_programme_opened_anew_goes_on_where_the_last_one_ended() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut first = scene.open().await.unwrap();
    apply(&mut first, &contract.ranges(7)[..1]).await;
    let mut second = scene.open().await.unwrap();
    assert_eq!(second.cursor(), first.cursor());
    assert_eq!(second.cursor().block, 11);
    apply(&mut second, &contract.ranges(7)[1..]).await;
    let undisturbed = Scene::new("autopool.toml").await;
    undisturbed.follow(&contract, 7).await;
    assert_eq!(scene.picture().await, undisturbed.picture().await);
}

#[tokio::test]
async fn a_crash_in_the_middle_leaves_nothing() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut programme = scene.open().await.unwrap();
    apply(&mut programme, &contract.ranges(8)[..1]).await;
    let before = scene.picture().await;
    // Somebody holds the books, so that the range stops half written; then the work is cut off.
    let mut holder = PgConnection::connect(scene.database.url()).await.unwrap();
    let mut holding = holder.begin().await.unwrap();
    sqlx::query("SELECT FROM books_lock FOR UPDATE").execute(&mut *holding).await.unwrap();
    let second = &contract.ranges(8)[1];
    let cut = tokio::time::timeout(std::time::Duration::from_millis(700), programme.apply(second)).await;
    assert!(cut.is_err(), "the range should have waited for the books");
    holding.rollback().await.unwrap();
    assert_eq!(scene.picture().await, before);
    assert!(matches!(programme.apply(second).await, Err(ProgrammeError::Closed)));
    let mut again = scene.open().await.unwrap();
    apply(&mut again, &contract.ranges(8)[1..]).await;
    assert_eq!(scene.text("SELECT count(*) FROM history").await, "16");
}

#[tokio::test]
async fn what_cannot_be_sealed_stops_the_next_range_not_the_one_that_stands() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let ranges = contract.ranges(4);
    let mut programme = scene.open().await.unwrap();
    // Something waits for its seal that the journal does not have: found when the first range is sealed.
    let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
    let damage = "SET session_replication_role = replica;
                  INSERT INTO journal_unsealed (cause, ref, at, block_number) VALUES ('entry', 999, now(), 1)";
    sqlx::raw_sql(damage).execute(&mut owner).await.unwrap();
    programme.apply(&ranges[0]).await.unwrap();
    let second = programme.apply(&ranges[1]).await.unwrap();
    assert!(second.entries > 0, "it is committed, so it is told");
    let ProgrammeError::Ledger(error) = programme.apply(&ranges[2]).await.unwrap_err() else { panic!() };
    assert!(!error.is_passing() && error.to_string().contains("ledger verify"), "{error}");
    let applied = scene.text("SELECT last_block FROM blockchain_sync").await;
    assert_eq!(applied, ranges[1].to.to_string());
    assert!(matches!(programme.apply(&ranges[2]).await, Err(ProgrammeError::Closed)));
    assert!(scene.open().await.is_err(), "whoever begins anew is told at once");
}

#[tokio::test]
async fn a_range_that_stood_in_a_deadlock_is_written_again() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut programme = scene.open().await.unwrap();
    // Somebody has the books and wants the cursor; the range has the cursor and wants the books, and is the one that
    // PostgreSQL undoes: the other one would look for deadlocks a minute later.
    let mut holder = PgConnection::connect(scene.database.url()).await.unwrap();
    sqlx::raw_sql("SET deadlock_timeout = '1min'").execute(&mut holder).await.unwrap();
    let mut holding = holder.begin().await.unwrap();
    sqlx::query("SELECT FROM books_lock FOR UPDATE").execute(&mut *holding).await.unwrap();
    let ranges = contract.ranges(100);
    let applying = tokio::spawn(async move {
        apply(&mut programme, &ranges).await;
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while scene.text(waits).await == "0" {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    sqlx::query("SELECT FROM blockchain_sync FOR UPDATE").execute(&mut *holding).await.unwrap();
    holding.rollback().await.unwrap();
    applying.await.unwrap();
    let undisturbed = Scene::new("autopool.toml").await;
    undisturbed.follow(&contract, 100).await;
    assert_eq!(scene.picture().await, undisturbed.picture().await);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(scene.text(deadlocks).await, "1");
}

#[tokio::test]
async fn what_postgresql_undoes_again_and_again_closes_the_programme_and_opened_anew_it_goes_on() {
    let contract = contract();
    for (failures, applied) in [(3, true), (4, false)] {
        let scene = Scene::new("autopool.toml").await;
        let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
        // A sequence is not turned back by what is undone.
        let failing = format!(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN
                 IF nextval('tries') <= {failures} THEN
                     RAISE EXCEPTION 'could not serialize access' USING ERRCODE = 'serialization_failure';
                 END IF;
                 RETURN NULL;
             END $$;
             CREATE TRIGGER fail AFTER INSERT ON rewards FOR EACH STATEMENT EXECUTE FUNCTION fail()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(failing)).execute(&mut owner).await.unwrap();
        let mut programme = scene.open().await.unwrap();
        let range = &contract.ranges(100)[0];
        let result = programme.apply(range).await;
        assert_eq!(result.is_ok(), applied, "{failures}: {result:?}");
        if let Err(error) = result {
            assert!(matches!(&error, ProgrammeError::Ledger(error) if error.is_passing()), "{error}");
            assert!(matches!(programme.apply(range).await, Err(ProgrammeError::Closed)));
            apply(&mut scene.open().await.unwrap(), &contract.ranges(100)).await;
        }
        programme.sealed().await.unwrap();
        assert_eq!(scene.text("SELECT count(*) FROM history").await, "16");
    }
}

#[tokio::test]
async fn of_two_programmes_the_one_that_opened_last_wins() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut first = scene.open().await.unwrap();
    let mut second = scene.open().await.unwrap();
    let ranges = contract.ranges(100);
    let (one, two) = tokio::join!(first.apply(&ranges[0]), second.apply(&ranges[0]));
    assert!(matches!(one, Err(ProgrammeError::LostRace { epoch: 1, .. })), "{one:?}");
    assert_eq!(two.unwrap().entries, 16);
    assert!(matches!(first.halt("too late").await, Err(ProgrammeError::LostRace { .. })));
    second.halt("a gap in the events").await.unwrap();
    assert_eq!(scene.text("SELECT halted FROM blockchain_sync").await, "a gap in the events");
}

#[tokio::test]
async fn a_process_that_was_paused_cannot_write_once_another_has_taken_over() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    let mut paused = scene.open().await.unwrap();
    let mut heir = scene.open().await.unwrap();
    let range = &contract.ranges(100)[0];
    assert!(matches!(paused.apply(range).await, Err(ProgrammeError::LostRace { epoch: 1, .. })));
    assert_eq!(scene.text("SELECT count(*) FROM chain_events").await, "0");
    assert_eq!(heir.apply(range).await.unwrap().entries, 16);
}

#[tokio::test]
async fn another_chain_another_contract_and_a_missing_plan_are_refused() {
    let (scene, contract) = (Scene::new("autopool.toml").await, contract());
    scene.follow(&contract, 100).await;
    let open = async |file, deployment: Deployment| {
        Programme::open(scene.pool.clone(), plans(file).0, deployment).await.unwrap_err().to_string()
    };
    let other_chain = open("autopool.toml", Deployment { chain_id: 56, ..deployment() }).await;
    assert!(other_chain.contains("follows chain 31337, the configuration says 56"), "{other_chain}");
    let other = Deployment { contract: Address::repeat_byte(1), ..deployment() };
    let other_contract = open("autopool.toml", other).await;
    assert!(other_contract.contains("correct chain.contract"), "{other_contract}");
    let other_plan = open("autopool-last-four.toml", deployment()).await;
    assert!(other_plan.contains("no plan file at hand"), "{other_plan}");
    let epoch = scene.text("SELECT epoch FROM blockchain_sync").await;
    assert_eq!(epoch, "2", "only the last one got as far as taking over");
}

#[tokio::test]
async fn an_edited_history_is_not_believed() {
    let edits = [
        ("UPDATE history SET amount = 19 WHERE seq = 3", "head"),
        ("UPDATE history SET outcome = 'refused', reason = 'x' WHERE seq = 3", "outcome"),
        (
            "UPDATE blockchain_sync SET head = history.head FROM history WHERE history.seq = 3",
            "blockchain_sync",
        ),
        ("DELETE FROM history WHERE seq = 15", "blockchain_sync"),
    ];
    for (edit, field) in edits {
        let scene = Scene::new("autopool.toml").await;
        scene.follow(&contract(), 100).await;
        let mut owner = PgConnection::connect(scene.database.url()).await.unwrap();
        sqlx::raw_sql("SET session_replication_role = replica").execute(&mut owner).await.unwrap();
        sqlx::raw_sql(edit).execute(&mut owner).await.unwrap();
        let error = scene.open().await.unwrap_err();
        assert!(matches!(error, ProgrammeError::Stored { .. }), "{edit}: {error}");
        assert!(error.to_string().contains(field), "{edit}: {error}");
    }
}

#[tokio::test]
async fn events_that_contradict_each_other_write_nothing() {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    contract.claim(0, bnb(1));
    let whole = contract.range(5, contract.last_block());
    let change = |edit: fn(&mut Vec<banyan_types::history::ChainEvent>)| {
        let mut changed = whole.clone();
        edit(&mut changed.events);
        changed
    };
    use banyan_types::history::{Fact, Outflow};
    let cases = [
        (
            "head",
            change(|events| {
                let Fact::Entry { head, .. } = &mut events[1].fact else { panic!("an entry") };
                *head = banyan_types::B256::repeat_byte(1);
            }),
        ),
        (
            "expected entry 1",
            change(|events| {
                let Fact::Entry { entry, .. } = &mut events[1].fact else { panic!("an entry") };
                entry.seq = 2;
            }),
        ),
        (
            "expected outflow 1, got 2",
            change(|events| {
                let Fact::Outflow(Outflow::Paid { out, .. }) = &mut events[2].fact else {
                    panic!("a payment")
                };
                *out = 2;
            }),
        ),
        (
            "brings the total",
            change(|events| {
                let Fact::Outflow(Outflow::Paid { paid_total, .. }) = &mut events[2].fact else {
                    panic!("a payment")
                };
                *paid_total = bnb(2);
            }),
        ),
        (
            "is not registered",
            change(|events| {
                let Fact::Outflow(Outflow::Paid { account, .. }) = &mut events[2].fact else {
                    panic!("a payment")
                };
                *account = crate::contract::wallet(9);
            }),
        ),
    ];
    let scene = Scene::new("autopool.toml").await;
    for (expected, range) in cases {
        let error = scene.open().await.unwrap().apply(&range).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
        assert_eq!(scene.text("SELECT count(*) FROM chain_events").await, "0", "{expected}");
    }
    assert_eq!(scene.open().await.unwrap().apply(&whole).await.unwrap().outflows, 1);
}

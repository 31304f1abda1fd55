//! The past: balances and statements as of any block and any time, out of the postings and out of everything else.

use banyan_ledger::store::{
    Connection, Pool, balance_at, balances_at, connect, differences_at, migrate, moment, movements,
    statement, totals, totals_at, user_balances_at,
};
use banyan_ledger::{
    Account, Asked, Cause, Extract, LedgerError, Moment, Source, Statement, Totals, UserBalances,
};
use banyan_testkit::postgres::Database;
use banyan_types::Amount;

use crate::release;
use crate::scene::{SEAT, Scene, bnb};

const SOURCES: [Source; 2] = [Source::Journal, Source::Projections];

/// A database that has lived: restored from the release before, and migrated.
async fn lived() -> (Pool, Database) {
    let database = release::restored().await;
    migrate(database.url()).await.unwrap();
    (connect(&database.url_as("banyan_app"), "test", 2).await.unwrap(), database)
}

async fn at(connection: &mut Connection, block: u64) -> Moment {
    moment(connection, Asked::Block(block)).await.unwrap()
}

fn whole(user: u64, to: Moment) -> Extract {
    Extract { user, from: None, to, after: 0, limit: 1_000_000 }
}

#[tokio::test]
async fn postings_and_projections_say_the_same_of_every_account_at_every_block() {
    let (pool, _database) = lived().await;
    let mut connection = pool.acquire().await.unwrap();
    let (first, last): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT block_number FROM history WHERE seq = 0), last_block FROM blockchain_sync",
    )
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let mut accounts = 0;
    for block in first.unsigned_abs()..=last.unsigned_abs() {
        let moment = at(&mut connection, block).await;
        let posted = balances_at(&mut connection, Source::Journal, moment).await.unwrap();
        let projected = balances_at(&mut connection, Source::Projections, moment).await.unwrap();
        assert_eq!(posted, projected, "block {block}");
        assert_eq!(differences_at(&mut connection, moment, 10).await.unwrap(), vec![], "block {block}");
        let totals = totals_at(&mut connection, Source::Journal, moment).await.unwrap();
        assert_eq!(totals, totals_at(&mut connection, Source::Projections, moment).await.unwrap());
        assert!(totals.balanced(), "block {block}: {totals:?}");
        accounts = posted.len();
    }
    assert!(accounts > 15, "{accounts} accounts in the end");
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    assert_eq!(
        totals_at(&mut connection, Source::Journal, now).await.unwrap(),
        totals(&mut connection).await.unwrap()
    );
}

#[tokio::test]
async fn a_statement_says_what_entries_payments_and_batches_say() {
    let (pool, _database) = lived().await;
    let mut connection = pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    let users: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM users ORDER BY id").fetch_all(&mut *connection).await.unwrap();
    let mut lines = 0;
    for user in users.into_iter().map(i64::unsigned_abs) {
        let posted = movements(&mut connection, Source::Journal, user, now).await.unwrap();
        assert_eq!(
            posted,
            movements(&mut connection, Source::Projections, user, now).await.unwrap(),
            "user {user}"
        );
        let told = statement(&mut connection, &whole(user, now)).await.unwrap();
        for source in SOURCES {
            assert_eq!(told.closing, user_balances_at(&mut connection, source, user, now).await.unwrap());
        }
        // The demo forges a balance and a reward of 1,000 BNB, which batch 4 takes up and the signer refuses.
        let below =
            told.lines.iter().find(|it| it.balance < Amount::ZERO && it.cause != Cause::batch_built(4));
        assert_eq!(below, None, "user {user}");
        assert!(told.lines.iter().zip(1..).all(|(line, number)| line.number == number));
        lines += told.lines.len();
    }
    assert!(lines > 200, "{lines} lines");
}

#[tokio::test]
async fn an_account_that_the_projections_do_not_know_so_is_named() {
    let (pool, database) = lived().await;
    let mut connection = pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    sqlx::query("UPDATE rewards SET state = 'settled' WHERE id = (SELECT min(id) FROM rewards)")
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(differences_at(&mut connection, now, 10).await.unwrap(), vec![], "a state moves nothing");
    let owner = Pool::connect(database.url()).await.unwrap();
    // What no statement can do while the guards are on.
    let mut owner = owner.acquire().await.unwrap();
    sqlx::query("SET session_replication_role = replica").execute(&mut *owner).await.unwrap();
    let lowered = sqlx::query(
        "UPDATE payout_items SET amount = amount - 1 WHERE (batch_id, user_id) = (
             SELECT batch_id, user_id FROM payout_items i JOIN payout_batches b ON b.id = i.batch_id
             WHERE b.closed_block IS NULL AND amount > 1 ORDER BY b.number LIMIT 1)",
    );
    assert_eq!(lowered.execute(&mut *owner).await.unwrap().rows_affected(), 1);
    let found = differences_at(&mut connection, now, 10).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    let change = |i: usize| found[i].posted.checked_sub(found[i].projected).unwrap();
    assert_eq!((change(0), change(1)), (Amount::ZERO.checked_sub(bnb(1)).unwrap(), bnb(1)), "{found:?}");
}

#[tokio::test]
async fn the_books_can_be_asked_about_any_block_of_theirs_and_about_no_other() {
    let scene = Scene::with_cursor().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    for source in SOURCES {
        let nine = at(&mut connection, 9).await;
        assert_eq!(totals_at(&mut connection, source, nine).await.unwrap(), Totals::default());
    }
    let eleven = at(&mut connection, 11).await;
    let before = totals_at(&mut connection, Source::Journal, eleven).await.unwrap();
    assert_eq!((before.funds, before.payable), (bnb(20), bnb(13)));
    let one = UserBalances { payable: bnb(13), reserved: bnb(4), ..UserBalances::default() };
    assert_eq!(user_balances_at(&mut connection, Source::Journal, 1, eleven).await.unwrap(), one);
    let seat = Account::reserved(SEAT);
    assert_eq!(balance_at(&mut connection, Source::Journal, seat, eleven).await.unwrap(), bnb(4));
    let late = moment(&mut connection, Asked::Block(14)).await.unwrap_err();
    assert!(late.to_string().contains("up to block 13 (time 1030)"), "{late}");
    let early = moment(&mut connection, Asked::Block(8)).await.unwrap_err();
    assert!(matches!(early, LedgerError::BeforeStart { block: 9, .. }), "{early}");
    assert!(early.to_string().contains("got block 8"), "{early}");
}

#[tokio::test]
async fn a_time_means_the_last_block_at_or_before_it() {
    let scene = Scene::with_cursor().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let mut block =
        async |time| moment(&mut connection, Asked::Time(time)).await.map(|it| (it.block, it.time));
    for (time, expected) in [
        (990, (9, 990)),
        (999, (9, 990)),
        (1_000, (10, 1_000)),
        (1_009, (10, 1_000)),
        (1_010, (11, 1_010)),
        (1_019, (11, 1_010)),
        (1_020, (12, 1_020)),
        (1_029, (12, 1_020)),
        (1_030, (13, 1_030)),
    ] {
        assert_eq!(block(time).await.unwrap(), expected, "time {time}");
    }
    assert!(matches!(block(989).await, Err(LedgerError::BeforeStart { .. })));
    assert!(matches!(block(1_031).await, Err(LedgerError::NotYet { .. })));
}

#[tokio::test]
async fn an_operators_action_counts_from_the_block_that_the_books_stood_at() {
    let (pool, _database) = lived().await;
    let mut connection = pool.acquire().await.unwrap();
    let actions: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT DISTINCT block_number, extract(epoch FROM at)::bigint FROM journal_transactions
         WHERE cause IN ('batch_built', 'batch_closed', 'excess') ORDER BY block_number",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert!(actions.len() > 3);
    for (block, time) in actions {
        let found = moment(&mut connection, Asked::Time(time.unsigned_abs())).await.unwrap();
        assert_eq!((found.block, found.time), (block.unsigned_abs(), time.unsigned_abs()));
        assert_eq!(at(&mut connection, found.block).await, found);
    }
}

#[tokio::test]
async fn before_the_contract_there_is_nothing_to_ask() {
    let scene = Scene::booked().await;
    let error = moment(&mut scene.pool.acquire().await.unwrap(), Asked::Now).await.unwrap_err();
    assert!(matches!(error, LedgerError::NothingBooked), "{error}");
}

#[tokio::test]
async fn a_statement_shows_every_movement_with_its_cause_and_the_balance_after_it() {
    let scene = Scene::with_cursor().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    let Statement { opening, lines, more, closing } =
        statement(&mut connection, &whole(1, now)).await.unwrap();
    assert_eq!((opening, more), (UserBalances::default(), false));
    let minus_two = Amount::ZERO.checked_sub(bnb(2)).unwrap();
    let seen: Vec<_> = lines.iter().map(|l| (l.cause, l.account, l.other, l.change, l.balance)).collect();
    assert_eq!(
        seen,
        vec![
            (Cause::entry(1), Account::payable(1), Account::FUNDS, bnb(13), bnb(13)),
            (Cause::entry(1), Account::reserved(SEAT), Account::FUNDS, bnb(4), bnb(4)),
            (Cause::outflow(1), Account::payable(1), Account::FUNDS, minus_two, bnb(11)),
        ]
    );
    assert_eq!((lines[2].at, lines[2].block, lines[2].ordinal), (1_020, 12, 0));
    assert_eq!((closing.payable, closing.reserved), (bnb(11), bnb(4)));
}

#[tokio::test]
async fn a_statement_can_be_read_in_pages_and_from_a_moment_on() {
    let scene = Scene::with_cursor().await;
    let mut connection = scene.pool.acquire().await.unwrap();
    let now = moment(&mut connection, Asked::Now).await.unwrap();
    let all = statement(&mut connection, &whole(1, now)).await.unwrap();
    let mut paged = Vec::new();
    loop {
        let after = paged.len() as u64;
        let page = Extract { after, limit: 1, ..whole(1, now) };
        let page = statement(&mut connection, &page).await.unwrap();
        paged.extend(page.lines);
        if !page.more {
            break;
        }
    }
    assert_eq!(paged, all.lines);
    let eleven = at(&mut connection, 11).await;
    // However it is cut, and wherever it begins: within a block, at the first one, behind the last.
    for (from, block) in
        [(None, 0), (Some(at(&mut connection, 10).await), 10), (Some(eleven), 11), (Some(now), 13)]
    {
        for (after, limit) in (0..=4).flat_map(|after| (1..=4).map(move |limit| (after, limit))) {
            let page = Extract { from, after, limit, ..whole(1, now) };
            let page = statement(&mut connection, &page).await.unwrap();
            let rest: Vec<_> =
                all.lines.iter().filter(|line| line.number > after && line.block > block).cloned().collect();
            let (cut, more) = (limit.min(rest.len()), rest.len() > limit);
            assert_eq!((page.lines.as_slice(), page.more), (&rest[..cut], more), "{block} {after} {limit}");
        }
    }
    let rest = Extract { from: Some(eleven), ..whole(1, now) };
    let rest = statement(&mut connection, &rest).await.unwrap();
    assert_eq!((rest.opening.payable, rest.lines.as_slice()), (bnb(13), &all.lines[2..]));
}

//! What is asked to be signed rests on sealed books.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use banyan_settlement::{Filter, SettlementError};
use sqlx::{Connection as _, PgConnection};
use tokio::net::TcpListener;

use crate::world::{OPERATOR, World, payouts};

#[tokio::test]
async fn where_the_books_cannot_be_sealed_the_signer_is_not_asked() {
    let world = World::with_three_people().await;
    let id = world.payouts.build_batch(&Filter::default(), OPERATOR).await.unwrap().batch.id;
    // Something waits for its seal that the journal does not have.
    let mut owner = PgConnection::connect(world.database.url()).await.unwrap();
    let damage = "SET session_replication_role = replica;
                  INSERT INTO journal_unsealed (cause, ref, at, block_number) VALUES ('entry', 999, now(), 1)";
    sqlx::raw_sql(damage).execute(&mut owner).await.unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let asked = asked.clone();
        async move {
            while listener.accept().await.is_ok() {
                asked.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let payouts = payouts(world.pool.clone(), &url, world.contract.address);
    for error in
        [payouts.sign_batch(id).await.unwrap_err(), payouts.retry_batch(id, OPERATOR).await.unwrap_err()]
    {
        assert!(matches!(error, SettlementError::Storage(_)), "{error:?}");
        assert!(error.to_string().contains("ledger verify"), "{error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

//! Single bookings of many callers, committed together.
//!
//! All bookings meet in the balance of the funds, so their commits cannot overlap, and a commit that reaches the disk takes
//! milliseconds. The clerk therefore writes in one database transaction whatever has come in while the last one
//! committed; each caller still gets an answer of its own. Who was answered often has the next order ready at once, so the
//! clerk looks out for them for a moment before the next commit: otherwise callers would fall into two halves, each of which
//! waits while the clerk commits for the other.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::{Pool, book};
use crate::{LedgerError, Transaction};

/// Most transactions that are committed together; more wait for the next time.
const MOST: usize = 1_000;
/// How long the clerk looks out for those who were just answered; a fraction of what a commit takes.
const PATIENCE: Duration = Duration::from_micros(500);

/// Books transactions of many tasks of a process. Cloning shares it; it ends when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Clerk {
    counter: mpsc::Sender<Order>,
}

/// A transaction to book, and who waits for the answer.
struct Order {
    transaction: Transaction,
    answer: oneshot::Sender<Result<(), LedgerError>>,
}

impl Clerk {
    /// A clerk who uses one connection of `pool`, as a task of the current runtime.
    pub fn start(pool: Pool) -> Clerk {
        let (counter, orders) = mpsc::channel(MOST);
        tokio::spawn(serve(pool, orders));
        Clerk { counter }
    }

    /// Books a transaction. When this returns it is committed, now or before with the same content. A caller who does not
    /// wait for the answer may find it booked all the same.
    ///
    /// # Errors
    /// As [`book`]; whatever is refused of others is no concern of this caller.
    pub async fn book(&self, transaction: Transaction) -> Result<(), LedgerError> {
        let (answer, answered) = oneshot::channel();
        // The clerk lives as long as there is somebody to ask, unless the runtime is ending.
        self.counter.send(Order { transaction, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

async fn serve(pool: Pool, mut orders: mpsc::Receiver<Order>) {
    let (mut waiting, mut expected) = (Vec::new(), 0);
    while gather(&mut orders, &mut waiting, expected, PATIENCE).await {
        let served = waiting.len();
        let answers = commit_all(&pool, waiting.drain(..)).await;
        // Counted before anybody is answered: who is answered and back at once is no further caller.
        expected = served + orders.len();
        for (answer, result) in answers {
            // Whoever asked may have gone.
            let _ = answer.send(result);
        }
    }
}

/// At least one order, and up to as many as are expected if they come soon; false once nobody is left to ask. A lone
/// caller never waits: one is expected then, and there.
async fn gather<T>(
    orders: &mut mpsc::Receiver<T>,
    waiting: &mut Vec<T>,
    expected: usize,
    patience: Duration,
) -> bool {
    if orders.recv_many(waiting, MOST).await == 0 {
        return false;
    }
    let begin = Instant::now();
    while waiting.len() < expected.min(MOST) && begin.elapsed() < patience {
        // The runtime's timers count milliseconds, so the clerk lets others go first and looks again.
        tokio::task::yield_now().await;
        while waiting.len() < MOST
            && let Ok(order) = orders.try_recv()
        {
            waiting.push(order);
        }
    }
    true
}

/// Commits the orders together, or each alone if that cannot be: what is to be answered, to whom.
async fn commit_all(
    pool: &Pool,
    orders: impl Iterator<Item = Order>,
) -> Vec<(oneshot::Sender<Result<(), LedgerError>>, Result<(), LedgerError>)> {
    let (transactions, answers): (Vec<_>, Vec<_>) =
        orders.map(|order| (order.transaction, order.answer)).unzip();
    let mut together = commit(pool, &transactions).await;
    let mut results = Vec::with_capacity(answers.len());
    for (transaction, answer) in transactions.into_iter().zip(answers) {
        // One that cannot be booked takes all beside it with it, so each is tried alone. What was committed although
        // the answer got lost is known then, and left alone. What no attempt mends now is everybody's answer.
        let result = match &together {
            Ok(()) => Ok(()),
            Err(error) if error.is_passing() => Err(LedgerError::Unserved { reason: error.to_string() }),
            Err(_) => commit(pool, &[transaction]).await,
        };
        if let (Err(_), Err(error)) = (&together, &result)
            && error.is_passing()
        {
            together = Err(LedgerError::Unserved { reason: error.to_string() });
        }
        results.push((answer, result));
    }
    results
}

/// Nobody is left to ask: the runtime is ending.
fn ended() -> LedgerError {
    LedgerError::from(sqlx::Error::WorkerCrashed)
}

async fn commit(pool: &Pool, transactions: &[Transaction]) -> Result<(), LedgerError> {
    let mut work = pool.begin().await?;
    book(&mut work, transactions).await?;
    Ok(work.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// What is gathered of one order that is there and three that come while the clerk looks out.
    async fn gathered(expected: usize, patience: Duration) -> Vec<u32> {
        let (counter, mut orders) = mpsc::channel(MOST);
        counter.send(0).await.unwrap();
        let later = tokio::spawn(async move {
            for order in 1..=3 {
                tokio::task::yield_now().await;
                // Nobody waits for those beyond what was expected.
                let _ = counter.send(order).await;
            }
            // Somebody could still ask.
            counter.closed().await;
        });
        let mut waiting = Vec::new();
        assert!(gather(&mut orders, &mut waiting, expected, patience).await);
        drop(orders);
        later.await.unwrap();
        waiting
    }

    #[tokio::test]
    async fn those_who_were_answered_are_waited_for_and_a_lone_caller_is_not() {
        assert_eq!(gathered(4, LONG).await, [0, 1, 2, 3]);
        assert_eq!(gathered(3, LONG).await, [0, 1, 2]);
        assert_eq!(gathered(1, LONG).await, [0]);
    }

    #[tokio::test]
    async fn patience_ends() {
        assert_eq!(gathered(5, Duration::ZERO).await, [0]);
    }

    #[tokio::test]
    async fn nobody_is_left_to_ask() {
        let (counter, mut orders) = mpsc::channel::<u32>(1);
        drop(counter);
        assert!(!gather(&mut orders, &mut Vec::new(), 0, LONG).await);
    }
}

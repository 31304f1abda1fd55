//! Whether the server has room for the locks that the journal's months cost whoever reads all of them. It is asked when
//! the books are opened: otherwise a question would fail years later, in the month that was one too many.

use super::Connection;
use crate::LedgerError;

/// Locks that such a question takes for each month: its two tables and their indexes.
const LOCKS_A_MONTH: u64 = 7;
/// Months that come while nobody looks.
const AHEAD: u64 = 12;

/// What there is, and what the months cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRoom {
    /// Months of the journal.
    pub months: u64,
    /// The server's `max_locks_per_transaction`.
    pub locks: u64,
    /// Sessions and prepared transactions that the server takes at most; it has room for `locks` for each.
    pub sessions: u64,
}

/// The room of the server, and the months of the journal.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn lock_room(connection: &mut Connection) -> Result<LockRoom, LedgerError> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM pg_inherits WHERE inhparent = 'postings'::regclass) AS "months!",
                  current_setting('max_locks_per_transaction')::bigint AS "locks!",
                  current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint
                      AS "sessions!""#
    )
    .fetch_one(connection)
    .await?;
    let number = i64::unsigned_abs;
    Ok(LockRoom { months: number(row.months), locks: number(row.locks), sessions: number(row.sessions) })
}

impl LockRoom {
    /// What is too little for so many questions about all months at a time, now and in a year; `None` if nothing is.
    ///
    /// # Errors
    /// [`LedgerError::TooFewLocks`]: there is no room for one question about the months that there are.
    pub fn lacks(self, questions: u32) -> Result<Option<String>, LedgerError> {
        let wanted = self.wanted(questions);
        if self.cost(self.months, 1) > self.locks.saturating_mul(self.sessions) {
            let LockRoom { months, locks: found, .. } = self;
            return Err(LedgerError::TooFewLocks { months, found, wanted });
        }
        Ok((self.locks < wanted).then(|| {
            format!(
                "expected max_locks_per_transaction = {wanted} or more, got {}: the journal has {} months, and {questions} \
                 questions about all of them at a time will lack locks within a year; set it in postgresql.conf and restart \
                 the server",
                self.locks, self.months
            )
        }))
    }

    fn cost(self, months: u64, questions: u32) -> u64 {
        LOCKS_A_MONTH.saturating_mul(months).saturating_mul(u64::from(questions))
    }

    /// A power of two, as the setting usually is.
    fn wanted(self, questions: u32) -> u64 {
        let cost = self.cost(self.months.saturating_add(AHEAD), questions);
        cost.div_ceil(self.sessions.max(1)).next_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_lacks_is_told_before_it_is_lacking() {
        // Months, locks, sessions, questions at a time, and what is wanted if it is too little.
        for (months, locks, sessions, questions, wanted) in [
            (0, 64, 100, 10, None),
            (60, 64, 100, 10, None),
            (79, 64, 100, 10, None),
            (80, 64, 100, 10, Some(128)),
            (60, 64, 100, 17, Some(128)),
            (60, 64, 20, 10, Some(256)),
            (600, 256, 100, 10, Some(512)),
        ] {
            let lacks = LockRoom { months, locks, sessions }.lacks(questions).unwrap();
            match wanted {
                None => assert_eq!(lacks, None, "{months} months"),
                Some(wanted) => {
                    let told = lacks.unwrap_or_else(|| panic!("{months} months of {locks} locks"));
                    let names = format!("max_locks_per_transaction = {wanted} or more, got {locks}");
                    assert!(told.contains(&names), "{told}");
                }
            }
        }
    }

    #[test]
    fn books_that_no_question_could_read_are_not_opened() {
        let error = LockRoom { months: 108, locks: 64, sessions: 10 }.lacks(1).unwrap_err();
        assert!(error.to_string().contains("max_locks_per_transaction = 128 or more, got 64"), "{error}");
        assert!(!error.is_passing());
    }
}

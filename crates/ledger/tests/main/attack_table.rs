//! The attacks of `attacks`, each a line of raw SQL that must be refused.

use crate::attack::Attacker::{App, Owner};
use crate::attack::{APPEND_ONLY, Attack, BOTH, CHECK, DUPLICATE, FORBIDDEN, INTEGRITY, LEGS, NULL, RANGE};

/// All of them.
pub const ATTACKS: &[Attack] = &[
    Attack {
        invariant: "a posting has two legs: no account to credit",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, NULL, NULL, 20)",
        code: NULL,
    },
    Attack {
        invariant: "a posting has two legs: the same account twice is one",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'payable', 1, 'payable', 1, 20)",
        code: CHECK,
    },
    Attack {
        invariant: "an amount is above 0: zero",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 0)",
        code: CHECK,
    },
    Attack {
        invariant: "an amount is above 0: negative",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, -20)",
        code: CHECK,
    },
    Attack {
        invariant: "an amount is a number",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 'NaN')",
        code: CHECK,
    },
    Attack {
        invariant: "an amount is finite",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 'Infinity')",
        code: RANGE,
    },
    Attack {
        invariant: "an amount is below 10^20 BNB",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 1e20)",
        code: RANGE,
    },
    Attack {
        invariant: "a balance is not below zero: more out of payable than is there",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 12)",
        code: CHECK,
    },
    Attack {
        invariant: "an entry brings exactly what the contract says: more",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 21)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "an entry brings exactly what the contract says: an entry that never was",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 3, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 3, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 20)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "an outflow lets out exactly what the contract says: one that never was",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1010), 11, 'payable', 1, 'funds', 0, 1)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "an outflow lets out exactly what the contract says: nothing at all",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'paid', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1010), 11, 'payable', 1, 'owed', 1, 1)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a batch moves money inside, never out",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'funds', 0, 1)",
        code: CHECK,
    },
    Attack {
        invariant: "an entry never takes money out",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1010), 11, 'payable', 1, 'funds', 0, 20)",
        code: CHECK,
    },
    Attack {
        invariant: "forced ether is nobody's: credited to a user",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('excess', 12, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('excess', 12, 0, to_timestamp(1030), 12, 'funds', 0, 'payable', 1, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "forced ether is nobody's: a user's made excess",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('excess', 12, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('excess', 12, 0, to_timestamp(1030), 12, 'payable', 1, 'excess', 0, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "forced ether is nobody's: booked excess handed out",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('excess', 12, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('excess', 12, 0, to_timestamp(1030), 12, 'excess', 0, 'payable', 1, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch built takes an account's own money: another's in the batch",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 2, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch built takes an account's own money: one user's to another",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'payable', 2, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch built takes an account's own money: out of the company, whose balance may fall below zero",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 0, 'payable', 5, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch built takes what is payable: out of suspense",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'suspense', 0, 'in_batch', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch built takes what is payable: out of a reserve",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 0, to_timestamp(1030), 12, 'reserved', 4402341478401, 'in_batch', 1, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch closed gives back what it took: out of suspense",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_closed', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_closed', 1, 0, to_timestamp(1030), 12, 'suspense', 0, 'payable', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch closed gives back what it took: out of the company",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_closed', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_closed', 1, 0, to_timestamp(1030), 12, 'payable', 0, 'payable', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "a batch closed gives back what it took: as a debt of the contract",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_closed', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_closed', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'owed', 1, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "an entry credits what it brought: out of the company",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 0, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 0, 0, to_timestamp(1030), 12, 'payable', 0, 'payable', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "an entry credits what it brought: out of suspense",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 0, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 0, 0, to_timestamp(1030), 12, 'suspense', 0, 'payable', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "an entry credits what it brought: into a batch",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1030), 12, 'funds', 0, 'in_batch', 1, 20)",
        code: LEGS,
    },
    Attack {
        invariant: "an entry credits what it brought: into suspense",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 2, 0, to_timestamp(1030), 12, 'funds', 0, 'suspense', 0, 20)",
        code: LEGS,
    },
    Attack {
        invariant: "an outflow makes owed what was the account's: another account's",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'owed', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1030), 12, 'payable', 1, 'owed', 2, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "an outflow makes owed what was the account's: payable to another",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'owed', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1030), 12, 'payable', 0, 'payable', 1, 1000)",
        code: LEGS,
    },
    Attack {
        invariant: "an outflow makes owed what was the account's: a debt moved to another",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'owed', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1030), 12, 'owed', 1, 'owed', 2, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "an outflow takes from accounts: out of a reserve",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'paid', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1030), 12, 'reserved', 4402341478401, 'funds', 0, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "an outflow takes from accounts: out of the excess",
        by: BOTH,
        sql: "INSERT INTO payouts VALUES (2, 1, 'paid', 1, 3, NULL, '0x', 12, 0, to_timestamp(1020));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('outflow', 2, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('outflow', 2, 0, to_timestamp(1030), 12, 'excess', 0, 'funds', 0, 1)",
        code: LEGS,
    },
    Attack {
        invariant: "a posting belongs to a transaction",
        by: BOTH,
        sql: "INSERT INTO postings VALUES ('batch_built', 9, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a transaction has postings",
        by: BOTH,
        sql: "INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex'))",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a transaction's postings are all there: one of two left out",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('batch_built', 1, to_timestamp(1030), 12, 1, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('batch_built', 1, 1, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a transaction is booked once: a posting added later",
        by: BOTH,
        sql: "INSERT INTO postings VALUES ('entry', 1, 3, to_timestamp(1000), 10, 'reserved', 4402341478401, 'payable', 2, 1)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a transaction is booked once: all its postings again",
        by: BOTH,
        sql: "INSERT INTO postings SELECT * FROM postings WHERE cause = 'entry' AND ref = 1",
        code: DUPLICATE,
    },
    Attack {
        invariant: "a cause is used once: at another time",
        by: BOTH,
        sql: "WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 1, to_timestamp(1010), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 1, 0, to_timestamp(1010), 11, 'funds', 0, 'payable', 1, 20)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "a cause is used once: in another month",
        by: BOTH,
        sql: "SELECT ensure_journal_months(to_timestamp(4000000), to_timestamp(4000000));
              WITH t AS (INSERT INTO journal_transactions VALUES
                  ('entry', 1, to_timestamp(4000000), 11, 0, decode(repeat('00', 32), 'hex')))
              INSERT INTO postings VALUES ('entry', 1, 0, to_timestamp(4000000), 11, 'funds', 0, 'payable', 1, 20)",
        code: INTEGRITY,
    },
    Attack {
        invariant: "the journal is never changed",
        by: &[Owner],
        sql: "UPDATE journal_transactions SET block_number = 11",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "the journal is never deleted",
        by: &[Owner],
        sql: "DELETE FROM journal_transactions WHERE ref = 1",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "the journal is never emptied",
        by: &[Owner],
        sql: "TRUNCATE journal_transactions, postings",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "postings are never changed",
        by: &[Owner],
        sql: "UPDATE postings SET amount = 14",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "postings are never deleted",
        by: &[Owner],
        sql: "DELETE FROM postings",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "postings are never emptied",
        by: &[Owner],
        sql: "TRUNCATE postings CASCADE",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "history is never changed",
        by: &[Owner],
        sql: "UPDATE history SET amount = 21 WHERE seq = 1",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "history is never deleted",
        by: &[Owner],
        sql: "DELETE FROM history WHERE seq = 2",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "history is never emptied",
        by: &[Owner],
        sql: "TRUNCATE history CASCADE",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "raw events are never changed",
        by: &[Owner],
        sql: "UPDATE chain_events SET data = '\\x01'",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "raw events are never deleted",
        by: &[Owner],
        sql: "DELETE FROM chain_events",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "raw events are never emptied",
        by: &[Owner],
        sql: "TRUNCATE chain_events CASCADE",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "the audit log is never changed",
        by: &[Owner],
        sql: "UPDATE audit_logs SET actor = 'nobody'",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "the audit log is never deleted",
        by: &[Owner],
        sql: "DELETE FROM audit_logs",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "the audit log is never emptied",
        by: &[Owner],
        sql: "TRUNCATE audit_logs",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "balances are written by postings: changed",
        by: &[Owner],
        sql: "UPDATE accounts SET balance = balance + 1",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "balances are written by postings: added",
        by: &[Owner],
        sql: "INSERT INTO accounts VALUES ('payable', 2, 5)",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "balances are written by postings: deleted",
        by: &[Owner],
        sql: "DELETE FROM accounts WHERE kind = 'payable'",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "balances are written by postings: emptied",
        by: &[Owner],
        sql: "TRUNCATE accounts",
        code: APPEND_ONLY,
    },
    Attack {
        invariant: "nobody chooses a run's number: one that lifts the stops to come",
        by: &[App],
        sql: "INSERT INTO reconciliations (id, run, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                           finished_at, balanced, stops_batches, figures)
              OVERRIDING SYSTEM VALUE
              SELECT gen_random_uuid(), 4611686018427387904, 'all', 4611686018427387903, 1, decode(repeat('00', 32), 'hex'), 3,
                     'x', now(), now(), true, false, '{}'",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "nobody chooses a run's number, by COPY neither",
        by: &[App],
        sql: "COPY reconciliations (id, run) FROM '/dev/null'",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "nobody takes the number of a line of the log to come",
        by: &[App],
        sql: "INSERT INTO audit_logs (id, actor, action, subject, detail) OVERRIDING SYSTEM VALUE
              VALUES (1000, 'x', 'x', 'x', '{}')",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services change no journal",
        by: &[App],
        sql: "UPDATE journal_transactions SET block_number = 11",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services delete no posting",
        by: &[App],
        sql: "DELETE FROM postings",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services change no history",
        by: &[App],
        sql: "UPDATE history SET amount = 21",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services empty no raw events",
        by: &[App],
        sql: "TRUNCATE chain_events",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services delete no audit log",
        by: &[App],
        sql: "DELETE FROM audit_logs",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services write no balance",
        by: &[App],
        sql: "UPDATE accounts SET balance = 1000",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services add no balance",
        by: &[App],
        sql: "INSERT INTO accounts VALUES ('payable', 2, 5)",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a reward keeps its amount",
        by: &[App],
        sql: "UPDATE rewards SET amount = 14",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a reward keeps what it adds up to",
        by: &[App],
        sql: "UPDATE rewards SET cumulative = 1000",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a reward keeps its receiver",
        by: &[App],
        sql: "UPDATE rewards SET user_id = 2",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a reward is never deleted",
        by: &[App],
        sql: "DELETE FROM rewards",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a user keeps the wallet",
        by: &[App],
        sql: "UPDATE users SET wallet_address = '0x' || repeat('33', 20)",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "a payout is never changed",
        by: &[App],
        sql: "UPDATE payouts SET amount = 1",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services make no table",
        by: &[App],
        sql: "CREATE TABLE mine (n int)",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services drop no table",
        by: &[App],
        sql: "DROP TABLE audit_logs",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services alter no table",
        by: &[App],
        sql: "ALTER TABLE accounts DROP CONSTRAINT no_balance_below_zero",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services switch off no trigger",
        by: &[App],
        sql: "ALTER TABLE postings DISABLE TRIGGER ALL",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services switch off no check of the session",
        by: &[App],
        sql: "SET session_replication_role = replica",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services replace no function",
        by: &[App],
        sql: "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS ''",
        code: FORBIDDEN,
    },
    Attack {
        invariant: "the services take no other role",
        by: &[App],
        sql: "SET ROLE pg_write_all_data",
        code: FORBIDDEN,
    },
];

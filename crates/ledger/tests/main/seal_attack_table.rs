//! The attacks on months, seals, causes and the outbox: raw SQL that must be refused, as each of the three roles.

use crate::attack::Attacker::{App, Owner, Reader};
use crate::attack::{APPEND_ONLY, Attack, Attacker, BOTH, FORBIDDEN, LEGS};

const READER: &[Attacker] = &[Reader];
const OWNER: &[Attacker] = &[Owner];
const NOT_OWNED: &[Attacker] = &[App, Reader];
const RESERVES: &str = "reserves_end_with_their_seat";
const TOGETHER: &str = "postings_come_together";
const NO_POSTINGS: &str = "every_transaction_has_postings";
const UNSEALED: &str = "sealed_before_signed";
const LIFT: &str = "a_stop_is_lifted_by_what_came_after_it";
const PARAMETER: &str = "22023";

/// An attack in one line.
const fn attack(
    invariant: &'static str,
    by: &'static [Attacker],
    code: &'static str,
    sql: &'static str,
) -> Attack {
    Attack { invariant, by, sql, code }
}

/// All of them.
pub const SEAL_ATTACKS: &[Attack] = &[
    // The journal's own checks, now that they are of sets.
    attack("a transaction and its postings are one statement: the postings later", BOTH, NO_POSTINGS,
        "INSERT INTO journal_transactions VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex'));
         INSERT INTO postings VALUES
             ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1)"),
    attack("a posting is of its transaction's time", BOTH, TOGETHER,
        "WITH t AS (INSERT INTO journal_transactions VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('batch_built', 1, 0, to_timestamp(1031), 12, 'payable', 1, 'in_batch', 1, 1)"),
    attack("a posting is of its transaction's block", BOTH, TOGETHER,
        "WITH t AS (INSERT INTO journal_transactions VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('batch_built', 1, 0, to_timestamp(1030), 11, 'payable', 1, 'in_batch', 1, 1)"),
    attack("a good posting carries no bad one along", BOTH, LEGS,
        "WITH t AS (INSERT INTO journal_transactions VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 1, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1),
             ('batch_built', 1, 1, to_timestamp(1030), 12, 'payable', 0, 'payable', 1, 1)"),
    attack("a reserve ends with its seat: released by an entry that brought nothing", BOTH, RESERVES,
        "WITH t AS (INSERT INTO journal_transactions VALUES
             ('entry', 0, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('entry', 0, 0, to_timestamp(1030), 12, 'reserved', 4402341478401, 'payable', 1, 4)"),
    attack("a reserve ends with its seat: said to have ended, by the genesis", BOTH, RESERVES,
        "INSERT INTO rewards (id, seq, ordinal, user_id, source_user_id, seat_id, type, amount, cumulative, state,
                              created_at, updated_at)
         VALUES (0, 0, 0, 1, 1, 4402341478401, 'BONUS', 4, 19, 'payable', to_timestamp(990), to_timestamp(990));
         UPDATE seats SET status = 'completed', completed_seq = 0, spent = 0, released = 4;
         WITH t AS (INSERT INTO journal_transactions VALUES
             ('entry', 0, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('entry', 0, 0, to_timestamp(1030), 12, 'reserved', 4402341478401, 'payable', 1, 4)"),
    attack("a reserve ends whole: a part of it released beside a payment", BOTH, RESERVES,
        "WITH t AS (INSERT INTO journal_transactions VALUES
             ('entry', 2, to_timestamp(1030), 12, 1, decode(repeat('00', 32), 'hex')))
         INSERT INTO postings VALUES
             ('entry', 2, 0, to_timestamp(1030), 12, 'funds', 0, 'payable', 1, 20),
             ('entry', 2, 1, to_timestamp(1030), 12, 'reserved', 4402341478401, 'payable', 1, 1)"),
    // Months.
    attack("a month takes nothing directly: a transaction", OWNER, APPEND_ONLY,
        "INSERT INTO journal_transactions_1970_01 VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex'))"),
    attack("a month takes nothing directly: a posting", OWNER, APPEND_ONLY,
        "INSERT INTO postings_1970_01 VALUES
             ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1)"),
    attack("a month's postings are never changed", OWNER, APPEND_ONLY, "UPDATE postings_1970_01 SET amount = 14"),
    attack("a month's postings are never deleted", OWNER, APPEND_ONLY, "DELETE FROM postings_1970_01"),
    attack("a month's postings are never emptied", OWNER, APPEND_ONLY, "TRUNCATE postings_1970_01"),
    attack("a month's transactions are never changed", OWNER, APPEND_ONLY,
        "UPDATE journal_transactions_1970_01 SET block_number = 1"),
    attack("a month's transactions are never emptied", OWNER, APPEND_ONLY,
        "TRUNCATE journal_transactions_1970_01 CASCADE"),
    attack("a month's postings are not the services' to write", NOT_OWNED, FORBIDDEN,
        "INSERT INTO postings_1970_01 VALUES
             ('batch_built', 1, 0, to_timestamp(1030), 12, 'payable', 1, 'in_batch', 1, 1)"),
    attack("a month stays where it is", NOT_OWNED, FORBIDDEN,
        "ALTER TABLE postings DETACH PARTITION postings_1970_01"),
    attack("a month is never dropped", NOT_OWNED, FORBIDDEN, "DROP TABLE postings_1970_01"),
    attack("a month's guard stays on", NOT_OWNED, FORBIDDEN,
        "ALTER TABLE postings_1970_01 DISABLE TRIGGER month_is_closed"),
    attack("months are of the programme's time", BOTH, PARAMETER,
        "SELECT ensure_journal_months('1969-01-01Z', '1969-01-01Z')"),
    attack("months are made a few at a time", BOTH, PARAMETER,
        "SELECT ensure_journal_months('1970-01-01Z', '2199-01-01Z')"),
    // Seals, causes, and what waits.
    attack("seals are the sealer's: added", OWNER, APPEND_ONLY,
        "INSERT INTO journal_seals VALUES (1, 'entry', 1, to_timestamp(1000), decode(repeat('00', 32), 'hex'))"),
    attack("seals are the sealer's: changed", OWNER, APPEND_ONLY,
        "UPDATE journal_seals SET hash = decode(repeat('00', 32), 'hex')"),
    attack("seals are the sealer's: deleted", OWNER, APPEND_ONLY, "DELETE FROM journal_seals"),
    attack("seals are the sealer's: emptied", OWNER, APPEND_ONLY, "TRUNCATE journal_seals"),
    attack("causes are the journal's: added", OWNER, APPEND_ONLY,
        "INSERT INTO journal_causes VALUES ('entry', 2, to_timestamp(1000), '')"),
    attack("causes are the journal's: freed", OWNER, APPEND_ONLY, "DELETE FROM journal_causes"),
    attack("causes are the journal's: emptied", OWNER, APPEND_ONLY, "TRUNCATE journal_causes"),
    attack("what waits for its seal goes on waiting: deleted", OWNER, APPEND_ONLY, "DELETE FROM journal_unsealed"),
    attack("what waits for its seal goes on waiting: emptied", OWNER, APPEND_ONLY, "TRUNCATE journal_unsealed"),
    attack("the sealer's place is one row: another", OWNER, APPEND_ONLY,
        "INSERT INTO seal_head VALUES (1, 5, decode(repeat('00', 32), 'hex'), 0, 0, 0, 0)"),
    attack("the sealer's place is one row: none", OWNER, APPEND_ONLY, "DELETE FROM seal_head"),
    attack("the sealer's place is one row: emptied", OWNER, APPEND_ONLY, "TRUNCATE seal_head"),
    attack("the services write no seal", NOT_OWNED, FORBIDDEN,
        "INSERT INTO journal_seals VALUES (1, 'entry', 1, to_timestamp(1000), decode(repeat('00', 32), 'hex'))"),
    attack("the services change no seal", NOT_OWNED, FORBIDDEN, "UPDATE journal_seals SET number = number + 1"),
    attack("the services delete no seal", NOT_OWNED, FORBIDDEN, "DELETE FROM journal_seals"),
    attack("the services write no cause", NOT_OWNED, FORBIDDEN,
        "INSERT INTO journal_causes VALUES ('entry', 2, to_timestamp(1000), '')"),
    attack("the services free no cause", NOT_OWNED, FORBIDDEN, "DELETE FROM journal_causes"),
    attack("the services let nothing go unsealed", NOT_OWNED, FORBIDDEN, "DELETE FROM journal_unsealed"),
    attack("the services let nothing be sealed that is not there", NOT_OWNED, FORBIDDEN,
        "INSERT INTO journal_unsealed (cause, ref, at, block_number) VALUES ('entry', 9, to_timestamp(1000), 1)"),
    attack("the services write no number", NOT_OWNED, FORBIDDEN, "UPDATE seal_head SET number = 7"),
    attack("the services count no queue anew", NOT_OWNED, FORBIDDEN,
        "SELECT setval('journal_unsealed_id_seq', 1)"),
    attack("the services switch no guard off", NOT_OWNED, FORBIDDEN,
        "ALTER TABLE journal_seals DISABLE TRIGGER sealer_only"),
    attack("the owner's functions serve no other table: postings of one's own", NOT_OWNED, FORBIDDEN,
        "CREATE TEMP TABLE mine (LIKE postings);
         CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS fresh
             FOR EACH STATEMENT EXECUTE FUNCTION apply_postings();
         INSERT INTO mine VALUES ('entry', 1, 0, now(), 1, 'funds', 0, 'payable', 1, 1000)"),
    attack("the owner's functions serve no other table: causes of one's own", NOT_OWNED, FORBIDDEN,
        "CREATE TEMP TABLE mine (LIKE journal_transactions);
         CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS fresh
             FOR EACH STATEMENT EXECUTE FUNCTION check_transactions()"),
    attack("the owner's functions serve no other table: a sealer of one's own", NOT_OWNED, FORBIDDEN,
        "CREATE TEMP TABLE mine (LIKE seal_head);
         CREATE TRIGGER mine BEFORE UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION run_sealer()"),
    // The outbox.
    attack("positions are the sealer's: inserted with one", OWNER, APPEND_ONLY,
        "INSERT INTO outbox (topic, reference, body, at, block_number, position)
         VALUES ('entry.applied', 1, '{}', to_timestamp(1000), 10, 1)"),
    attack("positions are the sealer's: changed", OWNER, APPEND_ONLY, "UPDATE outbox SET position = 9"),
    attack("what was told stays told", OWNER, APPEND_ONLY, "DELETE FROM outbox"),
    attack("what was told is never emptied", OWNER, APPEND_ONLY, "TRUNCATE outbox"),
    attack("the services give no position", NOT_OWNED, FORBIDDEN,
        "INSERT INTO outbox (topic, reference, body, at, block_number, position)
         VALUES ('entry.applied', 1, '{}', to_timestamp(1000), 10, 1)"),
    attack("the services move no position", NOT_OWNED, FORBIDDEN, "UPDATE outbox SET position = 1"),
    attack("the services change no body", NOT_OWNED, FORBIDDEN, "UPDATE outbox SET body = '{}'"),
    attack("the services take nothing back", NOT_OWNED, FORBIDDEN, "DELETE FROM outbox"),
    // What is signed rests on what is sealed.
    attack("nothing is signed over unsealed books: a batch made signed", BOTH, UNSEALED,
        "INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, signature,
                                     deadline, created_at, updated_at)
         VALUES (gen_random_uuid(), 1, 'signed', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), 0,
                 'attacker', 12, '', now(), now(), now())"),
    attack("nothing is signed over unsealed books: a batch that was building", BOTH, UNSEALED,
        "INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, created_at,
                                     updated_at)
         VALUES (gen_random_uuid(), 1, 'building', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                 0, 'attacker', 12, now(), now());
         UPDATE payout_batches SET state = 'signed', signature = '', deadline = now()"),
    attack("nothing is signed over unsealed books: signing left out", BOTH, UNSEALED,
        "INSERT INTO payout_batches (id, number, state, seq, head, root, max_total, requested_by, built_block, created_at,
                                     updated_at)
         VALUES (gen_random_uuid(), 1, 'building', 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'),
                 0, 'attacker', 12, now(), now());
         UPDATE payout_batches SET state = 'broadcast', signature = '', deadline = now()"),
    attack("a stop is lifted by what came after it", BOTH, LIFT,
        "INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                      finished_at, balanced, stops_batches, figures)
         VALUES (gen_random_uuid(), 'sample', 0, 12, decode(repeat('00', 32), 'hex'), 1, 'x', now(), now(), false, true,
                 '{}');
         INSERT INTO reconciliations (id, scope, after_run, block_number, block_hash, seq, requested_by, started_at,
                                      finished_at, balanced, stops_batches, figures)
         SELECT gen_random_uuid(), 'all', run, 11, decode(repeat('00', 32), 'hex'), 1, 'x', now(), now(), true, false,
                '{}' FROM reconciliations"),
    // Who only reads.
    attack("a reader seals nothing", READER, FORBIDDEN, "SELECT seal_journal(1)"),
    attack("a reader makes no month", READER, FORBIDDEN, "SELECT ensure_journal_months(now(), now())"),
    attack("a reader books nothing", READER, FORBIDDEN,
        "INSERT INTO journal_transactions VALUES
             ('batch_built', 1, to_timestamp(1030), 12, 0, decode(repeat('00', 32), 'hex'))"),
    attack("a reader writes no balance", READER, FORBIDDEN, "UPDATE accounts SET balance = 1000"),
    attack("a reader tells nothing", READER, FORBIDDEN,
        "INSERT INTO outbox (topic, reference, body, at, block_number)
         VALUES ('entry.applied', 1, '{}', to_timestamp(1000), 10)"),
    attack("a reader writes no history", READER, FORBIDDEN, "DELETE FROM history"),
    attack("a reader freezes nobody", READER, FORBIDDEN, "UPDATE users SET held = true"),
    attack("a reader changes no setting", READER, FORBIDDEN, "INSERT INTO settings VALUES ('kill', 'true', now())"),
    attack("a reader lifts no stop", READER, FORBIDDEN, "DELETE FROM reconciliations"),
    attack("a reader writes no audit log", READER, FORBIDDEN,
        "INSERT INTO audit_logs (actor, action, subject, detail) VALUES ('x', 'x', 'x', '{}')"),
    attack("a reader locks nobody out", READER, FORBIDDEN, "LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE"),
    attack("a reader is nobody else", READER, FORBIDDEN, "SET ROLE banyan_app"),
    attack("a reader makes no table", READER, FORBIDDEN, "CREATE TABLE mine (n int)"),
    attack("a reader runs no program", READER, FORBIDDEN, "COPY accounts TO PROGRAM 'cat'"),
    attack("a reader switches off no check of the session", READER, FORBIDDEN, "SET session_replication_role = replica"),
];

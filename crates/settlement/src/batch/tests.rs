//! The table of cases. Each line is a batch, what is seen of it, and the step that must follow, in the scene of `scene`.

use super::scene::*;
use super::*;

fn check(cases: Vec<(&str, Case, Step)>) {
    for (name, case, expected) in cases {
        assert_eq!(next(&case.batch, &case.seen, &policy()), expected, "{name}");
    }
}

fn wait(reason: Waiting) -> Step {
    Step::Wait(reason)
}

#[test]
fn before_anything_is_sent() {
    let held = || Some("the kill switch is on".to_owned());
    let automatic = |state| case(state).with(|batch, _| batch.automatic = true);
    check(vec![
        ("people sign their own batch", case(State::Building), wait(Waiting::ForSignature)),
        ("the process signs its own", automatic(State::Building), Step::Sign),
        (
            "but not while held",
            automatic(State::Building).with(|_, seen| seen.held = held()),
            wait(Waiting::Held(held().unwrap())),
        ),
        ("people queue their own batch", case(State::Signed), wait(Waiting::ForQueueing)),
        ("the process queues its own", automatic(State::Signed), Step::Queue),
        ("a signed batch that nobody queued expires", case(State::Signed).past_deadline(), Step::Expire),
        (
            "not while the books are behind the deadline",
            case(State::Signed).finalized_past_deadline(),
            wait(Waiting::ForQueueing),
        ),
        (
            "nor while the node is silent",
            case(State::Signed).past_deadline().with(|_, seen| seen.chain = None),
            wait(Waiting::ForQueueing),
        ),
    ]);
}

#[test]
fn an_account_that_is_held_meanwhile_ends_what_was_never_sent() {
    let reason = "held or frozen since it was built: somebody".to_owned();
    let stopped = |state| case(state).with(|_, seen| seen.stopped = Some(reason.clone()));
    let given_up = || Step::Abandon(reason.clone());
    check(vec![
        ("building", stopped(State::Building), given_up()),
        ("its own, too", stopped(State::Building).with(|batch, _| batch.automatic = true), given_up()),
        ("signed", stopped(State::Signed), given_up()),
        ("queued", stopped(State::Queued).simulated(Simulation::Runs), given_up()),
        (
            "a silent node does not matter",
            stopped(State::Queued).with(|_, seen| seen.chain = None),
            given_up(),
        ),
        (
            "what was sent is followed",
            stopped(State::Broadcast).attempt(Outcome::Accepted, Fate::Pending),
            wait(Waiting::ForBlock),
        ),
        ("what has ended stays", stopped(State::Settled), wait(Waiting::Ended)),
    ]);
}

#[test]
fn the_first_sending() {
    let runs = || case(State::Queued).simulated(Simulation::Runs);
    check(vec![
        ("the contract is asked first", case(State::Queued), Step::Simulate),
        ("and if it would run, it is sent", runs(), Step::Send { nonce: 7, fee: fee(100) }),
        (
            "what would revert costs nothing",
            case(State::Queued).simulated(Simulation::Reverts("nothing to do".into())),
            Step::Abandon("the contract would refuse it: nothing to do".into()),
        ),
        (
            "no answer is no revert",
            case(State::Queued).simulated(Simulation::Unknown),
            wait(Waiting::ForNode),
        ),
        (
            "the nonce is the newest block's, not the finalized one's",
            runs().chain(|chain| chain.latest_nonce = 9),
            Step::Send { nonce: 9, fee: fee(100) },
        ),
        (
            "a transaction of an ended batch with the same nonce is outbid",
            runs().with(|_, seen| seen.outbid = Some(fee(200))),
            Step::Send { nonce: 7, fee: fee(220) },
        ),
        (
            "and never by more than the ceiling: the other one may be gone",
            runs().with(|_, seen| seen.outbid = Some(fee(950))),
            Step::Send { nonce: 7, fee: fee(1_000) },
        ),
        (
            "even where the ceiling is lower by now",
            runs().with(|_, seen| seen.outbid = Some(fee(5_000))),
            Step::Send { nonce: 7, fee: fee(1_000) },
        ),
        (
            "but not while gas costs more",
            runs().chain(|chain| chain.price.tip = 1_001).with(|_, seen| seen.outbid = Some(fee(950))),
            wait(Waiting::ForCheaperGas),
        ),
        (
            "gas above the ceiling waits",
            runs().chain(|chain| chain.price.tip = 1_001),
            wait(Waiting::ForCheaperGas),
        ),
    ]);
}

#[test]
fn what_holds_the_first_sending_back() {
    let runs = || case(State::Queued).simulated(Simulation::Runs);
    check(vec![
        (
            "one batch at a time",
            case(State::Queued).with(|_, seen| seen.behind = Some(3)),
            wait(Waiting::Behind(3)),
        ),
        (
            "the kill switch holds it",
            runs().with(|_, seen| seen.held = Some("off".into())),
            wait(Waiting::Held("off".into())),
        ),
        (
            "too near the deadline it is not sent",
            runs().chain(|chain| chain.head.time = DEADLINE - 9),
            wait(Waiting::ForDeadline),
        ),
        (
            "at the margin it still is",
            runs().chain(|chain| chain.head.time = DEADLINE - 10),
            Step::Send { nonce: 7, fee: fee(100) },
        ),
        ("without a node it waits", runs().with(|_, seen| seen.chain = None), wait(Waiting::ForNode)),
        ("a queued batch that was never sent expires", case(State::Queued).past_deadline(), Step::Expire),
        (
            "not before the books are past the deadline",
            case(State::Queued).finalized_past_deadline(),
            wait(Waiting::ForDeadline),
        ),
    ]);
}

#[test]
fn a_crash_between_writing_and_sending() {
    let written = |fate| case(State::Broadcast).attempt(Outcome::Written, fate);
    check(vec![
        ("written and never sent: send it", written(Fate::Absent), Step::Resend { attempt: 0 }),
        ("sent, the answer lost: it waits for its block", written(Fate::Pending), wait(Waiting::ForBlock)),
        (
            "sent, the answer lost, already in a block",
            written(OK(102)),
            Step::Include { attempt: 0, block: 102 },
        ),
        (
            "already finalized while the process was away",
            written(OK(100)),
            Step::Finalize { tx_hash: hash(1), block: 100 },
        ),
        ("nobody can say: look again", written(Fate::Unknown), wait(Waiting::ForNode)),
        (
            "written while the state was still queued",
            case(State::Queued).attempt(Outcome::Written, Fate::Absent),
            Step::Resend { attempt: 0 },
        ),
        (
            "the kill switch holds what was never sent",
            written(Fate::Absent).with(|_, seen| seen.held = Some("off".into())),
            wait(Waiting::Held("off".into())),
        ),
        (
            "a fate that was not asked for is unknown",
            written(Fate::Absent).with(|_, seen| seen.fates.clear()),
            wait(Waiting::ForNode),
        ),
    ]);
}

#[test]
fn waiting_in_the_mempool() {
    let sent = |fate| case(State::Broadcast).attempt(Outcome::Accepted, fate);
    check(vec![
        ("pending: patience", sent(Fate::Pending), wait(Waiting::ForBlock)),
        ("stuck: outbid it", late(sent(Fate::Pending)), Step::Send { nonce: 7, fee: fee(110) }),
        (
            "the replacement is stuck, too",
            late(sent(Fate::Pending).attempt(Outcome::Accepted, Fate::Pending)),
            Step::Send { nonce: 7, fee: fee(220) },
        ),
        (
            "the ceiling ends the bidding",
            late(sent(Fate::Pending)).with(|batch, _| batch.attempts[0].fee = fee(950)),
            wait(Waiting::ForCheaperGas),
        ),
        ("accepted and not shown: patience", sent(Fate::Absent), wait(Waiting::ForMempool)),
        ("accepted and dropped: send again", late(sent(Fate::Absent)), Step::Resend { attempt: 0 }),
        (
            "no clear answer and not shown: send again",
            late(case(State::Broadcast).attempt(Outcome::Unknown, Fate::Absent)),
            Step::Resend { attempt: 0 },
        ),
        (
            "near the deadline nothing is sent",
            late(sent(Fate::Pending)).chain(|chain| chain.head.time = DEADLINE),
            wait(Waiting::ForDeadline),
        ),
    ]);
}

#[test]
fn refused_by_the_mempool() {
    let sent = |fate| case(State::Broadcast).attempt(Outcome::Accepted, fate);
    let underpriced = Outcome::Refused(Refusal::ReplacementUnderpriced);
    check(vec![
        (
            "refused as underpriced: offer more at once",
            case(State::Broadcast).attempt(underpriced, Fate::Absent),
            Step::Send { nonce: 7, fee: fee(110) },
        ),
        (
            "refused at the ceiling: once more in a moment",
            case(State::Broadcast)
                .attempt(underpriced, Fate::Absent)
                .with(|batch, _| batch.attempts[0].fee = fee(1_000)),
            wait(Waiting::ForMempool),
        ),
        (
            "until the node has forgotten what stands against it",
            late(case(State::Broadcast).attempt(underpriced, Fate::Absent))
                .with(|batch, _| batch.attempts[0].fee = fee(1_000)),
            Step::Resend { attempt: 0 },
        ),
        (
            "refused, and gas costs more than the ceiling by now",
            late(case(State::Broadcast).attempt(underpriced, Fate::Absent))
                .chain(|chain| chain.price.tip = 1_001),
            wait(Waiting::ForCheaperGas),
        ),
        (
            "the replacement refused as underpriced, the first still waits: patience",
            sent(Fate::Pending).attempt(underpriced, Fate::Absent),
            wait(Waiting::ForBlock),
        ),
        (
            "and then more than the refused one offered",
            late(sent(Fate::Pending).attempt(underpriced, Fate::Absent)),
            Step::Send { nonce: 7, fee: fee(220) },
        ),
        (
            "a replacement written, never sent, while the first waits",
            sent(Fate::Pending).attempt(Outcome::Written, Fate::Absent),
            Step::Resend { attempt: 1 },
        ),
        (
            "no funds: again when somebody has filled them up",
            late(case(State::Broadcast).attempt(Outcome::Refused(Refusal::Funds), Fate::Absent)),
            Step::Resend { attempt: 0 },
        ),
        (
            "a refused nonce is believed only when the chain shows it",
            case(State::Broadcast).attempt(Outcome::Refused(Refusal::NonceTooLow), Fate::Absent),
            wait(Waiting::ForMempool),
        ),
    ]);
}

#[test]
fn in_a_block_and_out_of_it_again() {
    let sent = |fate| case(State::Broadcast).attempt(Outcome::Accepted, fate);
    let included = |fate| case(State::Included).included_in(102).attempt(Outcome::Included, fate);
    check(vec![
        ("in a block", sent(OK(102)), Step::Include { attempt: 0, block: 102 }),
        ("seen already: finality is awaited", included(OK(102)), wait(Waiting::ForFinality)),
        (
            "a reorganization moved it to another block",
            included(OK(103)),
            Step::Include { attempt: 0, block: 103 },
        ),
        ("a reorganization threw it back", included(Fate::Pending), Step::Return),
        ("a reorganization and the node has forgotten it", included(Fate::Absent), Step::Return),
        ("no answer is no reorganization", included(Fate::Unknown), wait(Waiting::ForNode)),
        ("now it reverts", included(REVERTED(103)), Step::Return),
        (
            "the replacement won",
            sent(Fate::Absent).attempt(Outcome::Accepted, OK(102)),
            Step::Include { attempt: 1, block: 102 },
        ),
        (
            "the replaced one won",
            sent(OK(102)).attempt(Outcome::Accepted, Fate::Absent),
            Step::Include { attempt: 0, block: 102 },
        ),
        (
            "finalized",
            included(OK(102)).chain(|chain| chain.finalized.number = 102),
            Step::Finalize { tx_hash: hash(1), block: 102 },
        ),
        (
            "the node shows the receipt and not its finalized block",
            included(OK(102)).with(|_, seen| seen.chain = None),
            wait(Waiting::ForFinality),
        ),
        (
            "one attempt succeeded: another's unknown fate does not matter",
            sent(Fate::Unknown).attempt(Outcome::Accepted, OK(102)),
            Step::Include { attempt: 1, block: 102 },
        ),
    ]);
}

#[test]
fn the_books_saw_it_first() {
    check(vec![
        (
            "the out event came before the receipt",
            case(State::Broadcast).attempt(Outcome::Accepted, Fate::Unknown).booked(1, 99),
            Step::Finalize { tx_hash: hash(1), block: 99 },
        ),
        (
            "even without any node",
            case(State::Broadcast)
                .attempt(Outcome::Written, Fate::Unknown)
                .booked(1, 99)
                .with(|_, seen| seen.chain = None),
            Step::Finalize { tx_hash: hash(1), block: 99 },
        ),
        (
            "and after the deadline: what was paid does not expire",
            case(State::Broadcast).attempt(Outcome::Accepted, Fate::Absent).past_deadline().booked(1, 99),
            Step::Finalize { tx_hash: hash(1), block: 99 },
        ),
    ]);
}

#[test]
fn when_another_transaction_used_the_nonce() {
    let gone = |latest, finalized| {
        case(State::Broadcast).attempt(Outcome::Accepted, Fate::Absent).chain(|chain| {
            chain.latest_nonce = latest;
            chain.finalized_nonce = finalized;
        })
    };
    let reverted = |block| {
        case(State::Broadcast).attempt(Outcome::Accepted, REVERTED(block)).chain(|chain| {
            chain.latest_nonce = 8;
            chain.finalized_nonce = if block <= 100 { 8 } else { 7 };
        })
    };
    check(vec![
        ("in a block that may go away: wait", gone(8, 7), wait(Waiting::ForFinality)),
        ("for good: ask the contract again", gone(8, 8), Step::Simulate),
        (
            "and begin anew with the next nonce",
            gone(8, 8).simulated(Simulation::Runs),
            Step::Send { nonce: 8, fee: fee(100) },
        ),
        (
            "or give up if the other one paid it",
            gone(8, 8).simulated(Simulation::Reverts("nothing to do".into())),
            Step::Abandon("the contract would refuse it: nothing to do".into()),
        ),
        (
            "a receipt that is missing may be another node's: the books have to read that far",
            gone(8, 8)
                .simulated(Simulation::Reverts("nothing to do".into()))
                .with(|_, seen| seen.books.read.number = 99),
            wait(Waiting::ForBooks),
        ),
        (
            "nor is it sent again before",
            gone(8, 8).simulated(Simulation::Runs).with(|_, seen| seen.books.read.number = 99),
            wait(Waiting::ForBooks),
        ),
        (
            "what was never sent waits for nobody",
            case(State::Queued).simulated(Simulation::Runs).with(|_, seen| seen.books.read.number = 99),
            Step::Send { nonce: 7, fee: fee(100) },
        ),
        ("reverted, not final: wait", reverted(101), wait(Waiting::ForFinality)),
        ("reverted for good: ask the contract again", reverted(100), Step::Simulate),
        (
            "an old attempt cannot run any more, the new one waits",
            case(State::Broadcast)
                .attempt_at(6, Outcome::Reverted, REVERTED(90))
                .attempt(Outcome::Accepted, Fate::Pending),
            wait(Waiting::ForBlock),
        ),
        (
            "an unknown fate keeps even a used nonce open",
            gone(8, 8).with(|_, seen| seen.fates[0] = Fate::Unknown),
            wait(Waiting::ForNode),
        ),
    ]);
}

#[test]
fn when_the_deadline_passes() {
    let sent = |fate| case(State::Broadcast).attempt(Outcome::Accepted, fate);
    check(vec![
        ("still in the mempool, where it can only revert", sent(Fate::Pending).past_deadline(), Step::Expire),
        ("dropped", sent(Fate::Absent).past_deadline(), Step::Expire),
        ("reverted", sent(REVERTED(100)).past_deadline(), Step::Expire),
        ("unknown: not yet", sent(Fate::Unknown).past_deadline(), wait(Waiting::ForNode)),
        (
            "one of two unknown: not yet",
            sent(Fate::Absent).attempt(Outcome::Unknown, Fate::Unknown).past_deadline(),
            wait(Waiting::ForNode),
        ),
        (
            "the books are behind: not yet",
            sent(Fate::Absent).finalized_past_deadline(),
            wait(Waiting::ForDeadline),
        ),
        (
            "only the newest block is past it: not yet",
            sent(Fate::Absent).chain(|chain| chain.head.time = DEADLINE + 1),
            wait(Waiting::ForDeadline),
        ),
        (
            "the deadline itself is still valid",
            sent(Fate::Absent).past_deadline().chain(|chain| chain.finalized.time = DEADLINE),
            wait(Waiting::ForDeadline),
        ),
        (
            "it ran in time: it does not expire",
            sent(OK(1_000)).past_deadline(),
            Step::Finalize { tx_hash: hash(1), block: 1_000 },
        ),
    ]);
}

#[test]
fn closing() {
    let done = || case(State::Final).included_in(100).attempt(Outcome::Included, OK(100));
    check(vec![
        ("the books are behind", done().with(|_, seen| seen.books.read.number = 99), wait(Waiting::ForBooks)),
        ("the books have it", done().booked(1, 100), Step::Settle { out: 9 }),
        (
            "a silent node does not matter",
            done().booked(1, 100).with(|_, seen| seen.chain = None),
            Step::Settle { out: 9 },
        ),
        ("the books have the block but not the execution", done(), wait(Waiting::BooksDisagree)),
        ("and never will: the deadline gives it back", done().past_deadline(), Step::Expire),
        (
            "not while the books are behind the deadline",
            done().finalized_past_deadline(),
            wait(Waiting::BooksDisagree),
        ),
        (
            "nor while the node is silent",
            done().past_deadline().with(|_, seen| seen.chain = None),
            wait(Waiting::BooksDisagree),
        ),
        (
            "what was paid is settled whenever the books read it",
            done().past_deadline().booked(1, 100),
            Step::Settle { out: 9 },
        ),
        ("settled", case(State::Settled), wait(Waiting::Ended)),
        ("expired", case(State::Expired), wait(Waiting::Ended)),
        ("abandoned", case(State::Abandoned), wait(Waiting::Ended)),
    ]);
}

#[test]
fn the_last_word_on_each_attempt() {
    let case = case(State::Broadcast)
        .attempt_at(5, Outcome::Accepted, REVERTED(80))
        .attempt_at(6, Outcome::Accepted, Fate::Absent)
        .attempt(Outcome::Accepted, OK(102));
    let verdicts = verdicts(&case.batch, &case.seen);
    assert_eq!(verdicts, [Outcome::Reverted, Outcome::Replaced, Outcome::Included]);
}

#[test]
fn the_books_name_the_winner_when_no_node_does() {
    let case = case(State::Broadcast)
        .attempt(Outcome::Accepted, Fate::Unknown)
        .attempt(Outcome::Accepted, Fate::Unknown)
        .booked(2, 99);
    assert_eq!(verdicts(&case.batch, &case.seen), [Outcome::Replaced, Outcome::Included]);
}

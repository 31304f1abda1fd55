//! Deciding needs no database: a played contract's ranges, and the rows that follow.

use banyan_types::Amount;
use banyan_types::history::BlockRange;

use super::{Holdings, decide};
use crate::memory::Memory;
use crate::rows::Rows;
use contract::{Contract, START_BLOCK, bnb, plans};

#[allow(dead_code, reason = "these tests play only some of what the contract can do")]
#[path = "../../tests/main/contract.rs"]
mod contract;

fn decided(range: &BlockRange) -> Rows {
    let mut memory = Memory::new(plans("autopool.toml").0, START_BLOCK);
    decide(&mut memory, range, Holdings::new()).unwrap()
}

fn whole(contract: &Contract) -> BlockRange {
    contract.range(START_BLOCK, contract.last_block())
}

#[test]
fn payments_of_one_range_settle_each_reward_once() {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    contract.register(2, 1);
    [3, 5, 11].into_iter().for_each(|total| contract.claim(1, bnb(total)));
    let rows = decided(&whole(&contract));
    let bounds: Vec<(Amount, Amount)> = rows.settlements.iter().map(|row| (row.above, row.up_to)).collect();
    assert_eq!(bounds, vec![(bnb(0), bnb(3)), (bnb(3), bnb(5)), (bnb(5), bnb(11))]);
}

#[test]
fn a_payment_settles_nothing_that_came_after_it() {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    contract.claim(0, bnb(1));
    contract.register(2, 1);
    let rows = decided(&whole(&contract));
    assert_eq!(rows.settlements[0].before_id, 2 << 20);
    assert!(rows.rewards.iter().any(|row| row.seq == 2));
}

#[test]
fn every_transaction_moves_what_its_cause_brought() {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    (2..=15).for_each(|user| contract.register(user, 1));
    contract.retopup(1);
    let rows = decided(&whole(&contract));
    let funds = banyan_ledger::Account::FUNDS;
    let brought = rows.journal.iter().map(|transaction| {
        let in_coming = transaction.postings.iter().filter(|posting| posting.debit == funds);
        Amount::sum(in_coming.map(|posting| posting.amount)).unwrap()
    });
    let expected = std::iter::repeat_n(bnb(20), 15).chain([bnb(40)]);
    assert_eq!(brought.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_seat_that_ends_in_the_range_that_brought_it_is_written_once() {
    let mut contract = Contract::deploy("autopool.toml");
    contract.register(1, 0);
    (2..=15).for_each(|user| contract.register(user, 1));
    let rows = decided(&whole(&contract));
    assert!(rows.seat_ends.is_empty());
    let end = rows.seats[0].end.as_ref().unwrap();
    assert_eq!((end.completed_seq, end.spent), (Some(15), bnb(40)));
    assert_eq!(rows.seats.iter().filter(|seat| seat.end.is_some()).count(), 1);
}

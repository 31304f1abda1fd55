//! The books in a snapshot: what came in, what went back, what was promised, and what everybody has. What lies in
//! reserves, purchases, orders and positions is known to the components that keep it.

use banyan_types::Amount;

use super::{Books, Conservation};
use crate::UserId;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};

/// What the components keep for the books.
pub(crate) struct Kept {
    pub(crate) pending: Amount,
    pub(crate) staked: Amount,
    /// What may yet be paid that no payment funds.
    pub(crate) outstanding: Amount,
    /// What of the money that came in vested, was spent on orders, waits or is staked.
    pub(crate) brought: Amount,
}

impl Books {
    pub(crate) fn save(&self, out: &mut Writer) {
        out.amount(self.totals.money_in);
        out.amount(self.totals.money_out);
        out.amount(self.promised);
        out.count(self.payable.len());
        self.payable.iter().for_each(|payable| out.amount(*payable));
    }

    /// Reads what [`Books::save`] wrote; users have numbers below `users`. The reserves come with
    /// [`Books::restore_reserve`], and then [`Books::close_restored`] tells whether all of it can be.
    pub(crate) fn restore(input: &mut Reader<'_>, users: u32) -> Result<Books, Fault> {
        let mut books = Books::new();
        books.totals.money_in = input.amount()?;
        books.totals.money_out = input.amount()?;
        books.promised = input.amount()?;
        let signs = [books.totals.money_in, books.totals.money_out, books.promised];
        expect(signs.iter().all(|amount| *amount >= Amount::ZERO), "no total below 0")?;
        let count = input.count()?;
        expect((1..=users as usize).contains(&count), "accounts of the users and the company")?;
        books.payable.resize(count, Amount::ZERO);
        books.reserved.resize(count, Amount::ZERO);
        for (id, payable) in books.payable.iter_mut().enumerate() {
            *payable = input.amount()?;
            let side = if id == 0 { &mut books.totals.company } else { &mut books.totals.payable };
            *side = side.checked_add(*payable).ok_or(RANGE)?;
            expect(id == 0 || *payable >= Amount::ZERO, "no balance below 0")?;
        }
        Ok(books)
    }

    /// Adds what lies in the reserve of one of somebody's seats.
    pub(crate) fn restore_reserve(&mut self, user: UserId, reserve: Amount) -> Result<(), Fault> {
        let account = self.reserved.get_mut(user.index()).ok_or(Fault("an account for every reserve"))?;
        *account = account.checked_add(reserve).ok_or(RANGE)?;
        self.totals.reserved = self.totals.reserved.checked_add(reserve).ok_or(RANGE)?;
        Ok(())
    }

    /// Adds what the components keep. Every unit must be on exactly one side, and no sum may leave the range of
    /// amounts later: what is still owed without a payment was promised, and is not yet charged to the company.
    pub(crate) fn close_restored(&mut self, kept: &Kept) -> Result<(), Fault> {
        self.totals = Conservation { pending: kept.pending, staked: kept.staked, ..self.totals };
        expect(self.totals.holds(), "money that is on exactly one side")?;
        self.has_room(Amount::ZERO, Amount::ZERO).map_err(|_| RANGE)?;
        let came = self.totals.money_in.checked_sub(self.totals.money_out).ok_or(RANGE)?;
        expect(kept.brought <= came, "no more bought than came in")?;
        let covered = self.totals.company.checked_add(self.promised).ok_or(RANGE)?;
        expect(kept.outstanding <= covered, "promises that cover what is outstanding")
    }
}

const RANGE: Fault = Fault("sums within the range of amounts");

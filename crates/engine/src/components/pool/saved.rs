//! Trees in a snapshot: owners and reserves, in order of index. How full each board is follows from the seats.

use banyan_types::Amount;

use super::tree::Tree;
use super::{Pool, PoolPlan};
use crate::UserId;
use crate::participants::Participants;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};

impl Pool {
    /// Writes every level's trees.
    pub(crate) fn save(&self, out: &mut Writer) {
        for trees in &self.levels {
            out.count(trees.len());
            trees.iter().for_each(|tree| tree.save(out));
        }
    }

    /// Reads what [`Pool::save`] wrote under the same plan.
    pub(crate) fn restore(
        input: &mut Reader<'_>,
        plan: Option<&PoolPlan>,
        people: &Participants,
    ) -> Result<Pool, Fault> {
        let mut pool = Pool::new(plan);
        let Some(plan) = plan else { return Ok(pool) };
        for trees in &mut pool.levels {
            let count = input.count()?;
            expect(count <= plan.trees as usize, "no more trees than the plan has")?;
            for number in 1..=count {
                let tree = Tree::restore(input, plan, people)?;
                expect(
                    number == count || tree.next_free() > plan.last_index(),
                    "full trees before the newest",
                )?;
                trees.push(tree);
            }
        }
        Ok(pool)
    }

    /// Adds up what lies in the reserves, by owner.
    pub(crate) fn reserves(
        &self,
        mut add: impl FnMut(UserId, Amount) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let seats = self.levels.iter().flatten().flat_map(Tree::iter);
        seats
            .filter(|(_, seat)| !seat.reserve.is_zero())
            .try_for_each(|(_, seat)| add(seat.owner, seat.reserve))
    }
}

impl Tree {
    fn save(&self, out: &mut Writer) {
        let waiting = self.iter().count() as u64 + 1 - self.next_free();
        out.number(self.next_free() - 1);
        out.number(waiting);
        let mut before = UserId::COMPANY;
        for (index, seat) in self.iter() {
            if index >= self.next_free() {
                out.number(index);
            }
            out.step(before, seat.owner);
            out.amount(seat.reserve);
            before = seat.owner;
        }
    }

    fn restore(input: &mut Reader<'_>, plan: &PoolPlan, people: &Participants) -> Result<Tree, Fault> {
        let (filled, waiting) = (input.count()? as u64, input.count()?);
        expect(filled > 0 && filled <= plan.last_index(), "no empty tree, and none beyond its capacity")?;
        let mut tree = Tree::default();
        let mut before = UserId::COMPANY;
        for index in 1..=filled {
            before = tree.restore_seat(input, index, before, people)?;
        }
        let mut last = filled + 1;
        for _ in 0..waiting {
            let index = input.number()?;
            expect(last < index && index <= plan.last_index(), "placed seats in order, ahead of the queue")?;
            expect(tree.get(index >> 1).is_some(), "a seated parent")?;
            before = tree.restore_seat(input, index, before, people)?;
            last = index;
        }
        tree.count_boards(plan);
        Ok(tree)
    }

    fn restore_seat(
        &mut self,
        input: &mut Reader<'_>,
        index: u64,
        before: UserId,
        people: &Participants,
    ) -> Result<UserId, Fault> {
        let owner = input.step(before)?;
        expect(people.is_registered(owner), "a participant on every seat")?;
        self.seat(index, owner);
        let reserve = input.amount()?;
        expect(reserve >= Amount::ZERO, "no reserve below 0")?;
        self.get_mut(index).expect("the seat was just taken").reserve = reserve;
        Ok(owner)
    }

    /// Counts every seat in the board in whose last layer it is.
    fn count_boards(&mut self, plan: &PoolPlan) {
        let seats: Vec<u64> = self.iter().map(|(index, _)| index).collect();
        for index in seats {
            if let Some(board) = self.get_mut(index >> plan.layers()) {
                board.outer += 1;
            }
        }
    }
}

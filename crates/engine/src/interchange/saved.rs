//! A simulation in a snapshot: the names, then the machine. The tables by which names are found are built anew.

use super::names::Names;
use super::simulation::Simulation;
use crate::snapshot::codec::{Fault, Reader, Writer, expect};
use crate::{EventId, Machine, Plan};

impl Simulation {
    pub(crate) fn save(&self, out: &mut Writer) {
        let (machine, users, ids) = self.parts();
        users.save(out);
        ids.save(out);
        machine.save(out);
    }

    pub(crate) fn restore(input: &mut Reader<'_>, plan: Plan) -> Result<Simulation, Fault> {
        let (users, ids) = (Names::restore(input)?, Names::restore(input)?);
        expect(users.find("company") == Some(crate::UserId::COMPANY), "the company as the first user")?;
        let machine = Machine::restore(input, plan, (users.len(), ids.len()))?;
        Ok(Simulation::from_parts(machine, users, ids))
    }
}

impl Names {
    fn save(&self, out: &mut Writer) {
        out.number(self.len().into());
        (0..self.len()).for_each(|number| out.text(self.id(EventId(number))));
    }

    fn restore(input: &mut Reader<'_>) -> Result<Names, Fault> {
        let mut names = Names::new();
        for _ in 0..input.count()? {
            let text = input.text()?;
            let entry = names.entry(text);
            expect(entry.known.is_none(), "every name once")?;
            names.add(entry, text);
        }
        Ok(names)
    }
}

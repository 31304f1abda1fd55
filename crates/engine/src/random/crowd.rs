//! A crowd for measurements: it grows for as long as it is asked, keeps no memory of who is in it, and its depth can
//! be chosen.

use banyan_types::Amount;

use super::{AUTOPOOL, Numbers, START};
use crate::{Event, EventBody, EventId, Plan, UserId};

/// How the crowd's sponsors lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anybody who came earlier, or the company: the mean depth is near the natural logarithm of the crowd.
    Anybody,
    /// So many layers of equal size, each under the one before: the last one lies exactly so deep.
    Layers(u32),
}

/// Participants who join one after the other, each under a sponsor that follows from the seed, and pay.
#[derive(Clone, Debug)]
pub struct Crowd {
    numbers: Numbers,
    shape: Shape,
    people: u32,
    events: u32,
    now: i64,
}

impl Crowd {
    /// Nobody yet.
    ///
    /// # Panics
    /// If the shape has no layer.
    pub fn new(shape: Shape, seed: u64) -> Crowd {
        assert_ne!(shape, Shape::Layers(0), "a crowd has at least one layer");
        Crowd { numbers: Numbers::new(seed), shape, people: 0, events: 0, now: START }
    }

    /// How many have joined; their ids are 1 … `people`.
    pub fn people(&self) -> u32 {
        self.people
    }

    /// Somebody joins, and pays `amount` where that costs something.
    pub fn join(&mut self, amount: Option<Amount>) -> Event {
        let before = u64::from(self.people);
        let sponsor = match self.shape {
            Shape::Anybody => self.numbers.below(before + 1),
            Shape::Layers(layers) => self.above(before, layers.into()),
        };
        self.people += 1;
        self.event(EventBody::Registered {
            user: UserId(self.people),
            sponsor: UserId(sponsor as u32),
            amount,
        })
    }

    /// Somebody in the layer above that of participant `before` + 1. Layer l has the numbers l, l + layers, …
    fn above(&mut self, before: u64, layers: u64) -> u64 {
        match before % layers {
            0 => 0,
            layer => layer + layers * self.numbers.below(before / layers + 1),
        }
    }

    /// The next event of an autopool programme: seven in ten join, three in ten retop up; a second passes between them.
    ///
    /// # Panics
    /// If the plan sells no retopups.
    pub fn autopool(&mut self, plan: &Plan) -> Event {
        self.now += 1;
        match self.numbers.below(10) {
            7.. if self.people > 0 => {
                let amount = plan.retopup().expect(AUTOPOOL).amount;
                let user = self.anybody();
                self.event(EventBody::Retopup { user, amount })
            }
            _ => self.join(plan.entry()),
        }
    }

    /// After so many seconds somebody buys for 1 to `most` units: nine in ten are of those furthest from the company.
    ///
    /// # Panics
    /// If there is not yet somebody in each layer, or `most` is 0.
    pub fn purchase(&mut self, seconds: i64, most: u64) -> Event {
        self.now += seconds;
        let user = match (self.numbers.below(10), self.shape) {
            (0, _) | (_, Shape::Anybody) => self.anybody(),
            (_, Shape::Layers(layers)) => {
                let row = self.numbers.below((self.people / layers).into()) as u32;
                UserId(layers * (row + 1))
            }
        };
        let units = i128::from(self.numbers.below(most)) + 1;
        let amount = Amount::from_units(units).expect("64 bits are an amount");
        self.event(EventBody::Purchase { user, amount })
    }

    /// After so many seconds nothing happens.
    pub fn tick(&mut self, seconds: i64) -> Event {
        self.now += seconds;
        self.event(EventBody::Tick)
    }

    fn anybody(&mut self) -> UserId {
        UserId(self.numbers.below(self.people.into()) as u32 + 1)
    }

    fn event(&mut self, body: EventBody) -> Event {
        let id = EventId(self.events);
        self.events += 1;
        Event { id, at: self.now, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Depth of each participant, the company's first.
    fn depths(shape: Shape, people: usize) -> Vec<u32> {
        let mut crowd = Crowd::new(shape, 1);
        let mut depths = vec![0];
        for _ in 0..people {
            let EventBody::Registered { user, sponsor, .. } = crowd.join(None).body else {
                panic!("no joining")
            };
            assert_eq!(user.index(), depths.len());
            depths.push(depths[sponsor.index()] + 1);
        }
        depths
    }

    #[test]
    fn layers_are_as_deep_as_they_are_many() {
        for (place, depth) in depths(Shape::Layers(7), 700).into_iter().enumerate().skip(1) {
            assert_eq!(depth as usize, (place - 1) % 7 + 1);
        }
    }

    #[test]
    fn a_free_crowd_grows_about_as_deep_as_its_logarithm() {
        let depths = depths(Shape::Anybody, 100_000);
        let mean = depths.iter().sum::<u32>() / 100_000;
        assert!((10..=14).contains(&mean), "{mean}");
    }
}

//! Texts as dense numbers, in order of first appearance: names of users, ids of events.
//!
//! All texts lie one behind the other in one buffer, so a million of them cost their letters and a few bytes more.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::print::is_plain;
use crate::{EventId, UserId};

/// A set of texts, numbered from 0.
#[derive(Debug)]
pub struct Names {
    letters: String,
    /// Where each text ends.
    ends: Vec<usize>,
    numbers: HashTable<Slot>,
    hasher: DefaultHashBuilder,
    /// Whether there never was a text with a letter that JSON escapes.
    plain: bool,
}

/// A text's place in the table. The half hash settles nearly every comparison, so that the texts, which lie far
/// apart in memory, are looked at only when they are found.
#[derive(Clone, Copy, Debug)]
struct Slot {
    half: u32,
    number: u32,
}

impl Slot {
    /// The table's hash, spread again from its half.
    fn hash(half: u32) -> u64 {
        u64::from(half).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Where a text is, or would be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    half: u32,
    /// Its number, if it has one.
    pub(super) known: Option<u32>,
}

impl Names {
    /// No texts yet.
    pub(super) fn new() -> Names {
        Names {
            letters: String::new(),
            ends: Vec::new(),
            numbers: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            plain: true,
        }
    }

    /// The names of users: `company` is [`UserId::COMPANY`].
    pub(super) fn of_users() -> Names {
        let mut names = Names::new();
        names.number("company");
        names
    }

    /// How many texts there are: the number of the next new one.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).expect("memory ends before four thousand million names")
    }

    /// The user of that name, new or known.
    pub(super) fn user(&mut self, name: &str) -> UserId {
        UserId(self.number(name))
    }

    /// The user of that name, if it has appeared.
    pub fn find(&self, name: &str) -> Option<UserId> {
        self.entry(name).known.map(UserId)
    }

    /// A user's name.
    ///
    /// # Panics
    /// If the user does not come from here.
    pub fn name(&self, user: UserId) -> &str {
        self.text(user.index())
    }

    /// An event's id.
    ///
    /// # Panics
    /// If the event does not come from here.
    pub fn id(&self, event: EventId) -> &str {
        self.text(event.0 as usize)
    }

    /// The text as one that may be new.
    pub(super) fn entry(&self, text: &str) -> Entry {
        let half = self.half(text);
        let is_it = |slot: &Slot| slot.half == half && self.text(slot.number as usize) == text;
        Entry { half, known: self.numbers.find(Slot::hash(half), is_it).map(|slot| slot.number) }
    }

    /// The number that the text has if it has one: nearly always so. Only the table is read.
    pub(super) fn likely(&self, text: &str) -> Option<u32> {
        let half = self.half(text);
        self.numbers.find(Slot::hash(half), |slot| slot.half == half).map(|slot| slot.number)
    }

    /// The first letter of a text, read only for having been read.
    pub(super) fn first_letter(&self, user: UserId) -> u32 {
        self.name(user).bytes().next().map_or(0, u32::from)
    }

    /// Whether all texts can stand in JSON as they are.
    pub(super) fn are_plain(&self) -> bool {
        self.plain
    }

    /// Every user, the company first, in order of first appearance.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &str)> {
        (0..self.len()).map(|number| (UserId(number), self.text(number as usize)))
    }

    /// Gives a new text its number, after [`Names::entry`] found it new and nothing was added since.
    pub(super) fn add(&mut self, entry: Entry, text: &str) -> u32 {
        let number = self.len();
        self.plain &= is_plain(text);
        self.letters.push_str(text);
        self.ends.push(self.letters.len());
        let slot = Slot { half: entry.half, number };
        self.numbers.insert_unique(Slot::hash(entry.half), slot, |slot| Slot::hash(slot.half));
        number
    }

    /// The number of a text, which is given one if it is new.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        let entry = self.entry(text);
        match entry.known {
            Some(known) => known,
            None => self.add(entry, text),
        }
    }

    /// Forgets the texts from that number on, as if they had never appeared.
    pub(super) fn forget_from(&mut self, number: u32) {
        for last in (number..self.len()).rev() {
            let hash = Slot::hash(self.half(self.text(last as usize)));
            let found = self.numbers.find_entry(hash, |slot| slot.number == last);
            found.expect("every text has its slot").remove();
            self.ends.pop();
            self.letters.truncate(self.ends.last().copied().unwrap_or(0));
        }
    }

    fn half(&self, text: &str) -> u32 {
        (self.hasher.hash_one(text) >> 32) as u32
    }

    fn text(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.letters[start..self.ends[number]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_in_order_of_first_appearance() {
        let mut names = Names::of_users();
        assert_eq!(names.user("ann"), UserId(1));
        assert_eq!(names.user(""), UserId(2));
        assert_eq!(names.user("bob"), UserId(3));
        assert_eq!(names.user("ann"), UserId(1));
        assert_eq!(names.user("company"), UserId::COMPANY);
        assert_eq!((names.name(UserId(1)), names.name(UserId(2)), names.name(UserId(3))), ("ann", "", "bob"));
        assert_eq!((names.find("bob"), names.find("eve")), (Some(UserId(3)), None));
    }

    #[test]
    fn what_is_forgotten_may_appear_again_under_another_number() {
        let mut names = Names::of_users();
        names.user("ann");
        names.user("bob");
        names.user("eve");
        names.forget_from(2);
        assert_eq!((names.find("ann"), names.find("bob"), names.find("eve")), (Some(UserId(1)), None, None));
        assert_eq!((names.user("eve"), names.user("bob")), (UserId(2), UserId(3)));
        assert_eq!((names.name(UserId(2)), names.name(UserId(3))), ("eve", "bob"));
    }

    #[test]
    fn ten_thousand_texts_are_told_apart() {
        let mut names = Names::new();
        (0..10_000u32).for_each(|n| assert_eq!(names.number(&format!("n{n}")), n));
        (0..10_000u32).for_each(|n| assert_eq!(names.number(&format!("n{n}")), n));
    }
}

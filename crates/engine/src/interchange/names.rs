//! Texts as dense numbers, in order of first appearance: names of users, ids of events.
//!
//! All texts lie one behind the other in one buffer, so a million of them cost their letters and a few bytes more.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::UserId;

/// A set of texts, numbered from 0.
#[derive(Debug)]
pub struct Names {
    letters: String,
    /// Where each text ends.
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl Names {
    /// No texts yet.
    pub(super) fn new() -> Names {
        Names {
            letters: String::new(),
            ends: Vec::new(),
            numbers: HashTable::new(),
            hasher: RandomState::new(),
        }
    }

    /// The names of users: `company` is [`UserId::COMPANY`].
    pub(super) fn of_users() -> Names {
        let mut names = Names::new();
        names.number("company");
        names
    }

    /// The user of that name, new or known.
    pub(super) fn user(&mut self, name: &str) -> UserId {
        UserId(self.number(name))
    }

    /// The user of that name, if it has appeared.
    pub fn find(&self, name: &str) -> Option<UserId> {
        self.lookup(self.hasher.hash_one(name), name).map(UserId)
    }

    /// A user's name.
    ///
    /// # Panics
    /// If the user does not come from here.
    pub fn name(&self, user: UserId) -> &str {
        self.text(user.index())
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.lookup(self.hasher.hash_one(text), text).is_some()
    }

    /// The number of a text, which is given one if it is new.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.lookup(hash, text) {
            return known;
        }
        let number = u32::try_from(self.ends.len()).expect("memory ends before four thousand million names");
        self.letters.push_str(text);
        self.ends.push(self.letters.len());
        let (letters, ends, hasher) = (&self.letters, &self.ends, &self.hasher);
        let rehash = |number: &u32| hasher.hash_one(slice(letters, ends, *number as usize));
        self.numbers.insert_unique(hash, number, rehash);
        number
    }

    fn lookup(&self, hash: u64, text: &str) -> Option<u32> {
        self.numbers.find(hash, |number| self.text(*number as usize) == text).copied()
    }

    fn text(&self, number: usize) -> &str {
        slice(&self.letters, &self.ends, number)
    }
}

fn slice<'a>(letters: &'a str, ends: &[usize], number: usize) -> &'a str {
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &letters[start..ends[number]]
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
    fn ten_thousand_texts_are_told_apart() {
        let mut names = Names::new();
        (0..10_000u32).for_each(|n| assert_eq!(names.number(&format!("n{n}")), n));
        (0..10_000u32).for_each(|n| assert_eq!(names.number(&format!("n{n}")), n));
    }
}

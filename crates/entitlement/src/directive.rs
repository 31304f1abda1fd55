//! Directives: the operators' decisions, as `kind` and ABI-encoded data.
//!
//! The data is read strictly: exactly what `abi.encode` of the kind's arguments writes, nothing before, between or
//! after. There is one encoding of a decision, so what two readers understand cannot differ.

use alloy_primitives::{Address, B256, Bytes, U256};
use banyan_types::PlanHash;

const WORD: usize = 32;

/// Reads the data of one kind, or says what is wrong with it.
type Reader = fn(&[u8]) -> Result<Directive, &'static str>;

/// A decision that entitlement depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `PLAN(bytes32)`: another plan comes into force.
    Plan(PlanHash),
    /// `WIND_UP()`: the programme ends.
    WindUp,
    /// `PLACE(address user, uint256 level, uint256 tree, uint256 index)`: a manual seat.
    Place {
        /// Who is seated.
        user: Address,
        /// Level of the pool; numbers beyond 64 bits are read as the largest of them, which no plan has.
        level: u64,
        /// Tree of the level, likewise.
        tree: u64,
        /// Index in the tree, likewise.
        index: u64,
    },
    /// `GRANT(address user, string reason)`: a gift.
    Grant {
        /// Who receives it.
        user: Address,
        /// Why, in the operators' words.
        reason: String,
    },
}

/// Why a directive cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveFault {
    /// No such kind.
    #[error("expected PLAN, WIND_UP, PLACE or GRANT as the directive's kind, got {0}")]
    UnknownKind(String),
    /// The data is not what `abi.encode` writes for the kind.
    #[error("expected abi.encode of {arguments} as data of {kind}: {fault}")]
    Malformed {
        /// The kind.
        kind: &'static str,
        /// Its arguments.
        arguments: &'static str,
        /// What is wrong.
        fault: &'static str,
    },
}

impl Directive {
    /// Reads a directive.
    ///
    /// # Errors
    /// An unknown kind, or data that is not exactly what `abi.encode` writes.
    pub fn decode(kind: B256, data: &[u8]) -> Result<Directive, DirectiveFault> {
        let (name, arguments, read): (_, _, Reader) = match name_of(&kind) {
            b"PLAN" => ("PLAN", "(bytes32)", read_plan),
            b"WIND_UP" => ("WIND_UP", "()", read_wind_up),
            b"PLACE" => ("PLACE", "(address,uint256,uint256,uint256)", read_place),
            b"GRANT" => ("GRANT", "(address,string)", read_grant),
            _ => return Err(DirectiveFault::UnknownKind(kind_text(kind))),
        };
        read(data).map_err(|fault| DirectiveFault::Malformed { kind: name, arguments, fault })
    }

    /// The `kind` and `data` that say this directive: what [`Directive::decode`] reads.
    pub fn encode(&self) -> (B256, Bytes) {
        let (kind, words) = match self {
            Directive::Plan(plan) => ("PLAN", vec![plan.0]),
            Directive::WindUp => ("WIND_UP", vec![]),
            Directive::Place { user, level, tree, index } => {
                let numbers = [level, tree, index].map(|number| B256::from(U256::from(*number)));
                ("PLACE", [user.into_word()].into_iter().chain(numbers).collect())
            }
            Directive::Grant { user, reason } => ("GRANT", grant_words(*user, reason)),
        };
        (kind_word(kind), words.iter().flat_map(|word| word.0).collect())
    }
}

/// A directive's kind as people read it: its ASCII name, or else its hexadecimal digits.
pub fn kind_text(kind: B256) -> String {
    let name = name_of(&kind);
    let plain = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_graphic());
    if plain { name.iter().map(|byte| char::from(*byte)).collect() } else { kind.to_string() }
}

/// An ASCII name, left-aligned in a word.
fn kind_word(name: &str) -> B256 {
    B256::right_padding_from(name.as_bytes())
}

fn grant_words(user: Address, reason: &str) -> Vec<B256> {
    let mut words =
        vec![user.into_word(), B256::from(U256::from(2 * WORD)), B256::from(U256::from(reason.len()))];
    words.extend(reason.as_bytes().chunks(WORD).map(B256::right_padding_from));
    words
}

/// The kind without the zero bytes at its end.
fn name_of(kind: &B256) -> &[u8] {
    let end = kind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &kind[..end]
}

fn read_plan(data: &[u8]) -> Result<Directive, &'static str> {
    let [plan] = words(data)?;
    Ok(Directive::Plan(PlanHash(plan)))
}

fn read_wind_up(data: &[u8]) -> Result<Directive, &'static str> {
    let [] = words(data)?;
    Ok(Directive::WindUp)
}

fn read_place(data: &[u8]) -> Result<Directive, &'static str> {
    let [user, level, tree, index] = words(data)?;
    Ok(Directive::Place {
        user: address(user)?,
        level: number(level),
        tree: number(tree),
        index: number(index),
    })
}

fn read_grant(data: &[u8]) -> Result<Directive, &'static str> {
    let (head, tail) = data.split_at_checked(3 * WORD).ok_or("the data is too short")?;
    let [user, offset, length] = words(head)?;
    if number(offset) != 2 * WORD as u64 {
        return Err("the text's offset is not 64");
    }
    let length = usize::try_from(number(length)).ok().filter(|length| *length <= tail.len());
    let length = length.ok_or("the text is shorter than its length says")?;
    let (text, padding) = tail.split_at(length);
    if tail.len() != length.next_multiple_of(WORD) || padding.iter().any(|byte| *byte != 0) {
        return Err("the text is not padded with zeros to a whole word, or something follows it");
    }
    let reason = std::str::from_utf8(text).map_err(|_| "the text is not UTF-8")?;
    Ok(Directive::Grant { user: address(user)?, reason: reason.to_owned() })
}

/// Exactly `N` words.
fn words<const N: usize>(data: &[u8]) -> Result<[B256; N], &'static str> {
    if data.len() != N * WORD {
        return Err("the data has not as many bytes as the arguments");
    }
    Ok(std::array::from_fn(|n| B256::from_slice(&data[n * WORD..(n + 1) * WORD])))
}

fn address(word: B256) -> Result<Address, &'static str> {
    let (padding, account) = word.split_at(12);
    if padding.iter().any(|byte| *byte != 0) {
        return Err("the address is longer than 20 bytes");
    }
    Ok(Address::from_slice(account))
}

/// Saturates: what is beyond 64 bits is beyond every plan.
fn number(word: B256) -> u64 {
    U256::from_be_bytes(word.0).saturating_to()
}

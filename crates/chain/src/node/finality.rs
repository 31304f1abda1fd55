//! How a node is asked which block is final.

use std::str::FromStr;

use serde::Deserialize;

/// The rule by which a block is final.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finality {
    /// The node's `finalized` tag.
    #[default]
    Tag,
    /// BSC's `eth_getFinalizedBlock(-2)`, two thirds of the validators, for nodes that lack the tag.
    ValidatorQuorum,
}

/// A text that names no rule of finality.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected finality \"finalized\" (the block tag) or \"eth_getFinalizedBlock\" (for BSC nodes without the tag), got {0:?}"
)]
pub struct UnknownFinality(pub String);

impl FromStr for Finality {
    type Err = UnknownFinality;

    fn from_str(text: &str) -> Result<Finality, UnknownFinality> {
        match text {
            "finalized" => Ok(Finality::Tag),
            "eth_getFinalizedBlock" => Ok(Finality::ValidatorQuorum),
            _ => Err(UnknownFinality(text.chars().take(40).collect())),
        }
    }
}

impl<'de> Deserialize<'de> for Finality {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Finality, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_named_exactly() {
        assert_eq!("finalized".parse(), Ok(Finality::Tag));
        assert_eq!("eth_getFinalizedBlock".parse(), Ok(Finality::ValidatorQuorum));
        for text in ["", "latest", "Finalized", "15"] {
            assert_eq!(text.parse::<Finality>(), Err(UnknownFinality(text.to_owned())));
        }
    }
}

//! What a timelock says about itself as of one block, and how it is told from other holders of a role.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;

use crate::contract::TimelockRole;
use crate::contract::abi::TimelockController as lock;
use crate::node::{Node, NodeError};

/// The least delay of a timelock in seconds, after the block of that hash; `None` if `holder` is no timelock: a wallet, or
/// a contract that knows no such function.
///
/// # Errors
/// What kept the node from answering.
pub async fn least_delay(node: &Node, block: B256, holder: Address) -> Result<Option<u64>, NodeError> {
    if node.code_at(block, holder).await?.is_empty() {
        return Ok(None);
    }
    match node.call_at(block, holder, lock::getMinDelayCall {}.abi_encode().into()).await {
        Ok(answer) => {
            let delay: Option<U256> = lock::getMinDelayCall::abi_decode_returns_validate(&answer).ok();
            Ok(delay.and_then(|delay| u64::try_from(delay).ok()))
        }
        Err(NodeError::Reverted { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether `account` has a role of the timelock, after the block of that hash.
///
/// # Errors
/// What kept the node from answering.
pub async fn may(
    node: &Node,
    block: B256,
    timelock: Address,
    (role, account): (TimelockRole, Address),
) -> Result<bool, NodeError> {
    let call = lock::hasRoleCall { role: role.id(), account };
    let answer = node.call_at(block, timelock, call.abi_encode().into()).await?;
    lock::hasRoleCall::abi_decode_returns_validate(&answer).map_err(|error| NodeError::Malformed {
        method: "eth_call",
        reason: format!("hasRole answers {answer}, which is no truth value: {error}"),
    })
}

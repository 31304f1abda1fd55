// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "../IBanyanSettlement.sol";

/// @title A participant that is a contract, for demonstrations and end-to-end tests.
/// @notice It joins by itself, refuses money until it is told to take it, and fetches what it is owed.
contract RecipientWallet {
    /// @notice Who may make it act.
    address public immutable owner;
    /// @notice Whether it takes money.
    bool public accepting;

    /// @notice Only the owner may make it act.
    error NotOwner(address caller);
    /// @notice It does not take money at present.
    error NotAccepting();

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    /// @notice Takes money, if it was told to.
    receive() external payable {
        if (!accepting) revert NotAccepting();
    }

    /// @notice Take money from now on, or refuse it.
    /// @param accepting_ Which of the two.
    function setAccepting(bool accepting_) external onlyOwner {
        accepting = accepting_;
    }

    /// @notice Join: this contract is the registration's user, the value sent here is its payment.
    /// @param settlement The settlement contract.
    /// @param payload The payload.
    /// @param signature The intake signer's.
    function register(
        IBanyanSettlement settlement,
        IBanyanSettlement.Registration calldata payload,
        bytes calldata signature
    ) external payable onlyOwner {
        settlement.register{value: msg.value}(payload, signature);
    }

    /// @notice Pay a retopup in the same way.
    /// @param settlement The settlement contract.
    /// @param payload The payload.
    /// @param signature The intake signer's.
    function retopup(IBanyanSettlement settlement, IBanyanSettlement.Retopup calldata payload, bytes calldata signature)
        external
        payable
        onlyOwner
    {
        settlement.retopup{value: msg.value}(payload, signature);
    }

    /// @notice Withdraw what the settlement contract owes to this one.
    /// @param settlement The settlement contract.
    /// @param to Where the money goes.
    function withdrawOwed(IBanyanSettlement settlement, address to) external onlyOwner {
        settlement.withdrawOwed(address(this), to);
    }
}

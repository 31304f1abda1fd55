// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IBanyanSettlement} from "../IBanyanSettlement.sol";

/// @title A participant that is a contract, for demonstrations and end-to-end tests.
/// @notice It joins by itself, refuses money until it is told to take it, and fetches what it is owed.
contract RecipientWallet is IERC1271 {
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

    /// @notice Vouches for what its owner signed, so that it can sign in.
    /// @param hash What was signed.
    /// @param signature The owner's.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(hash, signature);
        bool valid = error == ECDSA.RecoverError.NoError && signer == owner;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @notice Withdraw what the settlement contract owes to this one.
    /// @param settlement The settlement contract.
    /// @param to Where the money goes.
    function withdrawOwed(IBanyanSettlement settlement, address to) external onlyOwner {
        settlement.withdrawOwed(address(this), to);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Forces ether into a contract that refuses it, for demonstrations and end-to-end tests.
contract ForceEther {
    /// @notice Everything sent with the creation ends up at `to`, asked or not.
    /// @param to Who gets it.
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

// Holders of the roles admin and recovery: OpenZeppelin's timelock as it is. Imported so that its ABI and bytecode are
// built and committed with ours.
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

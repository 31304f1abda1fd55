// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {GasBurner} from "./support/Recipients.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

/// @title What the four paths cost a sender, the transaction's own 21,000 and its data included.
/// @notice Every call runs as a transaction of its own (`isolate`), from cold storage.
/// forge-config: default.isolate = true
contract GasTest is SettlementTest {
    function test_aRegistrationCostsAtMost97000() public {
        join(alice, COMPANY);
        join(bob, alice);
        assertLe(used("register"), 97_000);
    }

    function test_aRetopupCostsAtMost77000() public {
        join(alice, COMPANY);
        topUp(alice);
        assertLe(used("retopup"), 77_000);
    }

    function test_aRecipientInABatchOf200CostsAtMost17500() public {
        bytes memory items;
        for (uint256 i = 1; i <= 200; ++i) {
            address user = address(uint160(uint256(keccak256(abi.encode("user", i)))));
            join(user, COMPANY);
            vm.deal(user, 1);
            items = bytes.concat(items, item(user, 1.8 ether + i * 0.01 ether));
        }
        pay(COMPANY, 1 ether); // The contract's first batch pays once for fresh slots.
        send(batchOf(items));
        assertLe(used("batch of 200") / 200, 17_500);
    }

    function test_aBatchOf200GasBurnersCostsAtMost11Million() public {
        GasBurner burner = new GasBurner();
        bytes memory items;
        for (uint256 i = 1; i <= 200; ++i) {
            address user = address(uint160(uint256(keccak256(abi.encode("user", i)))));
            join(user, COMPANY);
            vm.etch(user, address(burner).code);
            items = bytes.concat(items, item(user, 1.8 ether + i));
        }
        send(batchOf(items));
        assertLe(used("batch of 200 gas burners"), 11_000_000);
        assertEq(settlement.totalOwed(), settlement.totalPaid());
    }

    function test_aClaimAtDepth20CostsAtMost85000() public {
        join(alice, COMPANY);
        bytes32[] memory proof = new bytes32[](20);
        bytes32 root = MerkleTree.leaf(alice, 5 ether);
        for (uint256 i = 0; i < 20; ++i) {
            proof[i] = keccak256(abi.encode("sibling", i));
            root = MerkleTree.pair(root, proof[i]);
        }
        publish(root);
        vm.deal(alice, 1);
        vm.prank(stranger);
        settlement.claim(alice, 5 ether, proof);
        assertLe(used("claim at depth 20"), 85_000);
        assertEq(settlement.accounts(alice).paid, 5 ether);
    }

    function used(string memory what) private returns (uint256 gas) {
        gas = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(what, gas);
    }
}

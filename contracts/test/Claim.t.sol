// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {Participant, Refuser} from "./support/Recipients.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract ClaimTest is SettlementTest {
    bytes32[] private leaves;

    function setUp() public override {
        super.setUp();
        join(alice, COMPANY);
        join(bob, alice);
        leaves.push(MerkleTree.leaf(COMPANY, 9 ether));
        leaves.push(MerkleTree.leaf(alice, 5 ether));
        leaves.push(MerkleTree.leaf(bob, 0));
    }

    function test_anyoneMayPushAnAccountsMoneyToIt() public {
        publish(MerkleTree.root(leaves));
        bytes32[] memory proof = MerkleTree.proof(leaves, 1);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(alice, 2, 5 ether, 5 ether);
        vm.prank(stranger);
        settlement.claim(alice, 5 ether, proof);
        assertEq(alice.balance, 5 ether);
        assertEq(settlement.out(), 2);
        assertEq(settlement.totalPaid(), 5 ether);
        assertBooksBalance(0);
    }

    function test_theCompanysLeafPaysTheCompany() public {
        publish(MerkleTree.root(leaves));
        settlement.claim(COMPANY, 9 ether, MerkleTree.proof(leaves, 0));
        assertEq(companyWallet.balance, 9 ether);
    }

    function test_aClaimPaysOnlyWhatNoBatchHasPaid() public {
        publish(MerkleTree.root(leaves));
        pay(alice, 2 ether);
        settlement.claim(alice, 5 ether, MerkleTree.proof(leaves, 1));
        assertEq(alice.balance, 5 ether);
    }

    function test_aSecondClaimHasNothingDue() public {
        publish(MerkleTree.root(leaves));
        settlement.claim(alice, 5 ether, MerkleTree.proof(leaves, 1));
        refused(alice, 5 ether, 1, abi.encodeWithSelector(IBanyanSettlement.NothingDue.selector, alice));
        assertEq(alice.balance, 5 ether);
    }

    function test_aLeafOfNothingHasNothingDue() public {
        publish(MerkleTree.root(leaves));
        refused(bob, 0, 2, abi.encodeWithSelector(IBanyanSettlement.NothingDue.selector, bob));
    }

    function test_aTreeOfOneLeafNeedsNoProof() public {
        publish(MerkleTree.leaf(alice, 5 ether));
        settlement.claim(alice, 5 ether, new bytes32[](0));
        assertEq(alice.balance, 5 ether);
    }

    function test_withoutARootNothingIsProven() public {
        refused(alice, 5 ether, 1, abi.encodeWithSelector(IBanyanSettlement.NoRoot.selector));
    }

    function test_anotherAmountIsNotProven() public {
        publish(MerkleTree.root(leaves));
        refused(alice, 5 ether + 1, 1, abi.encodeWithSelector(IBanyanSettlement.BadProof.selector));
    }

    function test_anotherAccountIsNotProven() public {
        publish(MerkleTree.root(leaves));
        refused(bob, 5 ether, 1, abi.encodeWithSelector(IBanyanSettlement.BadProof.selector));
    }

    function test_anotherPlaceInTheTreeIsNotProven() public {
        publish(MerkleTree.root(leaves));
        refused(alice, 5 ether, 2, abi.encodeWithSelector(IBanyanSettlement.BadProof.selector));
    }

    function test_anInnerNodeIsNoLeaf() public {
        bytes32 left = MerkleTree.pair(leaves[0], leaves[1]);
        publish(MerkleTree.root(leaves));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = MerkleTree.pair(leaves[2], bytes32(0));
        assertEq(MerkleTree.pair(left, proof[0]), settlement.root());
        expectError(IBanyanSettlement.BadProof.selector);
        settlement.claim(address(uint160(uint256(left))), uint256(proof[0]), proof);
    }

    function test_aLeafHashedOnceIsNoLeaf() public {
        bytes32 once = keccak256(abi.encode(alice, uint256(5 ether)));
        publish(once);
        expectError(IBanyanSettlement.BadProof.selector);
        settlement.claim(alice, 5 ether, new bytes32[](0));
    }

    function test_aFrozenAccountCannotClaim() public {
        publish(MerkleTree.root(leaves));
        freezeNow(alice);
        refused(alice, 5 ether, 1, abi.encodeWithSelector(IBanyanSettlement.AccountFrozen.selector, alice));
    }

    function test_anUnregisteredAccountCannotClaim() public {
        leaves[2] = MerkleTree.leaf(stranger, 1 ether);
        publish(MerkleTree.root(leaves));
        refused(stranger, 1 ether, 2, abi.encodeWithSelector(IBanyanSettlement.NotRegistered.selector, stranger));
    }

    function test_aPauseStopsClaims() public {
        publish(MerkleTree.root(leaves));
        pauseNow();
        refused(alice, 5 ether, 1, abi.encodeWithSelector(IBanyanSettlement.ContractPaused.selector, START + 14 days));
    }

    function test_aLeafBeyondTheCoverCannotBeClaimed() public {
        leaves[2] = MerkleTree.leaf(bob, 2 * ENTRY + 1);
        publish(MerkleTree.root(leaves));
        refused(
            bob,
            2 * ENTRY + 1,
            2,
            abi.encodeWithSelector(IBanyanSettlement.AboveCover.selector, 2 * ENTRY + 1, 2 * ENTRY)
        );
    }

    function test_anAmountThatIsNoAmountCannotBeClaimed() public {
        uint256 tooMuch = uint256(1) << 96;
        leaves[2] = MerkleTree.leaf(bob, tooMuch);
        publish(MerkleTree.root(leaves));
        refused(bob, tooMuch, 2, abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 96, tooMuch));
    }

    function test_aClaimWhoseRecipientRefusesBecomesOwed() public {
        Refuser refuser = new Refuser();
        join(address(refuser), COMPANY);
        leaves[2] = MerkleTree.leaf(address(refuser), 3 ether);
        publish(MerkleTree.root(leaves));
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutOwed(address(refuser), 2, 3 ether, 3 ether);
        settlement.claim(address(refuser), 3 ether, MerkleTree.proof(leaves, 2));
        assertEq(settlement.accounts(address(refuser)).owed, 3 ether);
        assertEq(settlement.totalOwed(), 3 ether);
        assertBooksBalance(0);
    }

    function test_claimsStayOpenAfterTheWindUp() public {
        publish(MerkleTree.root(leaves));
        windUp();
        vm.warp(START + 3650 days);
        settlement.claim(alice, 5 ether, MerkleTree.proof(leaves, 1));
        assertEq(alice.balance, 5 ether);
    }

    function refused(address account, uint256 cumulative, uint256 place, bytes memory reason) private {
        bytes32[] memory proof = MerkleTree.proof(leaves, place);
        vm.expectRevert(reason);
        settlement.claim(account, cumulative, proof);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract RootTest is SettlementTest {
    bytes32 private constant FIRST = keccak256("first root");
    bytes32 private constant SECOND = keccak256("second root");

    function setUp() public override {
        super.setUp();
        join(alice, COMPANY);
    }

    function test_theFirstRootIsPublishedByABatchWithoutItems() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.RootPublished(1, FIRST);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.BatchExecuted(1, 1, FIRST, 0, 0);
        publish(FIRST);
        assertEq(settlement.root(), FIRST);
        assertEq(settlement.rootSeq(), 1);
        assertEq(settlement.rootTime(), START);
    }

    function test_theFirstRootMayBeOverTheGenesis() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf("", FIRST);
        batch.seq = 0;
        batch.head = settlement.heads(0);
        send(batch);
        assertEq(settlement.root(), FIRST);
        assertEq(settlement.rootSeq(), 0);
    }

    function test_aLaterRootWaitsUntilTheStandingOneIsAnHourOld() public {
        publish(FIRST);
        topUp(alice);
        vm.warp(START + 1 hours - 1);
        send(batchOf(item(alice, 1), SECOND));
        assertEq(settlement.root(), FIRST, "a second too early");
        vm.warp(START + 1 hours);
        publish(SECOND);
        assertEq(settlement.root(), SECOND, "an hour old");
        assertEq(settlement.rootSeq(), 2);
        assertEq(settlement.rootTime(), START + 1 hours);
    }

    function test_aBatchWhoseRootMustWaitAndThatPaysNothingReverts() public {
        publish(FIRST);
        topUp(alice);
        bytes memory signature = sign(batchOf("", SECOND));
        IBanyanSettlement.PayoutBatch memory batch = batchOf("", SECOND);
        expectError(IBanyanSettlement.NothingToDo.selector);
        vm.prank(executor);
        settlement.executeBatchPayouts(batch, signature);
    }

    function test_anotherRootForTheStandingSeqReverts() public {
        publish(FIRST);
        vm.warp(START + 2 hours);
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1), SECOND);
        bytes memory signature = sign(batch);
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.RootConflict.selector, 1, FIRST, SECOND));
        vm.prank(executor);
        settlement.executeBatchPayouts(batch, signature);
    }

    function test_theStandingRootAgainPaysAndStandsOn() public {
        publish(FIRST);
        vm.warp(START + 2 hours);
        send(batchOf(item(alice, 1), FIRST));
        assertEq(alice.balance, 1);
        assertEq(settlement.rootTime(), START);
    }

    function test_anEarlierRootIsLeftAsideAndItsBatchPays() public {
        IBanyanSettlement.PayoutBatch memory earlier = batchOf(item(alice, 1), FIRST);
        earlier.deadline = START + 1 hours;
        topUp(alice);
        publish(SECOND);
        vm.warp(START + 1 hours);
        send(earlier);
        assertEq(settlement.root(), SECOND);
        assertEq(alice.balance, 1);
    }

    function test_revokingThePayoutSignerVoidsTheRoot() public {
        publish(FIRST);
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.SignerRevoked(role, payoutSigner);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.RootVoided(1, FIRST);
        vm.prank(guardian);
        settlement.revokeRole(role, payoutSigner);
        assertEq(settlement.root(), 0);
        assertEq(settlement.rootSeq(), 0);
        assertEq(settlement.rootTime(), 0);
    }

    function test_aPayoutSignerThatRenouncesVoidsTheRootToo() public {
        publish(FIRST);
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.prank(payoutSigner);
        settlement.renounceRole(role, payoutSigner);
        assertEq(settlement.root(), 0);
    }

    function test_aVoidedRootProvesNothing() public {
        bytes32[] memory none = new bytes32[](0);
        publish(MerkleTree.leaf(alice, 1 ether));
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.prank(guardian);
        settlement.revokeRole(role, payoutSigner);
        expectError(IBanyanSettlement.NoRoot.selector);
        settlement.claim(alice, 1 ether, none);
    }

    function test_revokingSomeoneWhoIsNoPayoutSignerLeavesTheRoot() public {
        publish(FIRST);
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.prank(guardian);
        settlement.revokeRole(role, stranger);
        assertEq(settlement.root(), FIRST);
    }

    function test_revokingTheIntakeSignerLeavesTheRoot() public {
        publish(FIRST);
        bytes32 role = settlement.INTAKE_SIGNER_ROLE();
        vm.prank(guardian);
        settlement.revokeRole(role, intakeSigner);
        assertEq(settlement.root(), FIRST);
    }

    function test_withoutARootThereIsNothingToVoid() public {
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.recordLogs();
        vm.prank(guardian);
        settlement.revokeRole(role, payoutSigner);
        assertEq(vm.getRecordedLogs().length, 2, "RoleRevoked and SignerRevoked only");
    }
}

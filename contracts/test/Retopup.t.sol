// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract RetopupTest is SettlementTest {
    IBanyanSettlement.Retopup private payload;

    function setUp() public override {
        super.setUp();
        join(alice, COMPANY);
        payload = retopupOf(alice);
        vm.deal(alice, 1000 ether);
    }

    function test_aRetopupBooksItsMoneyAndUsesUpTheNonce() public {
        send(payload);
        assertEq(settlement.accounts(alice).nonce, 2);
        assertEq(settlement.totalIn(), ENTRY + RETOPUP);
        assertEq(settlement.seq(), 2);
        assertBooksBalance(0);
    }

    function test_aRetopupTellsItsEntryAndHead() public {
        bytes32 entry = keccak256(abi.encode(uint256(2), block.timestamp, alice, PLAN, RETOPUP));
        bytes32 head = keccak256(abi.encode(settlement.heads(1), entry));
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.RetopupCompleted(2, alice, PLAN, RETOPUP, block.timestamp, head);
        send(payload);
        assertEq(settlement.heads(2), head);
    }

    function test_oneMayTopUpAgainAndAgain() public {
        topUp(alice);
        topUp(alice);
        assertEq(settlement.accounts(alice).nonce, 3);
        assertEq(settlement.totalIn(), ENTRY + 2 * RETOPUP);
    }

    function test_theSamePayloadTwiceIsRefused() public {
        send(payload);
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.WrongNonce.selector, 2, 1));
    }

    function test_aStrangerCannotTopUp() public {
        payload.user = bob;
        payload.nonce = 0;
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.NotRegistered.selector, bob));
    }

    function test_anotherWalletCannotUseThePayload() public {
        bytes memory signature = sign(payload);
        vm.deal(bob, RETOPUP);
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.NotPayloadUser.selector, alice, bob));
        vm.prank(bob);
        settlement.retopup{value: RETOPUP}(payload, signature);
    }

    function test_anotherValueIsRefused() public {
        refused(RETOPUP + 1, abi.encodeWithSelector(IBanyanSettlement.WrongValue.selector, RETOPUP, RETOPUP + 1));
    }

    function test_anAmountOfNothingIsRefused() public {
        payload.amount = 0;
        refused(0, abi.encodeWithSelector(IBanyanSettlement.ZeroAmount.selector));
    }

    function test_anotherPlanIsRefused() public {
        payload.plan = keccak256("another plan");
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.WrongPlan.selector, PLAN, payload.plan));
    }

    function test_afterTheWindUpItIsRefused() public {
        windUp();
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.WoundUp.selector));
    }

    function test_aFrozenParticipantCannotTopUp() public {
        freezeNow(alice);
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.AccountFrozen.selector, alice));
    }

    function test_aPauseStopsRetopups() public {
        pauseNow();
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.ContractPaused.selector, block.timestamp + 14 days));
    }

    function test_anExpiredPayloadIsRefused() public {
        vm.warp(payload.deadline + 1);
        refused(
            RETOPUP,
            abi.encodeWithSelector(IBanyanSettlement.DeadlinePassed.selector, payload.deadline, block.timestamp)
        );
    }

    function test_aPayloadThatLivesTooLongIsRefused() public {
        payload.deadline = block.timestamp + 1 hours + 1;
        refused(
            RETOPUP,
            abi.encodeWithSelector(
                IBanyanSettlement.DeadlineTooFar.selector, payload.deadline, block.timestamp + 1 hours
            )
        );
    }

    function test_aRevokedIntakeSignerSignsNothing() public {
        bytes32 role = settlement.INTAKE_SIGNER_ROLE();
        vm.prank(admin);
        settlement.revokeRole(role, intakeSigner);
        refused(RETOPUP, abi.encodeWithSelector(IBanyanSettlement.WrongSigner.selector, role, intakeSigner));
    }

    function refused(uint256 value, bytes memory reason) private {
        bytes memory signature = sign(payload);
        uint256 seq = settlement.seq();
        if (payload.user.balance < value) vm.deal(payload.user, value);
        vm.expectRevert(reason);
        vm.prank(payload.user);
        settlement.retopup{value: value}(payload, signature);
        assertEq(settlement.seq(), seq);
    }
}

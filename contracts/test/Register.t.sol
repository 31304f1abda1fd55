// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract RegisterTest is SettlementTest {
    IBanyanSettlement.Registration private payload;

    function setUp() public override {
        super.setUp();
        payload = registrationOf(alice, COMPANY);
        vm.deal(alice, 1000 ether);
    }

    function test_aRegistrationMakesAParticipantAndBooksItsMoney() public {
        send(payload);
        IBanyanSettlement.Account memory account = settlement.accounts(alice);
        assertTrue(account.registered);
        assertEq(account.nonce, 1);
        assertEq(account.paid, 0);
        assertEq(settlement.totalIn(), ENTRY);
        assertEq(settlement.seq(), 1);
        assertBooksBalance(0);
    }

    function test_aRegistrationTellsItsEntryAndHead() public {
        join(bob, COMPANY);
        payload = registrationOf(alice, bob);
        bytes32 entry = keccak256(abi.encode(uint256(1), block.timestamp, alice, bob, PLAN, ENTRY));
        bytes32 head = keccak256(abi.encode(settlement.heads(1), entry));
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.RegistrationAccepted(2, alice, bob, PLAN, ENTRY, block.timestamp, head);
        send(payload);
        assertEq(settlement.heads(2), head);
    }

    function test_aFrozenSponsorIsStillASponsor() public {
        join(bob, COMPANY);
        freezeNow(bob);
        join(alice, bob);
        assertTrue(settlement.accounts(alice).registered);
    }

    function test_theContractKnowsNoPrice() public {
        payload.amount = 1;
        send(payload);
        assertEq(settlement.totalIn(), 1);
    }

    function test_anotherWalletCannotUseThePayload() public {
        refusedFrom(bob, ENTRY, abi.encodeWithSelector(IBanyanSettlement.NotPayloadUser.selector, alice, bob));
    }

    function test_lessThanTheAmountIsRefused() public {
        refused(ENTRY - 1, abi.encodeWithSelector(IBanyanSettlement.WrongValue.selector, ENTRY, ENTRY - 1));
    }

    function test_moreThanTheAmountIsRefused() public {
        refused(ENTRY + 1, abi.encodeWithSelector(IBanyanSettlement.WrongValue.selector, ENTRY, ENTRY + 1));
    }

    function test_anAmountOfNothingIsRefused() public {
        payload.amount = 0;
        refused(0, abi.encodeWithSelector(IBanyanSettlement.ZeroAmount.selector));
    }

    function test_anotherPlanIsRefused() public {
        payload.plan = keccak256("another plan");
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.WrongPlan.selector, PLAN, payload.plan));
    }

    function test_afterTheWindUpEvenPlanZeroIsRefused() public {
        windUp();
        payload.plan = 0;
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.WoundUp.selector));
    }

    function test_aNonceAheadIsRefused() public {
        payload.nonce = 1;
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.WrongNonce.selector, 0, 1));
    }

    function test_aSecondRegistrationIsRefused() public {
        send(payload);
        payload.nonce = 1;
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.AlreadyRegistered.selector, alice));
    }

    function test_anUnknownSponsorIsRefused() public {
        payload.sponsor = bob;
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.UnknownSponsor.selector, bob));
    }

    function test_oneselfIsNoSponsor() public {
        payload.sponsor = alice;
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.UnknownSponsor.selector, alice));
    }

    function test_aFrozenWalletCannotJoin() public {
        freezeNow(alice);
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.AccountFrozen.selector, alice));
    }

    function test_aPauseStopsRegistrations() public {
        pauseNow();
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.ContractPaused.selector, block.timestamp + 14 days));
    }

    function test_theDeadlineItselfIsStillInTime() public {
        payload.deadline = block.timestamp;
        send(payload);
    }

    function test_oneSecondAfterTheDeadlineIsTooLate() public {
        payload.deadline = block.timestamp - 1;
        refused(
            ENTRY,
            abi.encodeWithSelector(IBanyanSettlement.DeadlinePassed.selector, block.timestamp - 1, block.timestamp)
        );
    }

    function test_aDeadlineOfOneHourIsNotTooFar() public {
        payload.deadline = block.timestamp + 1 hours;
        send(payload);
    }

    function test_aDeadlineOfOneHourAndASecondIsTooFar() public {
        payload.deadline = block.timestamp + 1 hours + 1;
        refused(
            ENTRY,
            abi.encodeWithSelector(
                IBanyanSettlement.DeadlineTooFar.selector, payload.deadline, block.timestamp + 1 hours
            )
        );
    }

    function test_aRegistrationSignedByThePayoutSignerIsRefused() public {
        bytes32 role = settlement.INTAKE_SIGNER_ROLE();
        bytes memory signature = signed(PAYOUT_KEY, digest());
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.WrongSigner.selector, role, payoutSigner));
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, signature);
    }

    function test_aRevokedIntakeSignerSignsNothing() public {
        bytes32 role = settlement.INTAKE_SIGNER_ROLE();
        vm.prank(guardian);
        settlement.revokeRole(role, intakeSigner);
        refused(ENTRY, abi.encodeWithSelector(IBanyanSettlement.WrongSigner.selector, role, intakeSigner));
    }

    function test_moreThanTheBooksCanHoldIsRefused() public {
        send(payload);
        payload = registrationOf(bob, COMPANY);
        payload.amount = uint256(type(uint96).max) - ENTRY + 1;
        vm.deal(bob, payload.amount);
        refused(
            payload.amount,
            abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 96, uint256(1) << 96)
        );
    }

    function refused(uint256 value, bytes memory reason) private {
        refusedFrom(payload.user, value, reason);
    }

    /// Sends the payload, well signed, and expects the reason, and that nothing has changed.
    function refusedFrom(address sender, uint256 value, bytes memory reason) private {
        bytes memory signature = sign(payload);
        uint256 seq = settlement.seq();
        uint256 totalIn = settlement.totalIn();
        if (sender.balance < value) vm.deal(sender, value);
        vm.expectRevert(reason);
        vm.prank(sender);
        settlement.register{value: value}(payload, signature);
        assertEq(settlement.seq(), seq);
        assertEq(settlement.totalIn(), totalIn);
    }

    function digest() private view returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                bytes2(0x1901),
                settlement.domainSeparator(),
                keccak256(
                    abi.encode(
                        settlement.REGISTRATION_TYPEHASH(),
                        payload.user,
                        payload.sponsor,
                        payload.amount,
                        payload.plan,
                        payload.nonce,
                        payload.deadline
                    )
                )
            )
        );
    }
}

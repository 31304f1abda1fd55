// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract BatchTest is SettlementTest {
    function setUp() public override {
        super.setUp();
        join(alice, COMPANY);
        join(bob, alice);
        join(carol, alice);
    }

    function test_anItemPaysTheDifferenceToWhatWasPaidBefore() public {
        pay(alice, 5 ether);
        pay(alice, 7 ether);
        assertEq(alice.balance, 7 ether);
        assertEq(settlement.accounts(alice).paid, 7 ether);
        assertEq(settlement.totalPaid(), 7 ether);
        assertBooksBalance(0);
    }

    function test_aBatchTellsEachPaymentAndThenItself() public {
        pay(alice, 1 ether);
        uint256 seq = settlement.seq();
        IBanyanSettlement.PayoutBatch memory batch =
            batchOf(bytes.concat(item(alice, 3 ether), item(bob, 4 ether), item(COMPANY, 5 ether)));
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(alice, 2, 2 ether, 3 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(bob, 2, 4 ether, 4 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(COMPANY, 2, 5 ether, 5 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.BatchExecuted(2, seq, 0, 3, 11 ether);
        send(batch);
        assertEq(settlement.out(), 2);
    }

    function test_theCompanysMoneyGoesToItsAddressOfThatMoment() public {
        pay(COMPANY, 1 ether);
        vm.prank(admin);
        settlement.setCompany(stranger);
        pay(COMPANY, 3 ether);
        assertEq(companyWallet.balance, 1 ether);
        assertEq(stranger.balance, 2 ether);
        assertEq(settlement.accounts(COMPANY).paid, 3 ether);
    }

    function test_theSameBatchAgainRevertsAndPaysNobody() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 5 ether));
        send(batch);
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.NothingToDo.selector));
        assertEq(alice.balance, 5 ether);
    }

    function test_anEmptyBatchWithoutRootReverts() public {
        refused(batchOf(""), abi.encodeWithSelector(IBanyanSettlement.NothingToDo.selector));
    }

    function test_anEarlierBatchAfterALaterOnePaysNothingMore() public {
        IBanyanSettlement.PayoutBatch memory earlier = batchOf(bytes.concat(item(alice, 5 ether), item(bob, 2 ether)));
        pay(alice, 9 ether);
        send(earlier);
        assertEq(alice.balance, 9 ether);
        assertEq(bob.balance, 2 ether);
    }

    function test_anItemOfNothingIsSkipped() public {
        send(batchOf(bytes.concat(item(alice, 0), item(bob, 1))));
        assertEq(settlement.accounts(alice).paid, 0);
        assertEq(bob.balance, 1);
    }

    function test_twoItemsOfOneAccountPayTheHigherTotal() public {
        uint256 seq = settlement.seq();
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(alice, 1, 2 ether, 2 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(alice, 1, 3 ether, 5 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.BatchExecuted(1, seq, 0, 2, 5 ether);
        send(batchOf(bytes.concat(item(alice, 2 ether), item(alice, 5 ether), item(alice, 3 ether))));
        assertEq(alice.balance, 5 ether);
    }

    function test_aFrozenAccountIsSkippedAndTheOthersArePaid() public {
        freezeNow(alice);
        send(batchOf(bytes.concat(item(alice, 5 ether), item(bob, 2 ether))));
        assertEq(alice.balance, 0);
        assertEq(settlement.accounts(alice).paid, 0);
        assertEq(bob.balance, 2 ether);
        assertBooksBalance(0);
    }

    function test_whatAFrozenAccountEarnedIsPaidWhenItThaws() public {
        freezeNow(alice);
        refused(batchOf(item(alice, 5 ether)), abi.encodeWithSelector(IBanyanSettlement.NothingToDo.selector));
        vm.prank(recovery);
        settlement.unfreeze(alice);
        pay(alice, 5 ether);
        assertEq(alice.balance, 5 ether);
    }

    function test_anUnregisteredAccountRevertsTheWholeBatch() public {
        refused(
            batchOf(bytes.concat(item(alice, 1 ether), item(stranger, 1 ether))),
            abi.encodeWithSelector(IBanyanSettlement.NotRegistered.selector, stranger)
        );
    }

    function test_anUnregisteredAccountRevertsEvenIfFrozenOrOwedNothing() public {
        freezeNow(stranger);
        refused(
            batchOf(bytes.concat(item(alice, 1 ether), item(stranger, 0))),
            abi.encodeWithSelector(IBanyanSettlement.NotRegistered.selector, stranger)
        );
    }

    function test_aFullCoverCanBePaidOut() public {
        pay(COMPANY, 3 * ENTRY);
        assertEq(address(settlement).balance, 0);
        assertBooksBalance(0);
    }

    function test_oneWeiBeyondTheCoverReverts() public {
        refused(
            batchOf(bytes.concat(item(alice, ENTRY), item(COMPANY, 2 * ENTRY + 1))),
            abi.encodeWithSelector(IBanyanSettlement.AboveCover.selector, 3 * ENTRY + 1, 3 * ENTRY)
        );
    }

    function test_forcedEtherIsNoCover() public {
        vm.deal(address(settlement), 1000 ether);
        refused(
            batchOf(item(COMPANY, 3 * ENTRY + 1)),
            abi.encodeWithSelector(IBanyanSettlement.AboveCover.selector, 3 * ENTRY + 1, 3 * ENTRY)
        );
    }

    function test_maxTotalItselfMayBePaid() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 5 ether));
        batch.maxTotal = 5 ether;
        send(batch);
        assertEq(alice.balance, 5 ether);
    }

    function test_oneWeiAboveMaxTotalReverts() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(bytes.concat(item(alice, 3 ether), item(bob, 2 ether)));
        batch.maxTotal = 5 ether - 1;
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.AboveMaxTotal.selector, 5 ether, 5 ether - 1));
    }

    function test_anotherHeadReverts() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 5 ether));
        bytes32 head = batch.head;
        batch.head = keccak256("another history");
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.WrongHead.selector, 3, head, batch.head));
    }

    function test_aBatchOverAnEarlierPointOfTheHistoryRuns() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 5 ether));
        topUp(alice);
        send(batch);
        assertEq(settlement.accounts(alice).paid, 5 ether);
    }

    function test_aBatchBeyondTheHistorysEndRevertsEvenWithTheHeadThatIsThere() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 5 ether));
        batch.seq = 4;
        batch.head = settlement.heads(4);
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.UnknownSeq.selector, 4, 3));
    }

    function test_itemsMustBeWhole() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(bytes.concat(item(alice, 5 ether), hex"00"));
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.BadItemsLength.selector, 33));
    }

    function test_twoHundredItemsArePaid() public {
        bytes memory items;
        for (uint256 i = 1; i <= 200; ++i) {
            items = bytes.concat(items, item(alice, i));
        }
        send(batchOf(items));
        assertEq(alice.balance, 200);
    }

    function test_twoHundredAndOneItemsAreRefused() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(new bytes(201 * 32));
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.BadItemsLength.selector, 201 * 32));
    }

    function test_bothEdgesOfTheDeadlineAreInTime() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        batch.deadline = block.timestamp;
        send(batch);
        batch = batchOf(item(alice, 2));
        batch.deadline = block.timestamp + 1 hours;
        send(batch);
        assertEq(alice.balance, 2);
    }

    function test_aSecondOutsideEitherEdgeIsRefused() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        batch.deadline = START - 1;
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.DeadlinePassed.selector, START - 1, START));
        batch.deadline = START + 1 hours + 1;
        refused(
            batch,
            abi.encodeWithSelector(IBanyanSettlement.DeadlineTooFar.selector, START + 1 hours + 1, START + 1 hours)
        );
    }

    function test_aSignatureWithoutTheExecutorMovesNothing() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        bytes memory signature = sign(batch);
        expectMissingRole(stranger, settlement.EXECUTOR_ROLE());
        vm.prank(stranger);
        settlement.executeBatchPayouts(batch, signature);
    }

    function test_theExecutorWithoutASignatureMovesNothing() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        bytes memory signature = sign(batch);
        batch.items = item(alice, 2);
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.expectPartialRevert(IBanyanSettlement.WrongSigner.selector);
        vm.prank(executor);
        settlement.executeBatchPayouts(batch, signature);
        assertTrue(settlement.hasRole(role, payoutSigner));
    }

    function test_aRevokedPayoutSignersBatchIsWorthNothing() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        vm.prank(guardian);
        settlement.revokeRole(role, payoutSigner);
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.WrongSigner.selector, role, payoutSigner));
    }

    function test_aPauseStopsBatches() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1));
        pauseNow();
        refused(batch, abi.encodeWithSelector(IBanyanSettlement.ContractPaused.selector, START + 14 days));
    }

    /// Sends the batch, well signed, from the executor; expects the reason, and that nothing was paid.
    function refused(IBanyanSettlement.PayoutBatch memory batch, bytes memory reason) private {
        bytes memory signature = sign(batch);
        uint256 totalPaid = settlement.totalPaid();
        uint256 out = settlement.out();
        vm.expectRevert(reason);
        vm.prank(executor);
        settlement.executeBatchPayouts(batch, signature);
        assertEq(settlement.totalPaid(), totalPaid);
        assertEq(settlement.out(), out);
    }
}

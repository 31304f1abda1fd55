// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {GasBurner, GasMeter, Participant, Reentrant, Refuser, ReturnBomb} from "./support/Recipients.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract HostileRecipientsTest is SettlementTest {
    bytes4 private constant LOCKED = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    function setUp() public override {
        super.setUp();
        join(alice, COMPANY);
        join(bob, COMPANY);
    }

    function test_aRefusedPaymentBecomesOwedAndTheOthersArePaid() public {
        becomesOwed(new Refuser());
    }

    function test_aRecipientThatBurnsItsGasStopsNobody() public {
        becomesOwed(new GasBurner());
    }

    function test_aHugeRevertReasonCostsNothing() public {
        becomesOwed(new ReturnBomb(true));
    }

    function test_aHugeAnswerCostsNothing() public {
        becomesOwed(new ReturnBomb(false));
    }

    function test_aRecipientGetsThirtyThousandGasAndTheStipend() public {
        GasMeter meter = new GasMeter();
        join(address(meter), COMPANY);
        pay(address(meter), 1 ether);
        assertGe(meter.given(), 30_000);
        assertLe(meter.given(), 30_000 + 2_300);
    }

    function test_anyGasLimitEitherPaysAllOrReverts() public {
        GasMeter meter = new GasMeter();
        join(address(meter), COMPANY);
        IBanyanSettlement.PayoutBatch memory batch =
            batchOf(bytes.concat(item(alice, 1 ether), item(address(meter), 1 ether)));
        bytes memory data = abi.encodeCall(settlement.executeBatchPayouts, (batch, sign(batch)));
        uint256 paid = 0;
        for (uint256 gas = 60_000; gas <= 260_000; gas += 1_000) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(executor);
            (bool ok,) = address(settlement).call{gas: gas}(data);
            if (ok) {
                ++paid;
                assertEq(settlement.totalOwed(), 0);
                assertGe(meter.given(), 30_000);
            }
            vm.revertToState(snapshot);
        }
        assertGt(paid, 10);
        assertLt(paid, 190);
    }

    function test_withTooLittleGasForARecipientEverythingReverts() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1 ether));
        bytes memory data = abi.encodeCall(settlement.executeBatchPayouts, (batch, sign(batch)));
        bytes memory reason;
        for (uint256 gas = 40_000; bytes4(reason) != IBanyanSettlement.TooLittleGas.selector; gas += 1_000) {
            vm.prank(executor);
            bool ok;
            (ok, reason) = address(settlement).call{gas: gas}(data);
            assertFalse(ok, "paid without the refusal having been seen");
        }
        assertEq(reason.length, 68);
        (uint256 left, uint256 needed) = abi.decode(withoutSelector(reason), (uint256, uint256));
        assertLt(left, needed);
        assertEq(needed, 70_000);
        assertEq(settlement.totalPaid(), 0);
    }

    function test_aRecipientCannotReenterClaim() public {
        bytes32[] memory proof = new bytes32[](0);
        locked(abi.encodeCall(settlement.claim, (alice, 1 ether, proof)));
    }

    function test_aRecipientCannotReenterWithdrawOwed() public {
        locked(abi.encodeCall(settlement.withdrawOwed, (alice, alice)));
    }

    function test_aRecipientCannotReenterRegister() public {
        IBanyanSettlement.Registration memory payload = registrationOf(carol, COMPANY);
        locked(abi.encodeCall(settlement.register, (payload, new bytes(65))));
    }

    function test_aRecipientCannotReenterRetopup() public {
        IBanyanSettlement.Retopup memory payload = retopupOf(alice);
        locked(abi.encodeCall(settlement.retopup, (payload, new bytes(65))));
    }

    function test_aRecipientCannotReenterABatch() public {
        IBanyanSettlement.PayoutBatch memory batch = batchOf("");
        locked(abi.encodeCall(settlement.executeBatchPayouts, (batch, new bytes(65))));
    }

    function test_aRecipientCannotReenterADirective() public {
        locked(abi.encodeCall(settlement.directive, ("NOTE", "")));
    }

    function test_aRecipientCannotReenterTheRolesFunctions() public {
        bytes32 role = settlement.PAYOUT_SIGNER_ROLE();
        locked(abi.encodeCall(settlement.revokeRole, (role, payoutSigner)));
        locked(abi.encodeCall(settlement.grantRole, (role, payoutSigner)));
        locked(abi.encodeCall(settlement.renounceRole, (role, payoutSigner)));
        locked(abi.encodeCall(settlement.pause, ()));
        locked(abi.encodeCall(settlement.unpause, ()));
        locked(abi.encodeCall(settlement.freeze, (alice)));
        locked(abi.encodeCall(settlement.unfreeze, (alice)));
        locked(abi.encodeCall(settlement.setCompany, (alice)));
    }

    function test_theBooksCannotBeReadHalfWritten() public {
        locked(abi.encodeCall(settlement.excess, ()));
    }

    function test_everythingIsBookedBeforeTheFirstRecipientIsCalled() public {
        BookReader reader = new BookReader();
        join(address(reader), COMPANY);
        reader.watch(settlement, alice);
        send(batchOf(bytes.concat(item(address(reader), 1 ether), item(alice, 2 ether))));
        assertEq(reader.totalPaid(), 3 ether);
        assertEq(reader.paid(), 2 ether);
    }

    function test_withdrawingCannotBeReentered() public {
        Reentrant recipient = new Reentrant();
        join(address(recipient), COMPANY);
        vm.etch(address(recipient), address(new Refuser()).code);
        pay(address(recipient), 1 ether);
        vm.etch(address(recipient), address(new Reentrant()).code);
        recipient.arm(
            address(settlement), abi.encodeCall(settlement.withdrawOwed, (address(recipient), address(recipient)))
        );
        vm.prank(address(recipient));
        settlement.withdrawOwed(address(recipient), address(recipient));
        assertEq(recipient.answer(), LOCKED);
        assertEq(address(recipient).balance, 1 ether);
        assertBooksBalance(0);
    }

    /// Pays the recipient between two honest ones and expects that only its own payment is kept back.
    function becomesOwed(Participant recipient) private {
        join(address(recipient), COMPANY);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(alice, 1, 1 ether, 1 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutOwed(address(recipient), 1, 2 ether, 2 ether);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.PayoutExecuted(bob, 1, 3 ether, 3 ether);
        send(batchOf(bytes.concat(item(alice, 1 ether), item(address(recipient), 2 ether), item(bob, 3 ether))));
        IBanyanSettlement.Account memory account = settlement.accounts(address(recipient));
        assertEq(account.paid, 2 ether);
        assertEq(account.owed, 2 ether);
        assertTrue(account.registered);
        assertFalse(account.frozen);
        assertEq(account.nonce, 1);
        assertEq(settlement.totalPaid(), 6 ether);
        assertEq(settlement.totalOwed(), 2 ether);
        assertEq(address(recipient).balance, 0);
        assertBooksBalance(0);
    }

    /// Pays a recipient that makes this call while it is paid, and expects the lock to answer.
    function locked(bytes memory attack) private {
        Reentrant recipient = new Reentrant();
        join(address(recipient), COMPANY);
        recipient.arm(address(settlement), attack);
        pay(address(recipient), 1 ether);
        assertFalse(recipient.succeeded());
        assertEq(recipient.answer(), LOCKED);
        assertEq(address(recipient).balance, 1 ether, "what it caught of its own call does not stop its payment");
    }

    function withoutSelector(bytes memory data) private pure returns (bytes memory rest) {
        rest = new bytes(data.length - 4);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = data[i + 4];
        }
    }
}

/// Reads the books while it is paid.
contract BookReader {
    IBanyanSettlement private settlement;
    address private other;
    uint256 public totalPaid = 1;
    uint256 public paid = 1;

    function watch(IBanyanSettlement settlement_, address other_) external {
        settlement = settlement_;
        other = other_;
    }

    receive() external payable {
        totalPaid = settlement.totalPaid();
        paid = settlement.accounts(other).paid;
    }
}

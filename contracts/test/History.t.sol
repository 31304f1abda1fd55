// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {BanyanSettlement} from "src/BanyanSettlement.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {Refuser} from "./support/Recipients.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

/// What a stranger with nothing but the events can say about the contract.
contract HistoryTest is SettlementTest {
    bytes32 private head;
    uint256 private seq;
    uint256 private totalIn;
    uint256 private out;
    uint256 private totalPaid;
    uint256 private totalOwed;
    mapping(address account => uint256) private paid;

    function test_headsAndTotalsFollowFromTheEventsAlone() public {
        vm.recordLogs();
        settlement = new BanyanSettlement(defaultGenesis());
        live();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(settlement)) read(logs[i]);
        }
        assertEq(seq, settlement.seq());
        assertEq(seq, 7);
        assertEq(totalIn, settlement.totalIn());
        assertEq(out, settlement.out());
        assertEq(out, 4);
        assertEq(totalPaid, settlement.totalPaid());
        assertEq(totalOwed, settlement.totalOwed());
        assertEq(paid[alice], settlement.accounts(alice).paid);
        assertEq(paid[COMPANY], settlement.accounts(COMPANY).paid);
        assertEq(settlement.heads(seq + 1), 0);
    }

    function test_theSameHistoryElsewhereHasAnotherHead() public {
        BanyanSettlement twin = new BanyanSettlement(defaultGenesis());
        assertNotEq(twin.heads(0), settlement.heads(0));
    }

    function test_theSameEntryASecondLaterHasAnotherHead() public {
        uint256 snapshot = vm.snapshotState();
        join(alice, COMPANY);
        bytes32 now_ = settlement.heads(1);
        vm.revertToState(snapshot);
        vm.warp(START + 1);
        join(alice, COMPANY);
        assertNotEq(settlement.heads(1), now_);
    }

    /// A little of everything.
    function live() private {
        join(alice, COMPANY);
        join(bob, alice);
        vm.warp(START + 10);
        topUp(alice);
        vm.deal(programme, 3 ether);
        vm.prank(programme);
        settlement.directive{value: 3 ether}("GRANT", abi.encode(alice, "thanks"));
        pay(alice, 4 ether);
        Refuser refuser = new Refuser();
        vm.warp(START + 20);
        join(address(refuser), bob);
        vm.prank(admin);
        settlement.directive("PLAN", abi.encode(keccak256("plan two")));
        send(batchOf(bytes.concat(item(address(refuser), 2 ether), item(COMPANY, 6 ether), item(alice, 5 ether))));
        vm.prank(address(refuser));
        settlement.withdrawOwed(address(refuser), carol);
        windUp();
        pay(address(refuser), 3 ether);
    }

    function read(Vm.Log memory log) private {
        bytes32 topic = log.topics[0];
        if (topic == IBanyanSettlement.RegistrationAccepted.selector) readRegistration(log);
        else if (topic == IBanyanSettlement.RetopupCompleted.selector) readRetopup(log);
        else if (topic == IBanyanSettlement.Directive.selector) readDirective(log);
        else if (topic == IBanyanSettlement.PayoutExecuted.selector) readPayout(log, false);
        else if (topic == IBanyanSettlement.PayoutOwed.selector) readPayout(log, true);
        else if (topic == IBanyanSettlement.BatchExecuted.selector) assertEq(uint256(log.topics[1]), out);
        else if (topic == IBanyanSettlement.OwedWithdrawn.selector) readWithdrawal(log);
    }

    function readRegistration(Vm.Log memory log) private {
        (bytes32 plan, uint256 amount, uint256 time, bytes32 told) =
            abi.decode(log.data, (bytes32, uint256, uint256, bytes32));
        bytes32 entry = keccak256(abi.encode(uint256(1), time, log.topics[2], log.topics[3], plan, amount));
        follow(uint256(log.topics[1]), entry, amount, told);
    }

    function readRetopup(Vm.Log memory log) private {
        (bytes32 plan, uint256 amount, uint256 time, bytes32 told) =
            abi.decode(log.data, (bytes32, uint256, uint256, bytes32));
        bytes32 entry = keccak256(abi.encode(uint256(2), time, log.topics[2], plan, amount));
        follow(uint256(log.topics[1]), entry, amount, told);
    }

    function readDirective(Vm.Log memory log) private {
        (bytes memory data, uint256 amount, uint256 time, bytes32 told) =
            abi.decode(log.data, (bytes, uint256, uint256, bytes32));
        if (log.topics[2] == "GENESIS") {
            (bytes32 plan, bytes32 predecessor) = abi.decode(data, (bytes32, bytes32));
            bytes32 genesis = keccak256(abi.encode(uint256(0), time, block.chainid, log.emitter, plan, predecessor));
            head = keccak256(abi.encode(bytes32(0), genesis));
            assertEq(head, told);
            return;
        }
        bytes32 entry = keccak256(abi.encode(uint256(3), time, log.topics[2], amount, keccak256(data)));
        follow(uint256(log.topics[1]), entry, amount, told);
    }

    function follow(uint256 n, bytes32 entry, uint256 amount, bytes32 told) private {
        assertEq(n, ++seq, "seq has a gap");
        head = keccak256(abi.encode(head, entry));
        assertEq(head, told);
        assertEq(head, settlement.heads(n));
        totalIn += amount;
    }

    function readPayout(Vm.Log memory log, bool becameOwed) private {
        address account = address(uint160(uint256(log.topics[1])));
        (uint256 amount, uint256 paidTotal) = abi.decode(log.data, (uint256, uint256));
        paid[account] += amount;
        assertEq(paid[account], paidTotal, "a payout was missed");
        totalPaid += amount;
        if (becameOwed) totalOwed += amount;
        number(uint256(log.topics[2]));
    }

    function readWithdrawal(Vm.Log memory log) private {
        (, uint256 amount) = abi.decode(log.data, (address, uint256));
        totalOwed -= amount;
        number(uint256(log.topics[2]));
    }

    function number(uint256 n) private {
        assertTrue(n == out || n == out + 1, "out has a gap");
        out = n;
    }
}

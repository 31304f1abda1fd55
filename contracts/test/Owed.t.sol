// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {Refuser} from "./support/Recipients.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract OwedTest is SettlementTest {
    Refuser private refuser;
    address private account;

    function setUp() public override {
        super.setUp();
        refuser = new Refuser();
        account = address(refuser);
        join(account, COMPANY);
        join(alice, COMPANY);
        pay(account, 2 ether);
    }

    function test_whatIsOwedCanBeWithdrawnToAnyAddress() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.OwedWithdrawn(account, 2, carol, 2 ether);
        vm.prank(account);
        settlement.withdrawOwed(account, carol);
        assertEq(carol.balance, 2 ether);
        assertEq(settlement.accounts(account).owed, 0);
        assertEq(settlement.accounts(account).paid, 2 ether);
        assertEq(settlement.totalOwed(), 0);
        assertEq(settlement.totalPaid(), 2 ether);
        assertEq(settlement.out(), 2);
        assertBooksBalance(0);
    }

    function test_whatIsOwedAddsUp() public {
        pay(account, 5 ether);
        assertEq(settlement.accounts(account).owed, 5 ether);
        refuser.setWilling(true);
        pay(account, 6 ether);
        assertEq(account.balance, 1 ether, "a later payment does not bring the owed one");
        refuser.act(address(settlement), 0, abi.encodeCall(settlement.withdrawOwed, (account, account)));
        assertEq(account.balance, 6 ether);
        assertBooksBalance(0);
    }

    function test_nobodyElseMayWithdraw() public {
        address[3] memory others = [alice, admin, companyWallet];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.NotAccountHolder.selector, account, others[i]));
            vm.prank(others[i]);
            settlement.withdrawOwed(account, others[i]);
        }
    }

    function test_theCompanysOwedMoneyIsItsPresentAddresss() public {
        Refuser wallet = new Refuser();
        vm.prank(admin);
        settlement.setCompany(address(wallet));
        pay(COMPANY, 3 ether);
        assertEq(settlement.accounts(COMPANY).owed, 3 ether);
        vm.prank(admin);
        settlement.setCompany(companyWallet);

        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.NotAccountHolder.selector, COMPANY, address(wallet)));
        vm.prank(address(wallet));
        settlement.withdrawOwed(COMPANY, carol);

        vm.prank(companyWallet);
        settlement.withdrawOwed(COMPANY, carol);
        assertEq(carol.balance, 3 ether);
        assertBooksBalance(0);
    }

    function test_nothingOwedIsNothingToWithdraw() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.NothingOwed.selector, alice));
        vm.prank(alice);
        settlement.withdrawOwed(alice, alice);
    }

    function test_aFrozenAccountCannotWithdraw() public {
        freezeNow(account);
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.AccountFrozen.selector, account));
        vm.prank(account);
        settlement.withdrawOwed(account, carol);
    }

    function test_aPauseDoesNotStopWithdrawals() public {
        pauseNow();
        vm.prank(account);
        settlement.withdrawOwed(account, carol);
        assertEq(carol.balance, 2 ether);
    }

    function test_moneyIsNotThrownAway() public {
        address[2] memory wrong = [address(0), address(settlement)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadRecipient.selector, wrong[i]));
            vm.prank(account);
            settlement.withdrawOwed(account, wrong[i]);
        }
    }

    function test_whatTheRecipientRefusesStaysOwed() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.TransferFailed.selector, account, 2 ether));
        vm.prank(account);
        settlement.withdrawOwed(account, account);
        assertEq(settlement.accounts(account).owed, 2 ether);
        assertBooksBalance(0);
    }
}

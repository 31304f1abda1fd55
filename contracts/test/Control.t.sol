// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

/// Freeze, pause, and the company's address.
contract ControlTest is SettlementTest {
    function test_freezingAndThawingAreTold() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.Frozen(alice);
        freezeNow(alice);
        assertTrue(settlement.accounts(alice).frozen);
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.Unfrozen(alice);
        vm.prank(admin);
        settlement.unfreeze(alice);
        assertFalse(settlement.accounts(alice).frozen);
    }

    function test_freezingChangesNothingElseOfAnAccount() public {
        join(alice, COMPANY);
        pay(alice, 3 ether);
        freezeNow(alice);
        IBanyanSettlement.Account memory account = settlement.accounts(alice);
        assertEq(account.paid, 3 ether);
        assertEq(account.nonce, 1);
        assertTrue(account.registered);
    }

    function test_onlyTheGuardianFreezes() public {
        expectMissingRole(admin, settlement.GUARDIAN_ROLE());
        vm.prank(admin);
        settlement.freeze(alice);
    }

    function test_theCompanyCannotBeFrozen() public {
        expectError(IBanyanSettlement.CompanyNotFreezable.selector);
        freezeNow(COMPANY);
    }

    function test_aFrozenAccountCannotBeFrozenAgain() public {
        freezeNow(alice);
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.AccountFrozen.selector, alice));
        freezeNow(alice);
    }

    function test_onlyAdminAndRecoveryUnfreeze() public {
        bytes32 role = settlement.ADMIN_ROLE();
        address[3] memory others = [guardian, programme, stranger];
        freezeNow(alice);
        for (uint256 i = 0; i < others.length; ++i) {
            expectMissingRole(others[i], role);
            vm.prank(others[i]);
            settlement.unfreeze(alice);
        }
        vm.prank(recovery);
        settlement.unfreeze(alice);
    }

    function test_whatIsNotFrozenCannotThaw() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.AccountNotFrozen.selector, alice));
        vm.prank(admin);
        settlement.unfreeze(alice);
    }

    function test_aPauseIsToldWithItsEnd() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.Paused(guardian, START + 14 days);
        pauseNow();
        assertTrue(settlement.paused());
        assertEq(settlement.pausedUntil(), START + 14 days);
    }

    function test_aPauseEndsByItselfAfterFourteenDays() public {
        pauseNow();
        vm.warp(START + 14 days - 1);
        assertTrue(settlement.paused());
        vm.warp(START + 14 days);
        assertFalse(settlement.paused());
        join(alice, COMPANY);
    }

    function test_theGuardianMayRenewAPause() public {
        pauseNow();
        vm.warp(START + 13 days);
        pauseNow();
        assertEq(settlement.pausedUntil(), START + 27 days);
    }

    function test_onlyTheGuardianPauses() public {
        expectMissingRole(admin, settlement.GUARDIAN_ROLE());
        vm.prank(admin);
        settlement.pause();
    }

    function test_adminAndRecoveryEndAPause() public {
        address[2] memory them = [admin, recovery];
        for (uint256 i = 0; i < them.length; ++i) {
            pauseNow();
            vm.expectEmit(address(settlement));
            emit IBanyanSettlement.Unpaused(them[i]);
            vm.prank(them[i]);
            settlement.unpause();
            assertFalse(settlement.paused());
        }
    }

    function test_theGuardianUndoesNothing() public {
        pauseNow();
        expectMissingRole(guardian, settlement.ADMIN_ROLE());
        vm.prank(guardian);
        settlement.unpause();
    }

    function test_aPauseThatIsOverCannotBeEnded() public {
        pauseNow();
        vm.warp(START + 14 days);
        expectError(IBanyanSettlement.NotPaused.selector);
        vm.prank(admin);
        settlement.unpause();
    }

    function test_theRolesWorkInAPause() public {
        pauseNow();
        freezeNow(alice);
        bytes32 role = settlement.EXECUTOR_ROLE();
        vm.startPrank(admin);
        settlement.unfreeze(alice);
        settlement.setCompany(alice);
        settlement.revokeRole(role, executor);
        settlement.grantRole(role, bob);
        vm.stopPrank();
        assertTrue(settlement.hasRole(role, bob));
    }

    function test_theAdminChangesTheCompanysAddress() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.CompanyChanged(companyWallet, carol);
        vm.prank(admin);
        settlement.setCompany(carol);
        assertEq(settlement.company(), carol);
    }

    function test_onlyTheAdminChangesTheCompanysAddress() public {
        expectMissingRole(recovery, settlement.ADMIN_ROLE());
        vm.prank(recovery);
        settlement.setCompany(carol);
    }

    function test_theCompanysAddressIsNeitherZeroNorTheContract() public {
        address[2] memory wrong = [address(0), address(settlement)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadCompany.selector, wrong[i]));
            vm.prank(admin);
            settlement.setCompany(wrong[i]);
        }
    }

    function test_changingTheCompanyInAPauseKeepsThePause() public {
        pauseNow();
        vm.prank(admin);
        settlement.setCompany(carol);
        assertTrue(settlement.paused());
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract RolesTest is SettlementTest {
    bytes32 private constant NOBODY = bytes32(0);

    function role(string memory name) private pure returns (bytes32) {
        return keccak256(bytes(name));
    }

    function test_everyFirstHolderHasItsRole() public view {
        assertTrue(settlement.hasRole(role("ADMIN_ROLE"), admin));
        assertTrue(settlement.hasRole(role("RECOVERY_ROLE"), recovery));
        assertTrue(settlement.hasRole(role("PROGRAMME_ROLE"), programme));
        assertTrue(settlement.hasRole(role("GUARDIAN_ROLE"), guardian));
        assertTrue(settlement.hasRole(role("EXECUTOR_ROLE"), executor));
        assertTrue(settlement.hasRole(role("INTAKE_SIGNER_ROLE"), intakeSigner));
        assertTrue(settlement.hasRole(role("PAYOUT_SIGNER_ROLE"), payoutSigner));
    }

    function test_aRoleIsNamedByItsHash() public view {
        assertEq(settlement.ADMIN_ROLE(), role("ADMIN_ROLE"));
        assertEq(settlement.RECOVERY_ROLE(), role("RECOVERY_ROLE"));
        assertEq(settlement.PROGRAMME_ROLE(), role("PROGRAMME_ROLE"));
        assertEq(settlement.GUARDIAN_ROLE(), role("GUARDIAN_ROLE"));
        assertEq(settlement.EXECUTOR_ROLE(), role("EXECUTOR_ROLE"));
        assertEq(settlement.INTAKE_SIGNER_ROLE(), role("INTAKE_SIGNER_ROLE"));
        assertEq(settlement.PAYOUT_SIGNER_ROLE(), role("PAYOUT_SIGNER_ROLE"));
    }

    function test_theAdminKeepsAllRolesButTheGuardiansAndTheRecoverys() public view {
        assertEq(settlement.getRoleAdmin(role("ADMIN_ROLE")), role("ADMIN_ROLE"));
        assertEq(settlement.getRoleAdmin(role("PROGRAMME_ROLE")), role("ADMIN_ROLE"));
        assertEq(settlement.getRoleAdmin(role("EXECUTOR_ROLE")), role("ADMIN_ROLE"));
        assertEq(settlement.getRoleAdmin(role("INTAKE_SIGNER_ROLE")), role("ADMIN_ROLE"));
        assertEq(settlement.getRoleAdmin(role("PAYOUT_SIGNER_ROLE")), role("ADMIN_ROLE"));
        assertEq(settlement.getRoleAdmin(role("GUARDIAN_ROLE")), role("RECOVERY_ROLE"));
        assertEq(settlement.getRoleAdmin(role("RECOVERY_ROLE")), role("RECOVERY_ROLE"));
    }

    function test_nobodyHoldsTheRoleAboveAllRolesOrCanGetIt() public {
        address[7] memory all = [admin, recovery, programme, guardian, executor, intakeSigner, payoutSigner];
        for (uint256 i = 0; i < all.length; ++i) {
            assertFalse(settlement.hasRole(NOBODY, all[i]));
            expectMissingRole(all[i], NOBODY);
            vm.prank(all[i]);
            settlement.grantRole(NOBODY, all[i]);
        }
        assertFalse(settlement.hasRole(NOBODY, address(this)));
    }

    function test_theAdminGrantsAndRevokes() public {
        bytes32[3] memory roles = [role("ADMIN_ROLE"), role("PROGRAMME_ROLE"), role("EXECUTOR_ROLE")];
        for (uint256 i = 0; i < roles.length; ++i) {
            vm.startPrank(admin);
            settlement.grantRole(roles[i], carol);
            assertTrue(settlement.hasRole(roles[i], carol));
            settlement.revokeRole(roles[i], carol);
            assertFalse(settlement.hasRole(roles[i], carol));
            vm.stopPrank();
        }
    }

    function test_theAdminCannotTouchTheGuardianOrTheRecovery() public {
        bytes32[2] memory roles = [role("GUARDIAN_ROLE"), role("RECOVERY_ROLE")];
        address[2] memory holders = [guardian, recovery];
        for (uint256 i = 0; i < roles.length; ++i) {
            expectMissingRole(admin, role("RECOVERY_ROLE"));
            vm.prank(admin);
            settlement.revokeRole(roles[i], holders[i]);
            expectMissingRole(admin, role("RECOVERY_ROLE"));
            vm.prank(admin);
            settlement.grantRole(roles[i], admin);
        }
    }

    function test_theRecoveryChangesTheGuardian() public {
        vm.startPrank(recovery);
        settlement.grantRole(role("GUARDIAN_ROLE"), carol);
        settlement.revokeRole(role("GUARDIAN_ROLE"), guardian);
        vm.stopPrank();
        assertTrue(settlement.hasRole(role("GUARDIAN_ROLE"), carol));
        assertFalse(settlement.hasRole(role("GUARDIAN_ROLE"), guardian));
    }

    function test_theGuardianRevokesSignersExecutorAndProgramme() public {
        string[4] memory names = ["INTAKE_SIGNER_ROLE", "PAYOUT_SIGNER_ROLE", "EXECUTOR_ROLE", "PROGRAMME_ROLE"];
        address[4] memory holders = [intakeSigner, payoutSigner, executor, programme];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.prank(guardian);
            settlement.revokeRole(role(names[i]), holders[i]);
            assertFalse(settlement.hasRole(role(names[i]), holders[i]));
        }
    }

    function test_theGuardianRevokesNoOtherRole() public {
        string[3] memory names = ["ADMIN_ROLE", "RECOVERY_ROLE", "GUARDIAN_ROLE"];
        address[3] memory holders = [admin, recovery, guardian];
        for (uint256 i = 0; i < names.length; ++i) {
            expectMissingRole(guardian, settlement.getRoleAdmin(role(names[i])));
            vm.prank(guardian);
            settlement.revokeRole(role(names[i]), holders[i]);
        }
    }

    function test_theGuardianGrantsNothing() public {
        expectMissingRole(guardian, role("ADMIN_ROLE"));
        vm.prank(guardian);
        settlement.grantRole(role("EXECUTOR_ROLE"), guardian);
    }

    function test_aStrangerGrantsAndRevokesNothing() public {
        expectMissingRole(stranger, role("ADMIN_ROLE"));
        vm.prank(stranger);
        settlement.grantRole(role("EXECUTOR_ROLE"), stranger);
        expectMissingRole(stranger, role("ADMIN_ROLE"));
        vm.prank(stranger);
        settlement.revokeRole(role("EXECUTOR_ROLE"), executor);
    }

    function test_aSignerIsNeverJustGranted() public {
        string[2] memory names = ["INTAKE_SIGNER_ROLE", "PAYOUT_SIGNER_ROLE"];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.SignerNotGrantable.selector, role(names[i])));
            vm.prank(admin);
            settlement.grantRole(role(names[i]), carol);
        }
    }

    function test_theAdminRevokesSignersToo() public {
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.SignerRevoked(role("INTAKE_SIGNER_ROLE"), intakeSigner);
        vm.prank(admin);
        settlement.revokeRole(role("INTAKE_SIGNER_ROLE"), intakeSigner);
    }

    function test_onlyLosingASignersRoleIsToldAsSuch() public {
        vm.recordLogs();
        vm.prank(admin);
        settlement.revokeRole(role("EXECUTOR_ROLE"), executor);
        assertEq(vm.getRecordedLogs().length, 1);
    }

    function test_oneMayGiveUpOnesOwnRoleOnly() public {
        vm.expectRevert(IAccessControl.AccessControlBadConfirmation.selector);
        vm.prank(stranger);
        settlement.renounceRole(role("EXECUTOR_ROLE"), executor);
        vm.prank(executor);
        settlement.renounceRole(role("EXECUTOR_ROLE"), executor);
        assertFalse(settlement.hasRole(role("EXECUTOR_ROLE"), executor));
    }
}

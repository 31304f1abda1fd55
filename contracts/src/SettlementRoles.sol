// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBanyanSettlement} from "./IBanyanSettlement.sol";

/// @title Who may do what.
/// @notice Seven roles and nobody above them: `DEFAULT_ADMIN_ROLE` is held by no one and can be granted by no one.
/// The admin grants and revokes all roles but two: the guardian is the recovery's to change, so that the admin cannot
/// remove the hand that stops it, and for the same reason the recovery role is its own to change. The guardian may take
/// away at once what could do harm at once: a signer, an executor, the programme. Signers are never merely granted.
abstract contract SettlementRoles is AccessControl, ReentrancyGuardTransient, IBanyanSettlement {
    /// @notice Grants and revokes roles, changes the company, unpauses, unfreezes, sends `PLAN` and `WIND_UP`.
    bytes32 public constant ADMIN_ROLE = keccak256("ADMIN_ROLE");
    /// @notice Changes the guardian, unpauses, unfreezes.
    bytes32 public constant RECOVERY_ROLE = keccak256("RECOVERY_ROLE");
    /// @notice Sends every other directive.
    bytes32 public constant PROGRAMME_ROLE = keccak256("PROGRAMME_ROLE");
    /// @notice Pauses, freezes, revokes signers, executors and the programme. Moves no money, undoes nothing.
    bytes32 public constant GUARDIAN_ROLE = keccak256("GUARDIAN_ROLE");
    /// @notice Submits batches.
    bytes32 public constant EXECUTOR_ROLE = keccak256("EXECUTOR_ROLE");
    /// @notice Signs registrations and retopups. Sends no transactions.
    bytes32 public constant INTAKE_SIGNER_ROLE = keccak256("INTAKE_SIGNER_ROLE");
    /// @notice Signs batches. Sends no transactions.
    bytes32 public constant PAYOUT_SIGNER_ROLE = keccak256("PAYOUT_SIGNER_ROLE");

    constructor(Genesis memory genesis) {
        if (
            genesis.admin == address(0) || genesis.recovery == address(0) || genesis.programme == address(0)
                || genesis.guardian == address(0) || genesis.executor == address(0)
                || genesis.intakeSigner == address(0) || genesis.payoutSigner == address(0)
        ) revert ZeroAddress();
        if (genesis.intakeSigner == genesis.payoutSigner) revert SameSigner(genesis.payoutSigner);

        _found(ADMIN_ROLE, ADMIN_ROLE, genesis.admin);
        _found(RECOVERY_ROLE, RECOVERY_ROLE, genesis.recovery);
        _found(PROGRAMME_ROLE, ADMIN_ROLE, genesis.programme);
        _found(GUARDIAN_ROLE, RECOVERY_ROLE, genesis.guardian);
        _found(EXECUTOR_ROLE, ADMIN_ROLE, genesis.executor);
        _found(INTAKE_SIGNER_ROLE, ADMIN_ROLE, genesis.intakeSigner);
        _found(PAYOUT_SIGNER_ROLE, ADMIN_ROLE, genesis.payoutSigner);
    }

    /// @notice Give `role` to `account`. By the role's admin; never a signer's role, which needs the signer's consent.
    /// @param role The role.
    /// @param account Its new holder.
    function grantRole(bytes32 role, address account) public override nonReentrant {
        if (_isSigner(role)) revert SignerNotGrantable(role);
        super.grantRole(role, account);
    }

    /// @notice Take `role` from `account`. By the role's admin, and the guardian for signers, executor and programme.
    /// Taking a payout signer's role voids the standing root.
    /// @param role The role.
    /// @param account Its holder.
    function revokeRole(bytes32 role, address account) public override nonReentrant {
        bool guardians = _isSigner(role) || role == EXECUTOR_ROLE || role == PROGRAMME_ROLE;
        if (!(guardians && hasRole(GUARDIAN_ROLE, msg.sender))) _checkRole(getRoleAdmin(role));
        _revokeRole(role, account);
    }

    /// @notice Give up one's own `role`.
    /// @param role The role.
    /// @param callerConfirmation The caller's own address.
    function renounceRole(bytes32 role, address callerConfirmation) public override nonReentrant {
        super.renounceRole(role, callerConfirmation);
    }

    /// @dev Every way to lose a role comes through here.
    function _revokeRole(bytes32 role, address account) internal override returns (bool revoked) {
        revoked = super._revokeRole(role, account);
        if (!revoked || !_isSigner(role)) return revoked;
        emit SignerRevoked(role, account);
        if (role == PAYOUT_SIGNER_ROLE) _voidRoot();
    }

    /// @dev What a revoked payout signer has signed shall not be claimed against any more.
    function _voidRoot() internal virtual;

    /// @dev Reverts unless the caller is the admin or the recovery.
    function _checkAdminOrRecovery() internal view {
        if (!hasRole(RECOVERY_ROLE, msg.sender)) _checkRole(ADMIN_ROLE);
    }

    function _isSigner(bytes32 role) private pure returns (bool) {
        return role == INTAKE_SIGNER_ROLE || role == PAYOUT_SIGNER_ROLE;
    }

    function _found(bytes32 role, bytes32 admin, address holder) private {
        _setRoleAdmin(role, admin);
        _grantRole(role, holder);
    }
}

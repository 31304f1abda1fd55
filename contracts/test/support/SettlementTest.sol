// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";
import {BanyanSettlement} from "src/BanyanSettlement.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {TypedData} from "./TypedData.sol";

/// @title A fresh contract, its people, and short words for what they do.
abstract contract SettlementTest is Test {
    bytes32 internal constant PLAN = keccak256("the plan");
    bytes32 internal constant PREDECESSOR = keccak256("the predecessor's last head");
    address internal constant COMPANY = address(0);
    uint256 internal constant ENTRY = 20 ether;
    uint256 internal constant RETOPUP = 40 ether;
    uint256 internal constant START = 1_800_000_000;

    uint256 internal constant INTAKE_KEY = uint256(keccak256("intake key"));
    uint256 internal constant PAYOUT_KEY = uint256(keccak256("payout key"));
    uint256 internal constant STRANGER_KEY = uint256(keccak256("stranger key"));

    address internal admin = makeAddr("admin");
    address internal recovery = makeAddr("recovery");
    address internal programme = makeAddr("programme");
    address internal guardian = makeAddr("guardian");
    address internal executor = makeAddr("executor");
    address internal companyWallet = makeAddr("company");
    address internal intakeSigner = vm.addr(INTAKE_KEY);
    address internal payoutSigner = vm.addr(PAYOUT_KEY);
    address internal stranger = vm.addr(STRANGER_KEY);
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");

    BanyanSettlement internal settlement;

    function setUp() public virtual {
        vm.warp(START);
        settlement = new BanyanSettlement(defaultGenesis());
    }

    function defaultGenesis() internal view returns (IBanyanSettlement.Genesis memory) {
        return IBanyanSettlement.Genesis({
            admin: admin,
            recovery: recovery,
            programme: programme,
            guardian: guardian,
            executor: executor,
            intakeSigner: intakeSigner,
            payoutSigner: payoutSigner,
            company: companyWallet,
            plan: PLAN,
            predecessor: PREDECESSOR
        });
    }

    // ------------------------------------------------------------------------------------------------- signatures

    function here() internal view returns (TypedData.Domain memory) {
        return TypedData.Domain(block.chainid, address(settlement));
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function sign(IBanyanSettlement.Registration memory p) internal view returns (bytes memory) {
        return signed(INTAKE_KEY, TypedData.digest(here(), TypedData.hash(p)));
    }

    function sign(IBanyanSettlement.Retopup memory p) internal view returns (bytes memory) {
        return signed(INTAKE_KEY, TypedData.digest(here(), TypedData.hash(p)));
    }

    function sign(IBanyanSettlement.PayoutBatch memory p) internal view returns (bytes memory) {
        return signed(PAYOUT_KEY, TypedData.digest(here(), TypedData.hash(p)));
    }

    // --------------------------------------------------------------------------------------------------- payments

    /// A registration that the contract accepts now.
    function registrationOf(address user, address sponsor)
        internal
        view
        returns (IBanyanSettlement.Registration memory)
    {
        return IBanyanSettlement.Registration({
            user: user,
            sponsor: sponsor,
            amount: ENTRY,
            plan: settlement.plan(),
            nonce: settlement.accounts(user).nonce,
            deadline: block.timestamp + 10 minutes
        });
    }

    /// A retopup that the contract accepts now.
    function retopupOf(address user) internal view returns (IBanyanSettlement.Retopup memory) {
        return IBanyanSettlement.Retopup({
            user: user,
            amount: RETOPUP,
            plan: settlement.plan(),
            nonce: settlement.accounts(user).nonce,
            deadline: block.timestamp + 10 minutes
        });
    }

    /// Sends a registration from its user, with its amount, well signed.
    function send(IBanyanSettlement.Registration memory p) internal {
        bytes memory signature = sign(p);
        vm.deal(p.user, p.user.balance + p.amount);
        vm.prank(p.user);
        settlement.register{value: p.amount}(p, signature);
    }

    /// Sends a retopup from its user, with its amount, well signed.
    function send(IBanyanSettlement.Retopup memory p) internal {
        bytes memory signature = sign(p);
        vm.deal(p.user, p.user.balance + p.amount);
        vm.prank(p.user);
        settlement.retopup{value: p.amount}(p, signature);
    }

    function join(address user, address sponsor) internal {
        send(registrationOf(user, sponsor));
    }

    function topUp(address user) internal {
        send(retopupOf(user));
    }

    // ---------------------------------------------------------------------------------------------------- payouts

    function item(address account, uint256 cumulative) internal pure returns (bytes memory) {
        return abi.encodePacked(account, uint96(cumulative));
    }

    /// A batch over the present end of the history that the contract accepts now.
    function batchOf(bytes memory items) internal view returns (IBanyanSettlement.PayoutBatch memory) {
        uint256 seq = settlement.seq();
        return IBanyanSettlement.PayoutBatch({
            seq: seq,
            head: settlement.heads(seq),
            root: 0,
            maxTotal: type(uint96).max,
            deadline: block.timestamp + 10 minutes,
            items: items
        });
    }

    function batchOf(bytes memory items, bytes32 root) internal view returns (IBanyanSettlement.PayoutBatch memory p) {
        p = batchOf(items);
        p.root = root;
    }

    /// Sends a batch from the executor, well signed.
    function send(IBanyanSettlement.PayoutBatch memory p) internal {
        bytes memory signature = sign(p);
        vm.prank(executor);
        settlement.executeBatchPayouts(p, signature);
    }

    function pay(address account, uint256 cumulative) internal {
        send(batchOf(item(account, cumulative)));
    }

    function publish(bytes32 root) internal {
        send(batchOf("", root));
    }

    function pauseNow() internal {
        vm.prank(guardian);
        settlement.pause();
    }

    function freezeNow(address account) internal {
        vm.prank(guardian);
        settlement.freeze(account);
    }

    function windUp() internal {
        vm.prank(admin);
        settlement.directive("WIND_UP", "");
    }

    // ----------------------------------------------------------------------------------------------- expectations

    function expectError(bytes4 selector) internal {
        vm.expectRevert(selector);
    }

    function expectMissingRole(address caller, bytes32 role) internal {
        vm.expectRevert(abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", caller, role));
    }

    /// The equation that holds between transactions, with what was forced in.
    function assertBooksBalance(uint256 excess) internal view {
        uint256 totalIn = settlement.totalIn();
        uint256 totalPaid = settlement.totalPaid();
        assertLe(totalPaid, totalIn, "cover");
        assertEq(address(settlement).balance, totalIn - totalPaid + settlement.totalOwed() + excess, "balance");
        assertEq(settlement.excess(), excess, "excess");
    }
}

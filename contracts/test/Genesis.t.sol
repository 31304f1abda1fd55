// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BanyanSettlement} from "src/BanyanSettlement.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";
import {Vm} from "forge-std/Vm.sol";

contract GenesisTest is SettlementTest {
    function test_theFirstHeadIsTheGenesisEntryOverNothing() public view {
        bytes32 entry = keccak256(abi.encode(uint256(0), START, block.chainid, address(settlement), PLAN, PREDECESSOR));
        assertEq(settlement.heads(0), keccak256(abi.encode(bytes32(0), entry)));
        assertEq(settlement.seq(), 0);
    }

    function test_theConstructorTellsTheGenesisDirective() public {
        vm.recordLogs();
        settlement = new BanyanSettlement(defaultGenesis());
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory last = logs[logs.length - 1];
        assertEq(last.topics[0], IBanyanSettlement.Directive.selector);
        assertEq(last.topics[1], bytes32(0));
        assertEq(last.topics[2], bytes32("GENESIS"));
        assertEq(last.data, abi.encode(abi.encode(PLAN, PREDECESSOR), uint256(0), block.timestamp, settlement.heads(0)));
    }

    function test_theConstructorTellsEveryFirstHolderAndTheCompany() public {
        vm.recordLogs();
        settlement = new BanyanSettlement(defaultGenesis());
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 roleGranted = keccak256("RoleGranted(bytes32,address,address)");
        uint256 roles = 0;
        uint256 companies = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == roleGranted) ++roles;
            if (logs[i].topics[0] == IBanyanSettlement.CompanyChanged.selector) {
                ++companies;
                assertEq(logs[i].topics[1], bytes32(0));
                assertEq(logs[i].topics[2], bytes32(uint256(uint160(companyWallet))));
            }
        }
        assertEq(roles, 7);
        assertEq(companies, 1);
    }

    function test_aFreshContractHoldsNothingAndOwesNothing() public view {
        assertEq(settlement.plan(), PLAN);
        assertEq(settlement.predecessor(), PREDECESSOR);
        assertEq(settlement.company(), companyWallet);
        assertEq(settlement.root(), 0);
        assertEq(settlement.rootSeq(), 0);
        assertEq(settlement.rootTime(), 0);
        assertEq(settlement.totalIn(), 0);
        assertEq(settlement.totalPaid(), 0);
        assertEq(settlement.totalOwed(), 0);
        assertEq(settlement.out(), 0);
        assertEq(settlement.pausedUntil(), 0);
        assertFalse(settlement.paused());
        assertBooksBalance(0);
    }

    function test_theCompanyIsPayableFromTheStart() public view {
        assertTrue(settlement.accounts(COMPANY).registered);
        assertFalse(settlement.accounts(COMPANY).frozen);
    }

    function test_aSuccessorMayHaveNoPredecessor() public {
        IBanyanSettlement.Genesis memory genesis = defaultGenesis();
        genesis.predecessor = 0;
        assertEq(new BanyanSettlement(genesis).predecessor(), 0);
    }

    function test_etherSentToTheAddressBeforeItsBirthIsExcess() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.deal(next, 3 ether);
        settlement = new BanyanSettlement(defaultGenesis());
        assertEq(address(settlement), next);
        assertBooksBalance(3 ether);
    }

    function test_noRoleMayStartWithoutAHolder() public {
        for (uint256 i = 0; i < 7; ++i) {
            IBanyanSettlement.Genesis memory genesis = defaultGenesis();
            if (i == 0) genesis.admin = address(0);
            if (i == 1) genesis.recovery = address(0);
            if (i == 2) genesis.programme = address(0);
            if (i == 3) genesis.guardian = address(0);
            if (i == 4) genesis.executor = address(0);
            if (i == 5) genesis.intakeSigner = address(0);
            if (i == 6) genesis.payoutSigner = address(0);
            expectError(IBanyanSettlement.ZeroAddress.selector);
            new BanyanSettlement(genesis);
        }
    }

    function test_oneKeyCannotBeBothSigners() public {
        IBanyanSettlement.Genesis memory genesis = defaultGenesis();
        genesis.intakeSigner = payoutSigner;
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.SameSigner.selector, payoutSigner));
        new BanyanSettlement(genesis);
    }

    function test_theFirstPlanCannotBeZero() public {
        IBanyanSettlement.Genesis memory genesis = defaultGenesis();
        genesis.plan = 0;
        expectError(IBanyanSettlement.ZeroPlan.selector);
        new BanyanSettlement(genesis);
    }

    function test_theFirstCompanyCannotBeZero() public {
        IBanyanSettlement.Genesis memory genesis = defaultGenesis();
        genesis.company = address(0);
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadCompany.selector, address(0)));
        new BanyanSettlement(genesis);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract DirectiveTest is SettlementTest {
    bytes32 private constant NEXT_PLAN = keccak256("the next plan");
    bytes private grant = abi.encode(alice, "for the founders");

    function setUp() public override {
        super.setUp();
        vm.deal(programme, 1000 ether);
        vm.deal(admin, 1000 ether);
    }

    function test_aDirectiveTellsItsEntryAndHeadAndBooksItsValue() public {
        bytes32 entry = keccak256(abi.encode(uint256(3), block.timestamp, bytes32("GRANT"), 5 ether, keccak256(grant)));
        bytes32 head = keccak256(abi.encode(settlement.heads(0), entry));
        vm.expectEmit(address(settlement));
        emit IBanyanSettlement.Directive(1, "GRANT", grant, 5 ether, block.timestamp, head);
        vm.prank(programme);
        settlement.directive{value: 5 ether}("GRANT", grant);
        assertEq(settlement.heads(1), head);
        assertEq(settlement.totalIn(), 5 ether);
        assertBooksBalance(0);
    }

    function test_whatTheContractDoesNotUnderstandIsRecordedAllTheSame() public {
        vm.prank(programme);
        settlement.directive{value: 1}("NO SUCH KIND", hex"00ff");
        assertEq(settlement.seq(), 1);
        assertEq(settlement.plan(), PLAN);
    }

    function test_onlyTheProgrammeSendsOrdinaryDirectives() public {
        bytes32 role = settlement.PROGRAMME_ROLE();
        address[3] memory others = [admin, guardian, stranger];
        for (uint256 i = 0; i < others.length; ++i) {
            expectMissingRole(others[i], role);
            vm.prank(others[i]);
            settlement.directive("GRANT", grant);
        }
    }

    function test_onlyTheAdminSendsAPlan() public {
        expectMissingRole(programme, settlement.ADMIN_ROLE());
        vm.prank(programme);
        settlement.directive("PLAN", abi.encode(NEXT_PLAN));
    }

    function test_onlyTheAdminWindsUp() public {
        expectMissingRole(programme, settlement.ADMIN_ROLE());
        vm.prank(programme);
        settlement.directive("WIND_UP", "");
    }

    function test_aPlanDirectiveIsInForceFromItsEntryOn() public {
        bytes memory data = abi.encode(NEXT_PLAN);
        bytes32 entry = keccak256(abi.encode(uint256(3), block.timestamp, bytes32("PLAN"), uint256(0), keccak256(data)));
        vm.prank(admin);
        settlement.directive("PLAN", data);
        assertEq(settlement.plan(), NEXT_PLAN);
        assertEq(settlement.heads(1), keccak256(abi.encode(settlement.heads(0), entry)));
        join(alice, COMPANY);
    }

    function test_aPlanDirectiveCarriesExactlyOneWordThatIsNotZero() public {
        bytes[4] memory wrong =
            [bytes(""), abi.encode(bytes32(0)), abi.encode(NEXT_PLAN, NEXT_PLAN), abi.encodePacked(uint248(1))];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadDirective.selector, bytes32("PLAN")));
            vm.prank(admin);
            settlement.directive("PLAN", wrong[i]);
        }
    }

    function test_aPlanDirectiveCarriesNoValue() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadDirective.selector, bytes32("PLAN")));
        vm.prank(admin);
        settlement.directive{value: 1}("PLAN", abi.encode(NEXT_PLAN));
    }

    function test_aWindUpCarriesNoValue() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadDirective.selector, bytes32("WIND_UP")));
        vm.prank(admin);
        settlement.directive{value: 1}("WIND_UP", "");
    }

    function test_aWindUpCarriesNoData() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.BadDirective.selector, bytes32("WIND_UP")));
        vm.prank(admin);
        settlement.directive("WIND_UP", hex"00");
    }

    function test_aWindUpSetsThePlanToZero() public {
        windUp();
        assertEq(settlement.plan(), 0);
        assertEq(settlement.seq(), 1);
    }

    function test_noPlanComesIntoForceAfterAWindUp() public {
        windUp();
        expectError(IBanyanSettlement.WoundUp.selector);
        vm.prank(admin);
        settlement.directive("PLAN", abi.encode(NEXT_PLAN));
    }

    function test_thereIsOneWindUp() public {
        windUp();
        expectError(IBanyanSettlement.WoundUp.selector);
        vm.prank(admin);
        settlement.directive("WIND_UP", "");
    }

    function test_afterAWindUpTheProgrammeMayStillBringMoney() public {
        windUp();
        vm.prank(programme);
        settlement.directive{value: 2 ether}("GRANT", grant);
        assertEq(settlement.totalIn(), 2 ether);
    }

    function test_fourKilobytesOfDataAreAccepted() public {
        vm.prank(programme);
        settlement.directive("NOTE", new bytes(4096));
        assertEq(settlement.seq(), 1);
    }

    function test_oneByteMoreIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IBanyanSettlement.DirectiveTooLong.selector, 4097));
        vm.prank(programme);
        settlement.directive("NOTE", new bytes(4097));
    }

    function test_aPauseDoesNotStopDirectives() public {
        pauseNow();
        vm.prank(programme);
        settlement.directive{value: 1 ether}("GRANT", grant);
        vm.prank(admin);
        settlement.directive("PLAN", abi.encode(NEXT_PLAN));
        assertEq(settlement.seq(), 2);
        assertEq(settlement.plan(), NEXT_PLAN);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {BanyanSettlement} from "src/BanyanSettlement.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {SettlementTest} from "./support/SettlementTest.sol";
import {TypedData} from "./support/TypedData.sol";

contract TypedDataTest is SettlementTest {
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    IBanyanSettlement.Registration private payload;

    function setUp() public override {
        super.setUp();
        payload = registrationOf(alice, COMPANY);
        vm.deal(alice, 1000 ether);
    }

    function test_theDomainIsTheOneOfTheStandard() public view {
        assertEq(settlement.domainSeparator(), TypedData.separator(here()));
        (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifying,,) =
            settlement.eip712Domain();
        assertEq(fields, hex"0f");
        assertEq(name, "Banyan Settlement");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifying, address(settlement));
    }

    function test_theTypeHashesAreThoseOfThePayloadsText() public view {
        assertEq(
            settlement.REGISTRATION_TYPEHASH(),
            keccak256(
                "Registration(address user,address sponsor,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)"
            )
        );
        assertEq(
            settlement.RETOPUP_TYPEHASH(),
            keccak256("Retopup(address user,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)")
        );
        assertEq(
            settlement.PAYOUT_BATCH_TYPEHASH(),
            keccak256(
                "PayoutBatch(uint256 seq,bytes32 head,bytes32 root,uint256 maxTotal,uint256 deadline,bytes items)"
            )
        );
    }

    function test_aSignatureForAnotherContractIsWorthNothing() public {
        BanyanSettlement twin = new BanyanSettlement(defaultGenesis());
        bytes memory signature = sign(payload);
        vm.expectPartialRevert(IBanyanSettlement.WrongSigner.selector);
        vm.prank(alice);
        twin.register{value: ENTRY}(payload, signature);
    }

    function test_aSignatureForAnotherChainIsWorthNothing() public {
        bytes memory signature = sign(payload);
        vm.chainId(block.chainid + 1);
        refused(signature);
        send(payload);
    }

    function test_aSignatureForAnotherTypeIsWorthNothing() public {
        join(alice, COMPANY);
        IBanyanSettlement.Retopup memory retopup = retopupOf(alice);
        bytes memory signature = signed(INTAKE_KEY, TypedData.digest(here(), TypedData.hash(payload)));
        vm.expectPartialRevert(IBanyanSettlement.WrongSigner.selector);
        vm.prank(alice);
        settlement.retopup{value: RETOPUP}(retopup, signature);
    }

    function test_everyFieldOfARegistrationIsSigned() public {
        join(bob, COMPANY);
        bytes memory signature = sign(payload);
        IBanyanSettlement.Registration memory original = payload;
        payload.sponsor = bob;
        refused(signature);
        payload = original;
        payload.amount += 1;
        refused(signature);
        payload = original;
        payload.deadline += 1;
        refused(signature);
        payload = original;
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, signature);
    }

    function test_everyFieldOfABatchIsSigned() public {
        join(alice, COMPANY);
        IBanyanSettlement.PayoutBatch memory batch = batchOf(item(alice, 1 ether), keccak256("root"));
        bytes memory signature = sign(batch);
        for (uint256 i = 0; i < 5; ++i) {
            IBanyanSettlement.PayoutBatch memory forged = batchOf(batch.items, batch.root);
            if (i == 0) (forged.seq, forged.head) = (0, settlement.heads(0));
            if (i == 1) forged.root = 0;
            if (i == 2) forged.maxTotal -= 1;
            if (i == 3) forged.deadline += 1;
            if (i == 4) forged.items = item(alice, 2 ether);
            vm.expectPartialRevert(IBanyanSettlement.WrongSigner.selector);
            vm.prank(executor);
            settlement.executeBatchPayouts(forged, signature);
        }
        vm.prank(executor);
        settlement.executeBatchPayouts(batch, signature);
    }

    function test_aHighSIsRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(INTAKE_KEY, TypedData.digest(here(), TypedData.hash(payload)));
        bytes32 high = bytes32(ORDER - uint256(s));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
    }

    function test_aShortSignatureIsRefused() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(INTAKE_KEY, TypedData.digest(here(), TypedData.hash(payload)));
        bytes32 vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, abi.encodePacked(r, vs));
    }

    function test_aSignatureThatRecoversNobodyIsRefused() public {
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, new bytes(65));
    }

    function test_aFlippedBitIsAnotherSigner() public {
        bytes memory signature = sign(payload);
        signature[5] ^= 0x01;
        vm.expectRevert();
        vm.prank(alice);
        settlement.register{value: ENTRY}(payload, signature);
        assertEq(settlement.seq(), 0);
    }

    function refused(bytes memory signature) private {
        vm.expectPartialRevert(IBanyanSettlement.WrongSigner.selector);
        vm.prank(alice);
        settlement.register{value: payload.amount}(payload, signature);
    }
}

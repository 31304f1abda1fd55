// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IBanyanSettlement} from "src/IBanyanSettlement.sol";
import {ForceEther} from "src/test-recipients/ForceEther.sol";
import {RecipientWallet} from "src/test-recipients/RecipientWallet.sol";
import {SettlementTest} from "./support/SettlementTest.sol";

contract BooksTest is SettlementTest {
    function test_aPlainTransferIsRefused() public {
        vm.deal(alice, 2 ether);
        vm.prank(alice);
        (bool ok,) = address(settlement).call{value: 1}("");
        assertFalse(ok);
        assertBooksBalance(0);
    }

    function test_anUnknownCallIsRefused() public {
        (bool ok,) = address(settlement).call(hex"deadbeef");
        assertFalse(ok);
    }

    function test_aForcedWeiIsExcessAndStaysThatWay() public {
        join(alice, COMPANY);
        vm.deal(address(this), 1);
        new ForceEther{value: 1}(payable(address(settlement)));
        assertBooksBalance(1);
        pay(COMPANY, ENTRY);
        assertEq(address(settlement).balance, 1);
        assertBooksBalance(1);
    }

    function test_manyAccountsAreReadInTheOrderAsked() public {
        join(alice, COMPANY);
        pay(alice, 3 ether);
        freezeNow(bob);
        address[] memory list = new address[](3);
        (list[0], list[1], list[2]) = (bob, COMPANY, alice);
        IBanyanSettlement.Account[] memory found = settlement.getAccounts(list);
        assertEq(found.length, 3);
        assertTrue(found[0].frozen);
        assertTrue(found[1].registered);
        assertEq(found[2].paid, 3 ether);
        assertEq(settlement.getAccounts(new address[](0)).length, 0);
    }

    function test_anAccountFitsIntoOneSlotWithPaidAtItsLowEnd() public {
        join(alice, COMPANY);
        pay(alice, 3 ether);
        freezeNow(alice);
        uint256 expected = 3 ether | (uint256(1) << 192) | (uint256(1) << 224) | (uint256(1) << 232);
        bool found = false;
        for (uint256 slot = 0; slot < 16; ++slot) {
            bytes32 key = keccak256(abi.encode(alice, slot));
            if (uint256(vm.load(address(settlement), key)) == expected) found = true;
        }
        assertTrue(found);
    }

    function test_theContractSaysThatItHasRoles() public view {
        assertTrue(settlement.supportsInterface(type(IAccessControl).interfaceId));
    }

    function test_aWalletContractJoinsRefusesAndWithdraws() public {
        RecipientWallet wallet = new RecipientWallet();
        vm.deal(address(this), ENTRY + RETOPUP);
        IBanyanSettlement.Registration memory registration = registrationOf(address(wallet), COMPANY);
        wallet.register{value: ENTRY}(settlement, registration, sign(registration));
        IBanyanSettlement.Retopup memory retopup = retopupOf(address(wallet));
        wallet.retopup{value: RETOPUP}(settlement, retopup, sign(retopup));
        assertEq(settlement.totalIn(), ENTRY + RETOPUP);

        pay(address(wallet), 2 ether);
        assertEq(settlement.accounts(address(wallet)).owed, 2 ether);
        wallet.setAccepting(true);
        wallet.withdrawOwed(settlement, address(wallet));
        assertEq(address(wallet).balance, 2 ether);
        assertBooksBalance(0);
    }

    function test_onlyItsOwnerMovesAWalletContract() public {
        RecipientWallet wallet = new RecipientWallet();
        vm.expectRevert(abi.encodeWithSelector(RecipientWallet.NotOwner.selector, stranger));
        vm.prank(stranger);
        wallet.setAccepting(true);
    }

    function test_aWalletContractVouchesForItsOwnersSignatureOnly() public {
        vm.prank(stranger);
        RecipientWallet wallet = new RecipientWallet();
        bytes32 message = keccak256("sign me in");
        assertEq(wallet.isValidSignature(message, signed(STRANGER_KEY, message)), bytes4(0x1626ba7e));
        assertEq(wallet.isValidSignature(message, signed(INTAKE_KEY, message)), bytes4(0xffffffff));
        assertEq(wallet.isValidSignature(message, "no signature"), bytes4(0xffffffff));
    }

    function test_aWalletContractTakesMoneyOnlyWhenItWasTold() public {
        RecipientWallet wallet = new RecipientWallet();
        vm.deal(address(this), 2);
        (bool taken, bytes memory reason) = address(wallet).call{value: 1}("");
        assertFalse(taken);
        assertEq(bytes4(reason), RecipientWallet.NotAccepting.selector);
        wallet.setAccepting(true);
        (taken,) = address(wallet).call{value: 1}("");
        assertTrue(taken);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBanyanSettlement} from "src/IBanyanSettlement.sol";

/// @title EIP-712 hashes, written from the standard and the payloads' text alone.
/// @notice Takes no constant and no function from the contract under test, so that both must be right to agree.
library TypedData {
    struct Domain {
        uint256 chainId;
        address verifyingContract;
    }

    function separator(Domain memory domain) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Banyan Settlement"),
                keccak256("1"),
                domain.chainId,
                domain.verifyingContract
            )
        );
    }

    function digest(Domain memory domain, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes2(0x1901), separator(domain), structHash));
    }

    function hash(IBanyanSettlement.Registration memory p) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Registration(address user,address sponsor,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)"
        );
        return keccak256(abi.encode(typeHash, p.user, p.sponsor, p.amount, p.plan, p.nonce, p.deadline));
    }

    function hash(IBanyanSettlement.Retopup memory p) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256("Retopup(address user,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)");
        return keccak256(abi.encode(typeHash, p.user, p.amount, p.plan, p.nonce, p.deadline));
    }

    function hash(IBanyanSettlement.PayoutBatch memory p) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "PayoutBatch(uint256 seq,bytes32 head,bytes32 root,uint256 maxTotal,uint256 deadline,bytes items)"
        );
        return keccak256(abi.encode(typeHash, p.seq, p.head, p.root, p.maxTotal, p.deadline, keccak256(p.items)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The tree of all entitlements: leaf 0 the company, zero leaves up to a power of two, commutative pairs.
library MerkleTree {
    function leaf(address account, uint256 cumulative) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory row = padded(leaves);
        while (row.length > 1) row = above(row);
        return row[0];
    }

    function proof(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory path) {
        bytes32[] memory row = padded(leaves);
        uint256 depth = 0;
        while (2 ** depth < row.length) ++depth;
        path = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            path[i] = row[index ^ 1];
            index >>= 1;
            row = above(row);
        }
    }

    function above(bytes32[] memory row) internal pure returns (bytes32[] memory next) {
        next = new bytes32[](row.length / 2);
        for (uint256 i = 0; i < next.length; ++i) {
            next[i] = pair(row[2 * i], row[2 * i + 1]);
        }
    }

    function padded(bytes32[] memory leaves) internal pure returns (bytes32[] memory row) {
        uint256 size = 1;
        while (size < leaves.length) size *= 2;
        row = new bytes32[](size);
        for (uint256 i = 0; i < leaves.length; ++i) {
            row[i] = leaves[i];
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title A participant that is a contract: calls what it is told to, and takes money.
contract Participant {
    error CallFailed(bytes reason);

    receive() external payable virtual {}

    function act(address target, uint256 value, bytes memory data) public payable {
        (bool ok, bytes memory reason) = target.call{value: value}(data);
        if (!ok) revert CallFailed(reason);
    }
}

/// @title Refuses money, until it is told to take it.
contract Refuser is Participant {
    bool public willing;

    error Refused();

    function setWilling(bool willing_) external {
        willing = willing_;
    }

    receive() external payable override {
        if (!willing) revert Refused();
    }
}

/// @title Burns all gas that it is given.
contract GasBurner is Participant {
    receive() external payable override {
        assembly {
            for {} 1 {} {}
        }
    }
}

/// @title Answers with as many bytes as its gas can buy, in failure or in success.
contract ReturnBomb is Participant {
    bool private immutable FAILS;

    constructor(bool fails) {
        FAILS = fails;
    }

    receive() external payable override {
        bool fails = FAILS;
        assembly {
            if fails { revert(0, 300000) }
            return(0, 300000)
        }
    }
}

/// @title Uses the call that pays it to call back, and remembers how that went.
contract Reentrant is Participant {
    address private target;
    bytes private attack;
    bytes4 public answer;
    bool public succeeded;

    function arm(address target_, bytes calldata attack_) external {
        target = target_;
        attack = attack_;
        // Non-zero, so that writing the answer fits into the gas of a payout.
        answer = 0xffffffff;
    }

    receive() external payable override {
        if (target == address(0)) return;
        (bool ok, bytes memory reason) = target.call(attack);
        succeeded = ok;
        answer = bytes4(reason);
    }
}

/// @title Spends about as much gas as it is told to, counted from its entry.
contract GasMeter is Participant {
    uint256 public given;

    receive() external payable override {
        given = gasleft();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBanyanSettlement} from "./IBanyanSettlement.sol";
import {SettlementRoles} from "./SettlementRoles.sol";

/// @title The programme's treasury.
/// @notice Holds the money, keeps the hash of its own history, and pays cumulative totals against signatures over that
/// history. `IBanyanSettlement` describes every function.
///
/// What always holds, between transactions:
/// - balance = totalIn − totalPaid + totalOwed + excess, and totalPaid ≤ totalIn;
/// - nobody's `paid` is above the highest cumulative amount that was signed or stood in a root for that account;
/// - `heads[n]` follows from the events up to `seq` n alone;
/// - no function that writes can be entered while another one runs (all carry `nonReentrant`).
contract BanyanSettlement is SettlementRoles, EIP712 {
    /// @notice A deadline lies at most this many seconds after the block's time.
    uint256 public constant MAX_VALIDITY = 1 hours;
    /// @notice A root stands at least this many seconds before a later one takes its place.
    uint256 public constant ROOT_PERIOD = 1 hours;
    /// @notice A pause ends by itself after this many seconds.
    uint256 public constant PAUSE_PERIOD = 14 days;
    /// @notice Most items of a batch.
    uint256 public constant MAX_BATCH = 200;
    /// @notice Most bytes of a directive's data.
    uint256 public constant MAX_DIRECTIVE_DATA = 4096;
    /// @notice Gas that a recipient of a batch or claim gets.
    uint256 public constant RECIPIENT_GAS = 30_000;
    /// @notice Gas that must be left before a recipient is called: enough for the call's own cost in the worst case
    /// (an empty account: 67,077) and for all of `RECIPIENT_GAS` to arrive.
    uint256 public constant MIN_GAS_LEFT = 70_000;

    /// @notice EIP-712 type hash of `Registration`.
    bytes32 public constant REGISTRATION_TYPEHASH = keccak256(
        "Registration(address user,address sponsor,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)"
    );
    /// @notice EIP-712 type hash of `Retopup`.
    bytes32 public constant RETOPUP_TYPEHASH =
        keccak256("Retopup(address user,uint256 amount,bytes32 plan,uint256 nonce,uint256 deadline)");
    /// @notice EIP-712 type hash of `PayoutBatch`.
    bytes32 public constant PAYOUT_BATCH_TYPEHASH =
        keccak256("PayoutBatch(uint256 seq,bytes32 head,bytes32 root,uint256 maxTotal,uint256 deadline,bytes items)");

    /// @dev The two kinds of directive whose meaning the contract knows.
    bytes32 private constant KIND_PLAN = "PLAN";
    bytes32 private constant KIND_WIND_UP = "WIND_UP";

    /// @dev Bytes of a batch's item: 20 of account, 12 of cumulative amount.
    uint256 private constant ITEM_BYTES = 32;
    /// @dev Bytes of a payment that is booked and not sent yet: amount, cumulative amount, account.
    uint256 private constant PAYMENT_BYTES = 96;

    /// @dev Key of the company among the accounts.
    address private constant COMPANY = address(0);

    /// @dev Kinds of entries of the history.
    uint256 private constant ENTRY_GENESIS = 0;
    uint256 private constant ENTRY_REGISTRATION = 1;
    uint256 private constant ENTRY_RETOPUP = 2;
    uint256 private constant ENTRY_DIRECTIVE = 3;

    /// @dev One slot: what every entry of the history touches.
    struct Inflow {
        uint96 totalIn;
        uint96 totalPaid;
        uint64 seq;
    }

    /// @dev One slot: what every payout touches besides.
    struct Outflow {
        uint96 totalOwed;
        uint64 out;
        uint64 rootSeq;
        uint32 rootTime;
    }

    /// @dev One slot: what every movement of money reads.
    struct Control {
        address company;
        uint64 pausedUntil;
    }

    Inflow private _inflow;
    Outflow private _outflow;
    Control private _control;
    mapping(address account => Account) private _accounts;

    /// @inheritdoc IBanyanSettlement
    mapping(uint256 n => bytes32) public heads;
    /// @inheritdoc IBanyanSettlement
    bytes32 public plan;
    /// @inheritdoc IBanyanSettlement
    bytes32 public root;
    /// @inheritdoc IBanyanSettlement
    bytes32 public immutable predecessor;

    /// @dev Stops what a pause stops.
    modifier whenRunning() {
        if (paused()) revert ContractPaused(_control.pausedUntil);
        _;
    }

    /// @notice Opens the history: entry 0, roles, signers, company.
    /// @param genesis What the contract is born with.
    constructor(Genesis memory genesis) SettlementRoles(genesis) EIP712("Banyan Settlement", "1") {
        if (genesis.plan == 0) revert ZeroPlan();
        plan = genesis.plan;
        predecessor = genesis.predecessor;
        _accounts[COMPANY].registered = true;
        _changeCompany(genesis.company);

        bytes32 entry = keccak256(
            abi.encode(ENTRY_GENESIS, block.timestamp, block.chainid, address(this), genesis.plan, genesis.predecessor)
        );
        bytes32 head = keccak256(abi.encode(bytes32(0), entry));
        heads[0] = head;
        emit Directive(0, "GENESIS", abi.encode(genesis.plan, genesis.predecessor), 0, block.timestamp, head);
    }

    // -------------------------------------------------------------------------------------- payments by participants

    /// @inheritdoc IBanyanSettlement
    function register(Registration calldata payload, bytes calldata signature)
        external
        payable
        nonReentrant
        whenRunning
    {
        Account memory account = _accounts[payload.user];
        if (account.registered) revert AlreadyRegistered(payload.user);
        if (!_accounts[payload.sponsor].registered) revert UnknownSponsor(payload.sponsor);
        _checkPayment(payload.user, payload.amount, payload.plan, payload.deadline);
        account.registered = true;
        _advanceNonce(payload.user, account, payload.nonce);
        bytes32 structHash = keccak256(
            abi.encode(
                REGISTRATION_TYPEHASH,
                payload.user,
                payload.sponsor,
                payload.amount,
                payload.plan,
                payload.nonce,
                payload.deadline
            )
        );
        _checkSigner(INTAKE_SIGNER_ROLE, structHash, signature);

        bytes32 entry = keccak256(
            abi.encode(ENTRY_REGISTRATION, block.timestamp, payload.user, payload.sponsor, payload.plan, payload.amount)
        );
        (uint256 n, bytes32 head) = _append(entry);
        emit RegistrationAccepted(n, payload.user, payload.sponsor, payload.plan, payload.amount, block.timestamp, head);
    }

    /// @inheritdoc IBanyanSettlement
    function retopup(Retopup calldata payload, bytes calldata signature) external payable nonReentrant whenRunning {
        Account memory account = _accounts[payload.user];
        if (!account.registered) revert NotRegistered(payload.user);
        _checkPayment(payload.user, payload.amount, payload.plan, payload.deadline);
        _advanceNonce(payload.user, account, payload.nonce);
        bytes32 structHash = keccak256(
            abi.encode(RETOPUP_TYPEHASH, payload.user, payload.amount, payload.plan, payload.nonce, payload.deadline)
        );
        _checkSigner(INTAKE_SIGNER_ROLE, structHash, signature);

        bytes32 entry =
            keccak256(abi.encode(ENTRY_RETOPUP, block.timestamp, payload.user, payload.plan, payload.amount));
        (uint256 n, bytes32 head) = _append(entry);
        emit RetopupCompleted(n, payload.user, payload.plan, payload.amount, block.timestamp, head);
    }

    // ----------------------------------------------------------------------------------------------------- payouts

    /// @inheritdoc IBanyanSettlement
    function executeBatchPayouts(PayoutBatch calldata batch, bytes calldata signature)
        external
        nonReentrant
        whenRunning
        onlyRole(EXECUTOR_ROLE)
    {
        _checkBatch(batch, signature);
        (bytes memory list, uint256 total) = _creditAll(batch.items);
        if (total > batch.maxTotal) revert AboveMaxTotal(total, batch.maxTotal);
        _spend(total);
        bool published = _publish(batch.seq, batch.root);
        if (total == 0 && !published) revert NothingToDo();

        uint256 outNumber = ++_outflow.out;
        _sendAll(list, outNumber);
        emit BatchExecuted(outNumber, batch.seq, batch.root, list.length / PAYMENT_BYTES, total);
    }

    /// @inheritdoc IBanyanSettlement
    function claim(address account, uint256 cumulative, bytes32[] calldata proof) external nonReentrant whenRunning {
        bytes32 standing = root;
        if (standing == 0) revert NoRoot();
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
        if (!MerkleProof.verifyCalldata(proof, standing, leaf)) revert BadProof();
        uint256 due = _credit(account, SafeCast.toUint96(cumulative));
        _spend(due);

        _sendAll(abi.encode(due, cumulative, account), ++_outflow.out);
    }

    /// @inheritdoc IBanyanSettlement
    function withdrawOwed(address account, address to) external nonReentrant {
        if (msg.sender != _holder(account)) revert NotAccountHolder(account, msg.sender);
        Account storage record = _accounts[account];
        if (record.frozen) revert AccountFrozen(account);
        uint96 amount = record.owed;
        if (amount == 0) revert NothingOwed(account);
        if (to == address(0) || to == address(this)) revert BadRecipient(to);

        record.owed = 0;
        _outflow.totalOwed -= amount;
        uint256 outNumber = ++_outflow.out;
        emit OwedWithdrawn(account, outNumber, to, amount);
        bool sent;
        assembly ("memory-safe") {
            sent := call(gas(), to, amount, 0, 0, 0, 0)
        }
        if (!sent) revert TransferFailed(to, amount);
    }

    // --------------------------------------------------------------------------------------------------- decisions

    /// @inheritdoc IBanyanSettlement
    function directive(bytes32 kind, bytes calldata data) external payable nonReentrant {
        if (data.length > MAX_DIRECTIVE_DATA) revert DirectiveTooLong(data.length);
        if (kind == KIND_PLAN || kind == KIND_WIND_UP) _decidePlan(kind, data);
        else _checkRole(PROGRAMME_ROLE);

        bytes32 entry = keccak256(abi.encode(ENTRY_DIRECTIVE, block.timestamp, kind, msg.value, keccak256(data)));
        (uint256 n, bytes32 head) = _append(entry);
        emit Directive(n, kind, data, msg.value, block.timestamp, head);
    }

    /// @inheritdoc IBanyanSettlement
    function pause() external nonReentrant onlyRole(GUARDIAN_ROLE) {
        uint64 until = uint64(block.timestamp + PAUSE_PERIOD);
        _control.pausedUntil = until;
        emit Paused(msg.sender, until);
    }

    /// @inheritdoc IBanyanSettlement
    function unpause() external nonReentrant {
        _checkAdminOrRecovery();
        if (!paused()) revert NotPaused();
        _control.pausedUntil = 0;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IBanyanSettlement
    function freeze(address account) external nonReentrant onlyRole(GUARDIAN_ROLE) {
        if (account == COMPANY) revert CompanyNotFreezable();
        if (_accounts[account].frozen) revert AccountFrozen(account);
        _accounts[account].frozen = true;
        emit Frozen(account);
    }

    /// @inheritdoc IBanyanSettlement
    function unfreeze(address account) external nonReentrant {
        _checkAdminOrRecovery();
        if (!_accounts[account].frozen) revert AccountNotFrozen(account);
        _accounts[account].frozen = false;
        emit Unfrozen(account);
    }

    /// @inheritdoc IBanyanSettlement
    function setCompany(address company_) external nonReentrant onlyRole(ADMIN_ROLE) {
        _changeCompany(company_);
    }

    // ------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IBanyanSettlement
    function seq() external view returns (uint64) {
        return _inflow.seq;
    }

    /// @inheritdoc IBanyanSettlement
    function rootSeq() external view returns (uint64) {
        return _outflow.rootSeq;
    }

    /// @inheritdoc IBanyanSettlement
    function rootTime() external view returns (uint32) {
        return _outflow.rootTime;
    }

    /// @inheritdoc IBanyanSettlement
    function totalIn() external view returns (uint96) {
        return _inflow.totalIn;
    }

    /// @inheritdoc IBanyanSettlement
    function totalPaid() external view returns (uint96) {
        return _inflow.totalPaid;
    }

    /// @inheritdoc IBanyanSettlement
    function totalOwed() external view returns (uint96) {
        return _outflow.totalOwed;
    }

    /// @inheritdoc IBanyanSettlement
    function out() external view returns (uint64) {
        return _outflow.out;
    }

    /// @inheritdoc IBanyanSettlement
    function excess() external view nonReentrantView returns (uint256) {
        uint256 held = uint256(_inflow.totalIn) - _inflow.totalPaid + _outflow.totalOwed;
        return address(this).balance - held;
    }

    /// @inheritdoc IBanyanSettlement
    function company() external view returns (address) {
        return _control.company;
    }

    /// @inheritdoc IBanyanSettlement
    function paused() public view returns (bool) {
        return block.timestamp < _control.pausedUntil;
    }

    /// @inheritdoc IBanyanSettlement
    function pausedUntil() external view returns (uint64) {
        return _control.pausedUntil;
    }

    /// @inheritdoc IBanyanSettlement
    function accounts(address account) external view returns (Account memory) {
        return _accounts[account];
    }

    /// @inheritdoc IBanyanSettlement
    function getAccounts(address[] calldata list) external view returns (Account[] memory records) {
        records = new Account[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            records[i] = _accounts[list[i]];
        }
    }

    /// @inheritdoc IBanyanSettlement
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    // ------------------------------------------------------------------------------------------ the history, inside

    /// @dev Makes `entry` the next one of the history, and books the value that came with it.
    function _append(bytes32 entry) private returns (uint256 n, bytes32 head) {
        Inflow memory inflow = _inflow;
        inflow.totalIn = SafeCast.toUint96(inflow.totalIn + msg.value);
        bytes32 last = heads[inflow.seq];
        n = ++inflow.seq;
        _inflow = inflow;
        head = keccak256(abi.encode(last, entry));
        heads[n] = head;
    }

    /// @dev What register and retopup check alike, but for the account itself.
    function _checkPayment(address user, uint256 amount, bytes32 plan_, uint256 deadline) private view {
        if (msg.sender != user) revert NotPayloadUser(user, msg.sender);
        if (msg.value != amount) revert WrongValue(amount, msg.value);
        if (amount == 0) revert ZeroAmount();
        bytes32 inForce = plan;
        if (inForce == 0) revert WoundUp();
        if (plan_ != inForce) revert WrongPlan(inForce, plan_);
        _checkDeadline(deadline);
    }

    /// @dev The rest of it: uses up the nonce and stores the account.
    function _advanceNonce(address user, Account memory account, uint256 nonce) private {
        if (account.frozen) revert AccountFrozen(user);
        if (nonce != account.nonce) revert WrongNonce(account.nonce, nonce);
        ++account.nonce;
        _accounts[user] = account;
    }

    /// @dev Both edges are valid: deadline = now, and deadline = now + `MAX_VALIDITY`.
    function _checkDeadline(uint256 deadline) private view {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        uint256 latest = block.timestamp + MAX_VALIDITY;
        if (deadline > latest) revert DeadlineTooFar(deadline, latest);
    }

    function _checkSigner(bytes32 role, bytes32 structHash, bytes calldata signature) private view {
        address recovered = ECDSA.recoverCalldata(_hashTypedDataV4(structHash), signature);
        if (!hasRole(role, recovered)) revert WrongSigner(role, recovered);
    }

    /// @dev The admin's directives, the only ones whose meaning the contract knows. After a wind-up there is none.
    function _decidePlan(bytes32 kind, bytes calldata data) private {
        _checkRole(ADMIN_ROLE);
        if (plan == 0) revert WoundUp();
        bytes32 next = 0;
        if (kind == KIND_PLAN) {
            if (data.length == 32) next = bytes32(data);
            if (next == 0) revert BadDirective(kind);
        } else if (data.length != 0) {
            revert BadDirective(kind);
        }
        if (msg.value != 0) revert BadDirective(kind);
        plan = next;
    }

    // ---------------------------------------------------------------------------------------------- payouts, inside

    /// @dev Everything about a batch that can be judged before looking at an account.
    function _checkBatch(PayoutBatch calldata batch, bytes calldata signature) private view {
        uint256 latest = _inflow.seq;
        if (batch.seq > latest) revert UnknownSeq(batch.seq, latest);
        bytes32 head = heads[batch.seq];
        if (batch.head != head) revert WrongHead(batch.seq, head, batch.head);
        _checkDeadline(batch.deadline);
        uint256 length = batch.items.length;
        if (length % ITEM_BYTES != 0 || length > MAX_BATCH * ITEM_BYTES) revert BadItemsLength(length);
        bytes32 structHash = keccak256(
            abi.encode(
                PAYOUT_BATCH_TYPEHASH,
                batch.seq,
                batch.head,
                batch.root,
                batch.maxTotal,
                batch.deadline,
                _hash(batch.items)
            )
        );
        _checkSigner(PAYOUT_SIGNER_ROLE, structHash, signature);
    }

    /// @dev keccak256 of `data`, copied to free memory without keeping the memory (6,400 bytes in a full batch).
    function _hash(bytes calldata data) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, data.offset, data.length)
            hash := keccak256(free, data.length)
        }
    }

    /// @dev Books every item as paid, before any money moves: what `_credit` does, over packed items and with each
    /// account's slot as one word (see `Account`: `paid` in its lowest 96 bits, `registered` in bit 224, `frozen` in
    /// bit 232). In assembly, like `_sendAll`, because these two loops are what each of 200 recipients costs.
    /// @return list The payments to send: per item that owes something, three words: amount, cumulative, account.
    /// @return total Their sum; at most 200 times less than 2^96, so it cannot overflow.
    function _creditAll(bytes calldata items) private returns (bytes memory list, uint256 total) {
        bytes4 notRegistered = NotRegistered.selector;
        assembly ("memory-safe") {
            // The list grows at the free end of memory, where nothing else is allocated meanwhile.
            list := mload(0x40)
            let next := add(list, 0x20)
            // The scratch space holds the key of `_accounts[account]`: the account, and the mapping's slot.
            mstore(0x20, _accounts.slot)
            let at := items.offset
            for { let end := add(at, items.length) } lt(at, end) { at := add(at, 0x20) } {
                let item := calldataload(at)
                let account := shr(96, item)
                mstore(0x00, account)
                let slot := keccak256(0x00, 0x40)
                let record := sload(slot)
                if xor(shr(224, record), 1) {
                    if byte(3, record) { continue } // Registered, so it is frozen.
                    mstore(0x00, notRegistered)
                    mstore(0x04, account)
                    revert(0x00, 0x24)
                }
                // Both amounts moved to the top of the word: comparing and subtracting needs no mask.
                let cumulative := shl(160, item)
                let before := shl(160, record)
                if iszero(gt(cumulative, before)) { continue }
                let amount := shr(160, sub(cumulative, before))
                sstore(slot, add(record, amount))
                mstore(next, amount)
                mstore(add(next, 0x20), shr(160, calldataload(add(at, 20))))
                mstore(add(next, 0x40), account)
                next := add(next, 0x60)
                total := add(total, amount)
            }
            mstore(list, sub(sub(next, list), 0x20))
            mstore(0x40, next)
        }
    }

    /// @dev Books `cumulative` as paid to `account`.
    /// @return The difference to what it had before.
    function _credit(address account, uint96 cumulative) private returns (uint256) {
        Account storage record = _accounts[account];
        if (!record.registered) revert NotRegistered(account);
        if (record.frozen) revert AccountFrozen(account);
        uint96 before = record.paid;
        if (cumulative <= before) revert NothingDue(account);
        record.paid = cumulative;
        return cumulative - before;
    }

    /// @dev Books `total` as paid in all. The cover: no more can be paid than has come in.
    function _spend(uint256 total) private {
        uint256 cover = _inflow.totalIn - _inflow.totalPaid;
        if (total > cover) revert AboveCover(total, cover);
        _inflow.totalPaid += uint96(total);
    }

    /// @dev Makes `given` the standing root over `seq_` if it is its turn.
    /// @return Whether it did.
    function _publish(uint256 seq_, bytes32 given) private returns (bool) {
        if (given == 0) return false;
        bytes32 standing = root;
        if (standing != 0) {
            (uint256 standingSeq, uint256 since) = (_outflow.rootSeq, _outflow.rootTime);
            if (seq_ == standingSeq && given != standing) revert RootConflict(seq_, standing, given);
            if (seq_ <= standingSeq || block.timestamp < since + ROOT_PERIOD) return false;
        }
        root = given;
        _outflow.rootSeq = uint64(seq_);
        _outflow.rootTime = uint32(block.timestamp);
        emit RootPublished(seq_, given);
        return true;
    }

    /// @inheritdoc SettlementRoles
    function _voidRoot() internal override {
        bytes32 standing = root;
        if (standing == 0) return;
        uint256 seq_ = _outflow.rootSeq;
        root = 0;
        _outflow.rootSeq = 0;
        _outflow.rootTime = 0;
        emit RootVoided(seq_, standing);
    }

    /// @dev Sends booked money; what is not taken becomes owed, and that is all that is left to write. `owed` lies in
    /// bits 96 to 191 of an account's slot and cannot overflow them, since all that is owed is part of `totalPaid`.
    /// @param list The payments, three words each: amount, cumulative, account.
    function _sendAll(bytes memory list, uint256 outNumber) private {
        address company_ = _control.company;
        bytes32 executed = PayoutExecuted.selector;
        bytes32 owed = PayoutOwed.selector;
        bytes4 tooLittleGas = TooLittleGas.selector;
        uint256 failed = 0;
        assembly ("memory-safe") {
            let at := add(list, 0x20)
            for { let end := add(at, mload(list)) } lt(at, end) { at := add(at, 0x60) } {
                if lt(gas(), MIN_GAS_LEFT) {
                    mstore(at, tooLittleGas)
                    mstore(add(at, 0x04), gas())
                    mstore(add(at, 0x24), MIN_GAS_LEFT)
                    revert(at, 0x44)
                }
                let account := mload(add(at, 0x40))
                let to := or(account, mul(iszero(account), company_))
                let topic := executed
                // At most RECIPIENT_GAS, no data, and not a byte of what comes back copied.
                if iszero(call(RECIPIENT_GAS, to, mload(at), 0, 0, 0, 0)) {
                    let amount := mload(at)
                    mstore(0x00, account)
                    mstore(0x20, _accounts.slot)
                    let slot := keccak256(0x00, 0x40)
                    sstore(slot, add(sload(slot), shl(96, amount)))
                    failed := add(failed, amount)
                    topic := owed
                }
                log3(at, 0x40, topic, account, outNumber)
            }
        }
        if (failed != 0) _outflow.totalOwed += uint96(failed);
    }

    /// @dev The address that an account's money goes to.
    function _holder(address account) private view returns (address) {
        return account == COMPANY ? _control.company : account;
    }

    function _changeCompany(address next) private {
        if (next == address(0) || next == address(this)) revert BadCompany(next);
        address previous = _control.company;
        _control.company = next;
        emit CompanyChanged(previous, next);
    }
}

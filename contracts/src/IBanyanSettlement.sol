// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Everything the world may say to the settlement contract, and everything it answers.
/// @notice The contract holds the programme's money (the chain's native coin; every amount is in wei). It knows
/// signatures, amounts and its own history, and no business rule. Payouts are cumulative: a signed item or a leaf of
/// the standing root says how much an account has earned in all, and the contract pays the difference to what it has
/// paid. The company is the account `address(0)`; its money goes to the address `company()` of that moment.
interface IBanyanSettlement {
    // ------------------------------------------------------------------------------------------------------ values

    /// @notice What the contract is born with. Nothing in it may be zero but `predecessor`.
    /// @param admin Holder of `ADMIN_ROLE`.
    /// @param recovery Holder of `RECOVERY_ROLE`.
    /// @param programme Holder of `PROGRAMME_ROLE`.
    /// @param guardian Holder of `GUARDIAN_ROLE`.
    /// @param executor Holder of `EXECUTOR_ROLE`.
    /// @param intakeSigner Holder of `INTAKE_SIGNER_ROLE`; another key than `payoutSigner`.
    /// @param payoutSigner Holder of `PAYOUT_SIGNER_ROLE`.
    /// @param company Address that receives the company's money.
    /// @param plan Hash of the plan in force.
    /// @param predecessor Last head of the contract this one follows, or 0.
    struct Genesis {
        address admin;
        address recovery;
        address programme;
        address guardian;
        address executor;
        address intakeSigner;
        address payoutSigner;
        address company;
        bytes32 plan;
        bytes32 predecessor;
    }

    /// @notice All that is kept about one address, in one slot.
    /// @param paid Cumulative amount sent to the account or made owed to it.
    /// @param owed Amount whose sending failed and that waits for `withdrawOwed`.
    /// @param nonce Nonce that the account's next registration or retopup must carry.
    /// @param registered Whether it is a participant (always true for the company).
    /// @param frozen Whether the guardian has stopped its payments.
    struct Account {
        uint96 paid;
        uint96 owed;
        uint32 nonce;
        bool registered;
        bool frozen;
    }

    /// @notice Entry of a participant under a sponsor, signed by an intake signer.
    struct Registration {
        address user;
        address sponsor;
        uint256 amount;
        bytes32 plan;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Further payment of a participant, signed by an intake signer.
    struct Retopup {
        address user;
        uint256 amount;
        bytes32 plan;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Cumulative totals of up to `MAX_BATCH` accounts over one point of the history, signed by a payout signer.
    /// @param seq Point of the history.
    /// @param head The history's head there.
    /// @param root Merkle root of all entitlements after `seq`, or 0 for none.
    /// @param maxTotal Most that the batch may pay and make owed together.
    /// @param deadline Last block time at which it may run.
    /// @param items 32 bytes an item: 20 bytes account, 12 bytes cumulative amount.
    struct PayoutBatch {
        uint256 seq;
        bytes32 head;
        bytes32 root;
        uint256 maxTotal;
        uint256 deadline;
        bytes items;
    }

    // ------------------------------------------------------------------------------------------------------ events

    /// @notice `user` joined under `sponsor` (`address(0)` is the company) and paid `amount` under `plan`.
    event RegistrationAccepted(
        uint256 indexed seq,
        address indexed user,
        address indexed sponsor,
        bytes32 plan,
        uint256 amount,
        uint256 time,
        bytes32 head
    );
    /// @notice `user` paid a retopup of `amount` under `plan`.
    event RetopupCompleted(
        uint256 indexed seq, address indexed user, bytes32 plan, uint256 amount, uint256 time, bytes32 head
    );
    /// @notice A decision that touches entitlement, or (seq 0, kind `GENESIS`) the birth of the contract.
    event Directive(uint256 indexed seq, bytes32 indexed kind, bytes data, uint256 amount, uint256 time, bytes32 head);
    /// @notice `amount` was sent to `user`, who has had `paidTotal` in all since the beginning.
    event PayoutExecuted(address indexed user, uint256 indexed out, uint256 amount, uint256 paidTotal);
    /// @notice Sending `amount` to `user` failed: it is owed now, and counts in `paidTotal`.
    event PayoutOwed(address indexed user, uint256 indexed out, uint256 amount, uint256 paidTotal);
    /// @notice A batch over `seq` ran: `count` accounts were paid (or became owed) `total` together.
    /// @param root The root that the batch carried (0: none); `RootPublished` says whether it became the standing one.
    event BatchExecuted(uint256 indexed out, uint256 indexed seq, bytes32 root, uint256 count, uint256 total);
    /// @notice `amount` that was owed to `user` was sent to `to`.
    event OwedWithdrawn(address indexed user, uint256 indexed out, address to, uint256 amount);
    /// @notice `root` over `seq` is the standing root from now on.
    event RootPublished(uint256 indexed seq, bytes32 root);
    /// @notice The standing `root` over `seq` stands no longer, since a payout signer was revoked.
    event RootVoided(uint256 indexed seq, bytes32 root);
    /// @notice Payments to and from `account` are stopped.
    event Frozen(address indexed account);
    /// @notice Payments to and from `account` flow again.
    event Unfrozen(address indexed account);
    /// @notice `by` paused the contract; the pause ends by itself at block time `until`.
    event Paused(address indexed by, uint256 until);
    /// @notice `by` ended a pause.
    event Unpaused(address indexed by);
    /// @notice `signer` may no longer sign for `role`.
    event SignerRevoked(bytes32 indexed role, address indexed signer);
    /// @notice The company's money goes to `current` from now on.
    event CompanyChanged(address indexed previous, address indexed current);

    // ------------------------------------------------------------------------------------------------------ errors

    /// @notice A genesis address is zero.
    error ZeroAddress();
    /// @notice A plan hash is zero.
    error ZeroPlan();
    /// @notice Intake and payout signer must be two different keys.
    error SameSigner(address signer);
    /// @notice `company` can be neither zero nor this contract.
    error BadCompany(address company);
    /// @notice The pause ends at block time `until`.
    error ContractPaused(uint256 until);
    /// @notice There is no pause to end.
    error NotPaused();
    /// @notice The payload is `user`'s, not `caller`'s.
    error NotPayloadUser(address user, address caller);
    /// @notice The payload's amount must be sent, no more and no less.
    error WrongValue(uint256 expected, uint256 sent);
    /// @notice A registration or retopup must pay something.
    error ZeroAmount();
    /// @notice The programme is wound up: no payment enters any more, and no plan comes into force.
    error WoundUp();
    /// @notice The payload names another plan than the one in force.
    error WrongPlan(bytes32 expected, bytes32 given);
    /// @notice The payload does not carry the account's nonce.
    error WrongNonce(uint256 expected, uint256 given);
    /// @notice The payload may not be used any more.
    error DeadlinePassed(uint256 deadline, uint256 time);
    /// @notice The payload would be valid for too long: beyond block time + `MAX_VALIDITY`.
    error DeadlineTooFar(uint256 deadline, uint256 latest);
    /// @notice The signature is by `recovered`, who does not hold `role`.
    error WrongSigner(bytes32 role, address recovered);
    /// @notice The account is a participant already.
    error AlreadyRegistered(address account);
    /// @notice The account is not a participant.
    error NotRegistered(address account);
    /// @notice The sponsor is neither a participant nor the company.
    error UnknownSponsor(address sponsor);
    /// @notice The account is frozen.
    error AccountFrozen(address account);
    /// @notice The account is not frozen.
    error AccountNotFrozen(address account);
    /// @notice The company is always payable and cannot be frozen.
    error CompanyNotFreezable();
    /// @notice The history ends at `latest`.
    error UnknownSeq(uint256 seq, uint256 latest);
    /// @notice The history's head at `seq` is another one.
    error WrongHead(uint256 seq, bytes32 expected, bytes32 given);
    /// @notice `items` must be a multiple of 32 bytes and at most `MAX_BATCH` items.
    error BadItemsLength(uint256 length);
    /// @notice The batch would pay more than its own limit.
    error AboveMaxTotal(uint256 total, uint256 maxTotal);
    /// @notice No more can be paid in all than has come in: `cover` is left.
    error AboveCover(uint256 total, uint256 cover);
    /// @notice Another root stands for this `seq`.
    error RootConflict(uint256 seq, bytes32 standing, bytes32 given);
    /// @notice The batch neither pays nor publishes anything.
    error NothingToDo();
    /// @notice No root stands.
    error NoRoot();
    /// @notice The proof does not lead to the standing root.
    error BadProof();
    /// @notice The account has had all that the leaf grants.
    error NothingDue(address account);
    /// @notice Too little gas is left to give a recipient its 30,000.
    error TooLittleGas(uint256 left, uint256 needed);
    /// @notice Only the account itself (for `address(0)` the company's address) may withdraw what it is owed.
    error NotAccountHolder(address account, address caller);
    /// @notice Nothing is owed to the account.
    error NothingOwed(address account);
    /// @notice Money cannot be withdrawn to this address.
    error BadRecipient(address to);
    /// @notice `to` did not take the money.
    error TransferFailed(address to, uint256 amount);
    /// @notice A directive's data is at most `MAX_DIRECTIVE_DATA` bytes.
    error DirectiveTooLong(uint256 length);
    /// @notice `PLAN` carries one non-zero word, `WIND_UP` nothing; neither carries value.
    error BadDirective(bytes32 kind);
    /// @notice A signer is accepted with its own signature, never just granted.
    error SignerNotGrantable(bytes32 role);

    // -------------------------------------------------------------------------------------- payments by participants

    /// @notice Join the programme. Sent by `payload.user` with `payload.amount` as value.
    /// @param payload The payload.
    /// @param signature 65 bytes, EIP-712, of an intake signer.
    function register(Registration calldata payload, bytes calldata signature) external payable;

    /// @notice Pay a retopup. Sent by `payload.user` with `payload.amount` as value.
    /// @param payload The payload.
    /// @param signature 65 bytes, EIP-712, of an intake signer.
    function retopup(Retopup calldata payload, bytes calldata signature) external payable;

    // ----------------------------------------------------------------------------------------------------- payouts

    /// @notice Pay every item's account the difference between its cumulative amount and what it has had; publish the
    /// root if it is its turn. Items of frozen accounts and items that owe nothing more are skipped. Executor only.
    /// @param batch The payload.
    /// @param signature 65 bytes, EIP-712, of a payout signer.
    function executeBatchPayouts(PayoutBatch calldata batch, bytes calldata signature) external;

    /// @notice Push to `account` what the standing root grants it. Anyone may send this.
    /// @param account The account (`address(0)`: the company).
    /// @param cumulative What it has earned in all, as the leaf says.
    /// @param proof Merkle proof of `keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))))`.
    function claim(address account, uint256 cumulative, bytes32[] calldata proof) external;

    /// @notice Withdraw all that is owed to `account`, with all gas. Works in a pause. Only by the account itself.
    /// @param account The account (`address(0)`: the company, by `company()`).
    /// @param to Where the money goes.
    function withdrawOwed(address account, address to) external;

    // --------------------------------------------------------------------------------------------------- decisions

    /// @notice Record a decision. `PLAN` and `WIND_UP` are the admin's and carry no value; every other kind is the
    /// programme's, and what it means is the plan's affair. Works in a pause.
    /// @param kind Left-aligned ASCII.
    /// @param data `abi.encode` of the kind's arguments, at most `MAX_DIRECTIVE_DATA` bytes.
    function directive(bytes32 kind, bytes calldata data) external payable;

    /// @notice Stop register, retopup, batches and claims for `PAUSE_PERIOD` from now. Guardian only.
    function pause() external;

    /// @notice End a pause. Admin or recovery.
    function unpause() external;

    /// @notice Stop payments to and from `account`; it goes on earning. Guardian only.
    /// @param account Any address but the company's `address(0)`.
    function freeze(address account) external;

    /// @notice Let payments to and from `account` flow again. Admin or recovery.
    /// @param account A frozen account.
    function unfreeze(address account) external;

    /// @notice Send the company's money to another address from now on. Admin only.
    /// @param company_ The new address.
    function setCompany(address company_) external;

    // ------------------------------------------------------------------------------------------------------- views

    /// @notice Head of the history after `n`; 0 beyond its end.
    /// @param n A `seq`.
    /// @return The head.
    function heads(uint256 n) external view returns (bytes32);

    /// @notice Number of the latest entry of the history (0 is the genesis).
    function seq() external view returns (uint64);

    /// @notice Hash of the plan in force; 0 when the programme is wound up.
    function plan() external view returns (bytes32);

    /// @notice Last head of the contract that this one follows, or 0.
    function predecessor() external view returns (bytes32);

    /// @notice The standing root, or 0.
    function root() external view returns (bytes32);

    /// @notice The `seq` that the standing root is over (0 when none stands).
    function rootSeq() external view returns (uint64);

    /// @notice Block time at which the standing root was published (0 when none stands).
    function rootTime() external view returns (uint32);

    /// @notice All that has come in by register, retopup and directive.
    function totalIn() external view returns (uint96);

    /// @notice All that was ever sent by batch and claim or made owed; never above `totalIn`.
    function totalPaid() external view returns (uint96);

    /// @notice All that is owed at present.
    function totalOwed() external view returns (uint96);

    /// @notice Number of the latest batch, claim or withdrawal (0: none yet; the first is 1).
    function out() external view returns (uint64);

    /// @notice Ether forced into the contract: balance − (totalIn − totalPaid + totalOwed). Never spent.
    function excess() external view returns (uint256);

    /// @notice Where the company's money goes.
    function company() external view returns (address);

    /// @notice Whether the contract is paused at this block's time.
    function paused() external view returns (bool);

    /// @notice Block time at which the last pause ends or ended (0: never paused, or unpaused).
    function pausedUntil() external view returns (uint64);

    /// @notice What is kept about one account.
    /// @param account The account (`address(0)`: the company).
    function accounts(address account) external view returns (Account memory);

    /// @notice What is kept about many accounts, in the order asked.
    /// @param list The accounts.
    function getAccounts(address[] calldata list) external view returns (Account[] memory);

    /// @notice EIP-712 domain separator; the domain itself is `eip712Domain()`.
    function domainSeparator() external view returns (bytes32);
}

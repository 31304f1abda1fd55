// The end: p2 is unfrozen, everybody is paid, and three sources are held against each other for every single person.

import { ZeroAddress } from "ethers";
import { Problem } from "../api.js";
import { bnb, booked, operator, p, paidOnChain, registered } from "../cast.js";
import { holdings } from "../books.js";
import { simulate } from "../history.js";
import { contractWallet } from "./proofs.js";
import { chapter, expect, expectQuietly, tell } from "../tell.js";
import { role, until } from "../world.js";

/** Pays until nothing is payable. p2 is frozen, so she is left out. */
export async function everybodyIsPaid(): Promise<void> {
  chapter("Everybody is paid; the frozen participant is not, until she is unfrozen");
  const before = await paidOnChain(p(2).address);
  await payAll();
  expect("p2, frozen, was paid", bnb((await paidOnChain(p(2).address)) - before), "0 BNB");
  const accrued = BigInt((await p(2).profile()).balances.payable);
  const call = await operator.freeze(p(2).address, "unfreeze", "wallet recovered");
  await (await role("admin").sendTransaction({ to: call.to, data: call.data })).wait();
  await until("the books to know that p2 is not frozen", async () => (await p(2).profile()).user.status === "active");
  await payAll();
  expect("p2, unfrozen, was paid", bnb((await paidOnChain(p(2).address)) - before), bnb(accrued));
}

async function payAll(): Promise<void> {
  for (;;) {
    try {
      const batch = await operator.pay();
      tell(`batch ${batch.number} paid ${bnb(batch.total)} to ${batch.count} accounts`);
    } catch (error) {
      if (error instanceof Problem && error.type === "batch-refused") return;
      throw error;
    }
  }
}

/** For every account: what the simulation says, what the ledger says, what the contract has paid. */
export async function compareEverybody(): Promise<void> {
  chapter("Everybody: the simulation, the ledger, and what the contract has paid");
  const seq = await booked();
  const simulated = await simulate(seq);
  const books = await holdings(seq);
  const contract = await contractWallet();
  const accounts = [ZeroAddress, ...registered.map((person) => person.address), ...(contract === undefined ? [] : [contract])];
  let same = 0;
  for (const account of accounts) {
    const sim = simulated.get(account === ZeroAddress ? "company" : account)?.payable ?? 0n;
    const book = books.get(account.toLowerCase())?.earned ?? -1n;
    const chain = await paidOnChain(account);
    expectQuietly(`${account}: ledger against simulation`, bnb(book), bnb(sim));
    expectQuietly(`${account}: paid on chain against simulation`, bnb(chain), bnb(sim));
    if (sim === book && sim === chain) same += 1;
  }
  expect(`accounts of ${accounts.length} whose simulation, ledger and chain agree to the wei`, same, accounts.length);
}

/** The last word. */
export async function reconcile(): Promise<void> {
  chapter("Reconciliation");
  const run = await operator.reconcile();
  const treasury = await operator.treasury();
  tell(`block ${run.block}: the contract holds ${bnb(treasury.contract.balance)}; the ledger says ${bnb(treasury.ledger.funds)}`);
  tell(`of it reserved ${bnb(treasury.ledger.reserved)}, payable ${bnb(treasury.ledger.payable)}, owed ${bnb(treasury.ledger.owed)}, excess ${treasury.ledger.excess} wei`);
  expect("differences", run.differences.length, 0);
  expect("difference between chain and ledger, in wei", treasury.difference, "0");
}

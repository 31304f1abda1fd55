// The worked example of the plan: fifteen people, the first board, and the first payday.

import { ZeroAddress, parseEther } from "ethers";
import { bnb, booked, example, memory, operator, p, paidOnChain, registered } from "../cast.js";
import { holdings } from "../books.js";
import { type Holding, simulate } from "../history.js";
import { chapter, expect, table, tell } from "../tell.js";
import { provider, refusal, role, settlement } from "../world.js";

/** p1 joins under the company, p2 … p15 join under p1; everything through the API, paid from their own wallets. */
export async function fifteenRegister(): Promise<void> {
  chapter("Fifteen people register (the plan's worked example)");
  const first = await p(1).register("company");
  tell(`p1 signs in with her wallet, gets a signed payload, and pays ${bnb(first.amount)} into the contract`);
  await booked();
  registered.push(p(1));
  const prepared = await Promise.all(example.slice(1).map((person) => person.prepareRegistration(p(1).address)));
  const quote = prepared[0]?.quote;
  tell(`p2 … p15 ask to join under p1; each is quoted the seat that is free now: tree ${quote?.tree}, index ${quote?.index} (a quote, no promise)`);
  for (const [i, payload] of prepared.entries()) await p(i + 2).send(payload.call);
  registered.push(...example.slice(1));
  const seq = await booked();
  expect("entries in the contract's history", seq, 15);
  const profile = await p(1).profile();
  expect("p1's first board is full; she may now be paid", bnb(profile.balances.payable), "45.6 BNB");
}

/** One batch pays all that is due; then the same batch is sent once more. */
export async function firstPayday(): Promise<void> {
  chapter("Payday: one signed batch pays everybody's total");
  const before = await provider.getBalance(p(1).address);
  const batch = await operator.pay({ publishRoot: true });
  tell(`batch ${batch.number} paid ${bnb(batch.total)} to ${batch.count} accounts and published the root of all entitlements`);
  const after = await provider.getBalance(p(1).address);
  expect("p1's wallet received", bnb(after - before), "45.6 BNB");
  for (const person of example) memory.examplePaid.set(person.address, await paidOnChain(person.address));
  memory.examplePaid.set(ZeroAddress, await paidOnChain(ZeroAddress));
  await sendAgain(batch.txHash ?? "");
}

/** The executor sends the very same calldata again: it must revert and move nothing. */
async function sendAgain(txHash: string): Promise<void> {
  const sent = await provider.getTransaction(txHash);
  if (sent === null) throw new Error(`the batch's transaction ${txHash} is not on the chain`);
  const paidBefore = (await settlement.getFunction("totalPaid")()) as bigint;
  const again = { to: sent.to, data: sent.data, from: role("executor").address };
  expect("the same batch again: the contract says", await refusal(provider.call(again)), "NothingToDo");
  const forced = await role("executor").sendTransaction({ to: sent.to, data: sent.data, gasLimit: 2_000_000 });
  await provider.waitForTransaction(forced.hash);
  const receipt = await provider.getTransactionReceipt(forced.hash);
  expect("sent all the same, its receipt's status is", receipt?.status, 0);
  const paidAfter = (await settlement.getFunction("totalPaid")()) as bigint;
  expect("it paid nobody; the contract's total paid grew by", bnb(paidAfter - paidBefore), "0 BNB");
}

/** What plans.md says of each of them, in BNB: payable and reserved. */
const WANTED: [name: string, who: number[], payable: string, reserved: string][] = [
  ["p1", [1], "45.6", "0"],
  ["p2, p3", [2, 3], "9", "27"],
  ["p4 … p7", [4, 5, 6, 7], "9", "9"],
  ["p8 … p15", [8, 9, 10, 11, 12, 13, 14, 15], "0", "0"],
  ["company", [], "110.4", "0"],
];

const NOTHING: Holding = { payable: 0n, reserved: 0n };

/** The worked example's numbers beside what three independent sources say of the first fifteen events. */
export async function compareExample(): Promise<void> {
  chapter("The worked example: the plan's numbers, the simulation, the ledger, the wallets on chain");
  const simulated = await simulate(15);
  const books = await holdings(15);
  const rows: string[][] = [];
  for (const [name, numbers, payable, reserved] of WANTED) {
    const wallets = numbers.length === 0 ? [ZeroAddress] : numbers.map((number) => p(number).address);
    for (const wallet of wallets) {
      const sim = simulated.get(wallet === ZeroAddress ? "company" : wallet) ?? NOTHING;
      const book = books.get(wallet.toLowerCase());
      const chain = memory.examplePaid.get(wallet) ?? 0n;
      const line = [bnb(sim.payable), bnb(book?.earned ?? -1n), bnb(chain), bnb(sim.reserved), bnb(book?.reserved ?? -1n)];
      const wanted = [payable, payable, payable, reserved, reserved].map((amount) => bnb(parseEther(amount)));
      if (wallet === wallets[0]) rows.push([name, bnb(parseEther(payable)), ...line.slice(0, 3), bnb(parseEther(reserved)), ...line.slice(3)]);
      expectLine(wallet, line, wanted);
    }
  }
  table(["", "plan: payable", "simulate", "ledger", "paid on chain", "plan: reserved", "simulate", "ledger"], rows);
  expect("rows of the worked example that agree everywhere", agreeing, 16);
}

let agreeing = 0;

function expectLine(wallet: string, line: string[], wanted: string[]): void {
  if (line.join() === wanted.join()) agreeing += 1;
  else tell(`✘ ${wallet}: expected ${wanted.join(", ")}; got ${line.join(", ")}`);
}

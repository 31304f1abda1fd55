// What protects the money when something goes wrong: a claim by proof, a forged row, forced ether.

import { ZeroAddress, parseEther } from "ethers";
import { Problem } from "../api.js";
import { bnb, booked, memory, newPerson, operator, p, paidOnChain, registered } from "../cast.js";
import { type RewardRow, bookedBlock, sql, sqlWithoutTriggers } from "../books.js";
import { chapter, expect, tell } from "../tell.js";
import { deploy, provider, role, settlement, until } from "../world.js";

/** A batch pays only the company, but publishes everybody's root: p1 fetches her own money with a proof. */
export async function claimByProof(): Promise<void> {
  chapter("A participant claims by proof what no batch has paid");
  const batch = await operator.pay({ accounts: [ZeroAddress], publishRoot: true });
  tell(`batch ${batch.number} paid the company alone, and published the root after seq ${batch.seq}`);
  expect("the contract's standing root is", await settlement.getFunction("root")(), batch.root);
  const proof = await p(1).proof();
  const due = BigInt(proof.cumulative) - (await paidOnChain(p(1).address));
  const before = await provider.getBalance(p(1).address);
  const receipt = await p(1).send(proof.call);
  const gain = (await provider.getBalance(p(1).address)) - before + receipt.fee;
  expect(`p1 claims with a proof of ${proof.proof.length} hashes; she received`, bnb(gain), bnb(due));
  await until("the claim to be booked", async () => (await bookedBlock()) >= receipt.blockNumber);
}

/** Somebody with the database's password makes a reward, and the balance that follows from it, 1,000 BNB larger. */
export async function forgedReward(): Promise<void> {
  chapter("A reward row is inflated by raw SQL");
  const friend = newPerson("p4's friend");
  await friend.register(p(4).address);
  registered.push(friend);
  await booked();
  const [row] = await sql<RewardRow>(
    `SELECT r.id::text, r.user_id::text, r.amount::text
     FROM rewards r JOIN users u ON u.id = r.user_id
     WHERE u.wallet_address = $1 AND r.state = 'payable' ORDER BY r.id DESC LIMIT 1`,
    [p(4).address.toLowerCase()],
  );
  if (row === undefined) throw new Error("expected p4 to have a payable reward: a friend has just joined");
  await inflate(row, 1_000);
  const amount = parseEther(row.amount);
  tell(`reward ${row.id}: ${bnb(amount)} becomes ${bnb(amount + parseEther("1000"))}, and the balance with it`);
  const batch = await operator.build();
  expect("the signer, asked to sign that batch, says", await signersAnswer(batch.id), "signer-refused");
  const found = await operator.reconcile();
  const named = found.differences.filter((d) => JSON.stringify(d.evidence).includes(row.id));
  expect("differences in which reconciliation names the row", named.length > 0, true);
  tell(`reconciliation: ${named[0]?.kind}: expected ${named[0]?.expected}, found ${named[0]?.found}; batches are stopped: ${found.stopsBatches}`);
  await inflate(row, -1_000);
  const mended = await operator.reconcile();
  expect("after the row is mended, differences", mended.differences.length, 0);
}

/** Moves a reward and the balance that follows from it, as only the server's superuser can: triggers are switched off. */
async function inflate(row: RewardRow, by: number): Promise<void> {
  await sqlWithoutTriggers([
    ["UPDATE rewards SET amount = amount + $2, cumulative = cumulative + $2 WHERE id = $1", [row.id, by]],
    ["UPDATE accounts SET balance = balance + $2 WHERE kind = 'payable' AND owner = $1", [row.user_id, by]],
  ]);
}

async function signersAnswer(batchId: string): Promise<string> {
  try {
    await operator.sign(await operator.batch(batchId));
    return "signed";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tell(`the signer: ${error.errors.map((e) => `${e.field}: ${e.detail}`).join("; ")}`);
    return error.type;
  }
}

/** One wei comes in by no decision of anybody. */
export async function oneWeiIsForcedIn(): Promise<void> {
  chapter("One wei is forced into the contract");
  const force = await deploy("ForceEther", role("admin"), [settlement.target], 1n);
  const block = await provider.getBlockNumber();
  tell(`a contract (${String(force.target)}) destroyed itself and left 1 wei to the settlement contract`);
  await until("that block to be final and booked", async () => (await bookedBlock()) >= block);
  const found = await operator.reconcile();
  expect("excess that reconciliation found, in wei", found.figures.chain.excess, "1");
  expect("all that differs", found.differences.map((d) => d.kind).join(), "excess");
  expect("it stops batches", found.stopsBatches, false);
  expect("it is booked as excess; differences now", (await operator.reconcile()).differences.length, 0);
}

/** The contract wallet takes part in the final comparison too. */
export async function contractWallet(): Promise<string | undefined> {
  return memory.recipient?.getAddress();
}

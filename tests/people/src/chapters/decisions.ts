// What the operators decide: prepared by the API, sent by the programme's wallet, and booked as it was foreseen.

import { parseEther } from "ethers";
import { Problem, type PreparedDecision, get } from "../api.js";
import { bnb, booked, operator, p } from "../cast.js";
import { sql } from "../books.js";
import { chapter, expect, tell } from "../tell.js";
import { role } from "../world.js";

/** A seat by hand, the same seat once more, and a gift. */
export async function theOperatorsDecide(): Promise<void> {
  chapter("The operators decide: a seat by hand, and a gift");
  const { next } = await get<{ next: { tree: number; index: number } }>("/pool/1/queue");
  const index = next.index + 3;
  const seat = await operator.place(p(3).address, 1, next.tree, index);
  tell(`prepared on the state after seq ${seat.simulatedAt.seq}: ${seat.decision.says}`);
  tell(`it would bring ${bnb(seat.effect.reserved)} into reserves, ${bnb(seat.effect.payable)} to participants, ${bnb(seat.effect.company)} to the company`);
  await take(seat);
  expect("the same seat again is", await refused(operator.place(p(3).address, 1, next.tree, index)), "seat-taken");
  const gift = await operator.grant(p(5).address, String(parseEther("3.5")), "for carrying water all through August");
  await take(gift);
}

/** The programme's wallet sends the transaction as it is. */
async function take(prepared: PreparedDecision): Promise<void> {
  const [transaction] = prepared.transactions;
  if (transaction === undefined) throw new Error("expected a transaction to send");
  const { to, data, value } = transaction.call;
  await (await role("programme").sendTransaction({ to, data, value: BigInt(value) })).wait();
  const seq = await booked();
  const rows = await sql<{ type: string; user_id: string; amount: string }>(
    "SELECT type::text, user_id::text, amount::text FROM rewards WHERE seq = $1 ORDER BY id",
    [seq],
  );
  const came = rows.map((row) => `${row.type} ${row.user_id} ${parseEther(row.amount)}`);
  const foreseen = prepared.effect.rewards.map((reward) => `${reward.type} ${reward.user.id} ${reward.amount}`);
  expect(`${prepared.decision.kind} at seq ${seq} brought what was foreseen`, came.join(", "), foreseen.join(", "));
}

async function refused(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "prepared";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.type;
  }
}

// Everybody who appears in the story, and what is remembered of them from chapter to chapter.

import { type Contract, formatEther } from "ethers";
import { bookedSeq } from "./books.js";
import { Operator } from "./operator.js";
import { Person } from "./person.js";
import { Random } from "./random.js";
import { personWallet, role, settlement, story, until } from "./world.js";

let hired = 0;

/** A new person with a funded wallet of her own. */
export function newPerson(name: string): Person {
  const person = new Person(name, personWallet(hired));
  hired += 1;
  return person;
}

/** p1 … p15 of the plan's worked example. */
export const example: Person[] = Array.from({ length: 15 }, (_, i) => newPerson(`p${i + 1}`));

/** One of the fifteen, by the number in the name. */
export function p(number: number): Person {
  const person = example[number - 1];
  if (person === undefined) throw new Error(`there is no p${number}`);
  return person;
}

/** All who are registered and known to the books, in the order in which they came. */
export const registered: Person[] = [];

export const operator = new Operator(role("operator"));
export const random = new Random(story.seed);

/** What later chapters need of earlier ones. */
export const memory: { recipient?: Contract; examplePaid: Map<string, bigint> } = { examplePaid: new Map() };

/** BNB with its unit, for people. */
export function bnb(wei: bigint | string): string {
  return `${formatEther(wei).replace(/\.0$/, "")} BNB`;
}

/** Waits until the listener has booked everything that the contract has accepted so far. Returns that seq. */
export async function booked(): Promise<number> {
  const seq = Number(await settlement.getFunction("seq")());
  await until(`the books to reach seq ${seq}`, async () => (await bookedSeq()) >= seq);
  return seq;
}

/** What the contract has ever paid, or made owed, to an account. */
export async function paidOnChain(account: string): Promise<bigint> {
  const { paid } = (await settlement.getFunction("accounts")(account)) as { paid: bigint };
  return paid;
}

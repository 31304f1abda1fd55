// The contract's history as the interchange format of `banyan simulate`, and what the simulation says of it. The events
// come from the chain alone, so the simulation is a second opinion on what the ledger holds.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AbiCoder, type EventLog, type Result, ZeroAddress, decodeBytes32String } from "ethers";
import { settlement, story } from "./world.js";

interface PlanEvent {
  id: string;
  at: string;
  type: string;
  user: string;
  sponsor?: string;
  amount: string;
  level?: number;
  tree?: number;
  index?: number;
  reason?: string;
}

/** What somebody has, in wei. */
export interface Holding {
  payable: bigint;
  reserved: bigint;
}

/** Every registration, retopup, seat by hand and grant of the contract up to `seq`, in the order of its history. */
export async function planEvents(seq: number): Promise<PlanEvent[]> {
  const names = ["RegistrationAccepted", "RetopupCompleted", "Directive"];
  const logs = await Promise.all(names.map((name) => settlement.queryFilter(name, story.startBlock)));
  const events = (logs.flat() as EventLog[]).map((log) => ({ name: log.eventName, args: log.args }));
  return events
    .filter(({ args }) => Number(args["seq"]) > 0 && Number(args["seq"]) <= seq)
    .sort((a, b) => Number(a.args["seq"]) - Number(b.args["seq"]))
    .map(({ name, args }) => ({
      id: `seq-${args["seq"]}`,
      at: new Date(Number(args["time"]) * 1000).toISOString().replace(".000Z", "Z"),
      ...(name === "Directive" ? decided(args) : paid(name, args)),
      amount: String(args["amount"]),
    }));
}

function paid(name: string, args: Result): { type: string; user: string; sponsor?: string } {
  const user = String(args["user"]);
  if (name === "RetopupCompleted") return { type: "retopup", user };
  return { type: "registered", user, sponsor: sponsorName(String(args["sponsor"])) };
}

/** A directive of the programme Safe. */
function decided(args: Result): Omit<PlanEvent, "id" | "at" | "amount"> {
  const kind = decodeBytes32String(String(args["kind"]));
  const coder = AbiCoder.defaultAbiCoder();
  if (kind === "PLACE") {
    const [user, level, tree, index] = coder.decode(["address", "uint256", "uint256", "uint256"], String(args["data"]));
    return { type: "place", user: String(user), level: Number(level), tree: Number(tree), index: Number(index) };
  }
  const [user, reason] = coder.decode(["address", "string"], String(args["data"]));
  return { type: "grant", user: String(user), reason: String(reason) };
}

function sponsorName(address: string): string {
  return address === ZeroAddress ? "company" : address;
}

interface Line {
  record: string;
  to?: string;
  user?: string;
  amount?: string;
  state?: string;
  spent?: string;
  released?: string;
}

/** Runs `banyan simulate` over the history up to `seq`, and adds up what it prints. */
export async function simulate(seq: number): Promise<Map<string, Holding>> {
  const file = join(story.workDir, `events-${seq}.jsonl`);
  writeFileSync(file, (await planEvents(seq)).map((event) => JSON.stringify(event)).join("\n") + "\n");
  const output = execFileSync(story.banyan, ["simulate", "--plan", story.planFile, "--events", file], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const holdings = new Map<string, Holding>();
  for (const text of output.split("\n")) {
    if (text !== "") add(holdings, JSON.parse(text) as Line);
  }
  return holdings;
}

function add(holdings: Map<string, Holding>, line: Line): void {
  const who = line.to ?? line.user;
  if (who === undefined) return;
  const holding = holdings.get(who) ?? { payable: 0n, reserved: 0n };
  holdings.set(who, holding);
  if (line.record === "reward") {
    holding[line.state === "reserved" ? "reserved" : "payable"] += BigInt(line.amount ?? 0);
  } else if (line.record === "reserve") {
    holding.reserved -= BigInt(line.spent ?? 0) + BigInt(line.released ?? 0);
    holding.payable += BigInt(line.released ?? 0);
  }
}

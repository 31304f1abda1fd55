// The HTTP API as a dApp calls it: JSON over fetch, an idempotency key on every POST, RFC 9457 errors as exceptions.

import { randomUUID } from "node:crypto";
import { story } from "./world.js";

/** An answer that the API refused, as RFC 9457 says it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly detail: string,
    readonly errors: { field: string; detail: string }[],
  ) {
    super(`${status} ${type}: ${detail} ${errors.map((e) => `[${e.field}: ${e.detail}]`).join(" ")}`);
  }
}

interface ProblemBody {
  type?: string;
  detail?: string;
  errors?: { field: string; detail: string }[];
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  if (response.ok) return body as T;
  const problem = (body ?? {}) as ProblemBody;
  const type = (problem.type ?? "").split("/").pop() ?? "";
  throw new Problem(response.status, type, problem.detail ?? text, problem.errors ?? []);
}

function headers(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Reads. */
export async function get<T>(path: string, token?: string): Promise<T> {
  return answer<T>(await fetch(`${story.apiUrl}${path}`, { headers: headers(token) }));
}

/** Acts; each call has an idempotency key of its own. */
export async function post<T>(path: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(`${story.apiUrl}${path}`, {
    method: "POST",
    headers: { ...headers(token), "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify(body),
  });
  return answer<T>(response);
}

/** Signs in with a wallet: the server's EIP-4361 message, signed as it is. Returns the access token. */
export async function signIn(wallet: string, sign: (message: string) => Promise<string>): Promise<string> {
  const { nonce, message } = await post<{ nonce: string; message: string }>("/auth/nonce", { wallet });
  const signature = await sign(message);
  const session = await post<{ accessToken: string }>("/auth/wallet", { wallet, signature, nonce });
  return session.accessToken;
}

/** A transaction as the API hands it out, to be sent as it is. */
export interface Call {
  to: string;
  data: string;
  value: string;
  chainId: number;
}

/** What `register` and `retopup` answer. */
export interface Prepared {
  transactionId: string;
  typedData: { message: Record<string, string> };
  signature: string;
  expiresAt: string;
  amount: string;
  quote?: { level: number; tree: number; index: number; parent: number | null } | null;
  call: Call;
}

/** A participant's balances, in wei. */
export interface Balances {
  payable: string;
  inBatch: string;
  reserved: string;
  owed: string;
  paid: string;
  entitlement: string;
}

/** What `users/me` answers. */
export interface Profile {
  user: { id: number | null; wallet: string; status: string | null; participant: boolean };
  balances: Balances;
  finality: { block: number; seq: number };
}

/** A Merkle proof against the standing root. */
export interface Proof {
  account: string;
  cumulative: string;
  root: string;
  seq: number;
  proof: string[];
  claimable: string;
  call: Call;
}

/** A payout batch. */
export interface Batch {
  id: string;
  number: number;
  state: string;
  seq: number;
  root: string | null;
  total: string;
  count: number;
  txHash: string | null;
  reason: string | null;
  items: { account: string; cumulative: string; amount: string }[];
}

/** One comparison of chain and books. */
export interface Reconciliation {
  id: string;
  block: number;
  balanced: boolean;
  stopsBatches: boolean;
  figures: { chain: { excess: string } };
  differences: {
    kind: string;
    stopsBatches: boolean;
    wallet: string | null;
    expected: string;
    found: string;
    evidence: unknown;
  }[];
}

/** The treasury's two sides. */
export interface Treasury {
  contract: Record<"balance" | "totalIn" | "totalPaid" | "totalOwed" | "excess", string> & { block: number };
  ledger: Record<"funds" | "payable" | "reserved" | "inBatch" | "owed" | "suspense" | "excess", string>;
  difference: string;
  balanced: boolean;
}

/** A decision that was prepared: the transactions that take it, and what it would do. */
export interface PreparedDecision {
  decision: { kind: string; says: string };
  transactions: { step: string; from: string | null; call: Call }[];
  effect: {
    seq: number;
    company: string;
    payable: string;
    reserved: string;
    rewards: { type: string; user: { id: number }; amount: string; state: string }[];
  };
  warnings: string[];
  simulatedAt: { seq: number; head: string };
}

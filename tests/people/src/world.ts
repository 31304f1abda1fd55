// Where the story takes place: the chain, the contract, the wallets and the keys, as the demo's set-up laid them out.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Contract,
  ContractFactory,
  HDNodeWallet,
  type InterfaceAbi,
  JsonRpcProvider,
  Mnemonic,
  Network,
  Wallet,
} from "ethers";

interface Story {
  seed: number;
  people: number;
  stay: boolean;
  rpcUrl: string;
  chainId: number;
  contract: string;
  abiDir: string;
  startBlock: number;
  apiUrl: string;
  databaseUrl: string;
  banyan: string;
  configFile: string;
  planFile: string;
  workDir: string;
  mnemonic: string;
  firstPerson: number;
  keys: Record<"admin" | "recovery" | "programme" | "guardian" | "executor" | "company" | "operator", string>;
}

interface Artifact {
  abi: InterfaceAbi;
  bytecode: string;
}

const path = process.env["BANYAN_STORY"];
if (path === undefined) throw new Error("BANYAN_STORY is not set: it names the story.json that `cargo xtask demo` writes");

/** What the set-up says. */
export const story = JSON.parse(readFileSync(path, "utf8")) as Story;

/** The local chain. It is ours alone, so answers are never cached. */
export const provider = new JsonRpcProvider(story.rpcUrl, story.chainId, {
  staticNetwork: Network.from(story.chainId),
  cacheTimeout: -1,
  pollingInterval: 100,
});

function artifact(name: string): Artifact {
  return JSON.parse(readFileSync(join(story.abiDir, `${name}.json`), "utf8")) as Artifact;
}

/** The settlement contract, for reading; `.connect(wallet)` to send. */
export const settlement = new Contract(story.contract, artifact("BanyanSettlement").abi, provider);

/** A wallet of an operator's role. */
export function role(name: keyof Story["keys"]): Wallet {
  return new Wallet(story.keys[name], provider);
}

const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(story.mnemonic), "m/44'/60'/0'/0");

/** The wallet of the i-th person; each has 10,000 BNB to spend. */
export function personWallet(i: number): Wallet {
  return new Wallet(root.deriveChild(story.firstPerson + i).privateKey, provider);
}

/** Puts a test contract on the chain. */
export async function deploy(name: string, by: Wallet, args: unknown[], value = 0n): Promise<Contract> {
  const { abi, bytecode } = artifact(name);
  const deployed = await new ContractFactory(abi, bytecode, by).deploy(...args, { value });
  await deployed.waitForDeployment();
  return new Contract(await deployed.getAddress(), abi, by);
}

/** Lets block time pass, for deadlines and for the age of roots; the clock on the wall is not concerned. */
export async function letTimePass(seconds: number): Promise<void> {
  await provider.send("evm_increaseTime", [seconds]);
  await provider.send("evm_mine", []);
}

/** The name of the error with which the contract refuses this call, or "accepted". */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    return revertName(error);
  }
}

function revertName(error: unknown): string {
  const data = (error as { data?: string; info?: { error?: { data?: string } } }).data
    ?? (error as { info?: { error?: { data?: string } } }).info?.error?.data;
  if (typeof data === "string" && data.length >= 10) {
    return settlement.interface.parseError(data)?.name ?? data;
  }
  throw error;
}

/** Waits until `done` answers true; gives up with a clear error. */
export async function until(what: string, done: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

// A person with a wallet: signs in, registers, retopups, claims, through the API and with ethers.

import { type TransactionReceipt, type Wallet } from "ethers";
import { type Call, type Prepared, type Profile, type Proof, get, post, signIn } from "./api.js";

/** A participant, or somebody who wants to become one. */
export class Person {
  private token: string | undefined;

  constructor(
    readonly name: string,
    readonly wallet: Wallet,
  ) {}

  get address(): string {
    return this.wallet.address;
  }

  /** The access token; signs in when there is none yet. */
  async session(): Promise<string> {
    this.token ??= await signIn(this.address, (message) => this.wallet.signMessage(message));
    return this.token;
  }

  /** Asks for the payload of a registration under `sponsor`. Nothing is on chain yet. */
  async prepareRegistration(sponsor: string): Promise<Prepared> {
    return post<Prepared>("/users/register", { sponsor }, await this.session());
  }

  async prepareRetopup(): Promise<Prepared> {
    return post<Prepared>("/users/me/retopup", {}, await this.session());
  }

  /** Sends a transaction as the API gave it, and waits until it is mined. */
  async send(call: Call): Promise<TransactionReceipt> {
    const sent = await this.wallet.sendTransaction({ to: call.to, data: call.data, value: BigInt(call.value) });
    const receipt = await sent.wait();
    if (receipt === null) throw new Error(`${this.name}'s transaction ${sent.hash} has no receipt`);
    return receipt;
  }

  /** Registers under `sponsor`, paying from the wallet. */
  async register(sponsor: string): Promise<Prepared> {
    const prepared = await this.prepareRegistration(sponsor);
    await this.sendAndConfirm(prepared);
    return prepared;
  }

  async retopup(): Promise<void> {
    await this.sendAndConfirm(await this.prepareRetopup());
  }

  private async sendAndConfirm(prepared: Prepared): Promise<void> {
    const receipt = await this.send(prepared.call);
    const { transactionId } = prepared;
    await post("/users/register/confirm", { transactionId, txHash: receipt.hash }, await this.session());
  }

  async profile(): Promise<Profile> {
    return get<Profile>("/users/me", await this.session());
  }

  async proof(): Promise<Proof> {
    return get<Proof>("/users/me/proof", await this.session());
  }
}

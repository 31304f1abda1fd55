// The treasury operator: builds, signs and submits batches, freezes, and reads reconciliation.

import { type Wallet } from "ethers";
import { type Batch, type Call, type PreparedDecision, type Reconciliation, type Treasury, get, post, signIn } from "./api.js";
import { until } from "./world.js";

/** The person at the treasury's desk. */
export class Operator {
  private token: string | undefined;

  constructor(private readonly wallet: Wallet) {}

  private async session(): Promise<string> {
    this.token ??= await signIn(this.wallet.address, (message) => this.wallet.signMessage(message));
    return this.token;
  }

  async build(filter: Record<string, unknown> = {}): Promise<Batch> {
    return post<Batch>("/payouts/build-batch", filter, await this.session());
  }

  async sign(batch: Batch): Promise<Batch> {
    return post<Batch>(`/payouts/${batch.id}/sign`, {}, await this.session());
  }

  async submit(batch: Batch): Promise<Batch> {
    return post<Batch>(`/payouts/${batch.id}/submit`, {}, await this.session());
  }

  async batch(id: string): Promise<Batch> {
    return get<Batch>(`/payouts/${id}`, await this.session());
  }

  /** Builds, signs, submits, and waits until the contract's events have settled it. */
  async pay(filter: Record<string, unknown> = {}): Promise<Batch> {
    const batch = await this.build(filter);
    await this.submit(await this.sign(batch));
    return this.settled(batch);
  }

  async settled(batch: Batch): Promise<Batch> {
    let now = await this.batch(batch.id);
    await until(`batch ${batch.number} to settle (it is ${now.state})`, async () => {
      now = await this.batch(batch.id);
      if (["expired", "abandoned"].includes(now.state)) {
        throw new Error(`batch ${now.number} is ${now.state}: ${now.reason ?? "no reason given"}`);
      }
      return now.state === "settled";
    });
    return now;
  }

  async freeze(wallet: string, verb: "freeze" | "unfreeze", reason: string): Promise<Call> {
    const path = `/admin/users/${wallet}/${verb}`;
    return (await post<{ call: Call }>(path, { reason }, await this.session())).call;
  }

  /** Has a seat by hand prepared for the programme Safe. */
  async place(user: string, level: number, tree: number, index: number): Promise<PreparedDecision> {
    return post<PreparedDecision>("/pool/manual-placement", { user, level, tree, index }, await this.session());
  }

  /** Has a gift prepared for the programme Safe. */
  async grant(user: string, amount: string, reason: string): Promise<PreparedDecision> {
    return post<PreparedDecision>("/admin/directives", { kind: "GRANT", user, amount, reason }, await this.session());
  }

  async reconcile(): Promise<Reconciliation> {
    return post<Reconciliation>("/monitoring/reconciliation", {}, await this.session());
  }

  async treasury(): Promise<Treasury> {
    return get<Treasury>("/treasury/summary", await this.session());
  }
}

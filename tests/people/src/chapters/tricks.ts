// People who try what they should not, and a recipient that does not take its money.

import { type Contract } from "ethers";
import { bnb, booked, memory, newPerson, operator, p, registered } from "../cast.js";
import { type Balances, type Prepared, type Profile, get, post, signIn } from "../api.js";
import { chapter, expect, tell } from "../tell.js";
import { deploy, letTimePass, provider, refusal, role, settlement } from "../world.js";

/** Another wallet sends p16's payload; then p16 herself comes too late. */
export async function stolenAndStalePayloads(): Promise<void> {
  chapter("Somebody else's payload, and one that has expired");
  const owner = newPerson("p16");
  const thief = newPerson("the thief");
  const { call } = await owner.prepareRegistration(p(1).address);
  const stolen = provider.call({ to: call.to, data: call.data, value: BigInt(call.value), from: thief.address });
  expect("another wallet sends p16's payload: the contract says", await refusal(stolen), "NotPayloadUser");
  await letTimePass(3_700);
  const late = provider.call({ to: call.to, data: call.data, value: BigInt(call.value), from: owner.address });
  expect("p16 sends it herself, an hour too late: the contract says", await refusal(late), "DeadlinePassed");
  await owner.register(p(1).address);
  registered.push(owner);
  await booked();
  tell("p16 asks for a fresh payload and joins");
}

/** The guardian freezes p2: what p2 earns from here on accrues, and no batch pays it. */
export async function freezeSomebody(): Promise<void> {
  chapter("A participant is frozen");
  const call = await operator.freeze(p(2).address, "freeze", "reported stolen wallet");
  await (await role("guardian").sendTransaction({ to: call.to, data: call.data })).wait();
  const { frozen } = (await settlement.getFunction("accounts")(p(2).address)) as { frozen: boolean };
  expect("the guardian's transaction froze p2 on the contract", frozen, true);
  const friend = newPerson("p2's friend");
  await friend.register(p(2).address);
  registered.push(friend);
  await booked();
  tell(`a friend joins under p2; p2 accrues ${bnb((await p(2).profile()).balances.payable)} and stays unpaid`);
}

/** A contract wallet joins that does not take plain transfers: what is due to it becomes owed. */
export async function aRecipientThatReverts(): Promise<void> {
  chapter("A recipient that refuses money");
  const owner = newPerson("the contract wallet's owner");
  const recipient = await deploy("RecipientWallet", owner.wallet, []);
  memory.recipient = recipient;
  const address = await recipient.getAddress();
  const token = await signIn(address, (message) => owner.wallet.signMessage(message));
  tell(`a contract wallet signs in (EIP-1271: the wallet itself vouches for its owner's signature)`);
  const prepared = await post<Prepared>("/users/register", { sponsor: p(1).address }, token);
  const payload = [settlement.target, prepared.typedData.message, prepared.signature];
  await (await recipient.getFunction("register")(...payload, { value: prepared.amount })).wait();
  await booked();
  const fan = newPerson("the contract wallet's referral");
  await fan.register(address);
  registered.push(fan);
  await booked();
  await operator.pay({ accounts: [address], publishRoot: false });
  const { balances } = await get<Profile>("/users/me", token);
  expect("its 2 BNB could not be delivered; the contract owes it", bnb(balances.owed), "2 BNB");
  await withdraw(recipient, owner.address, token);
}

async function withdraw(recipient: Contract, to: string, token: string): Promise<void> {
  const before = await provider.getBalance(settlement.target);
  await (await recipient.getFunction("withdrawOwed")(settlement.target, to)).wait();
  const after = await provider.getBalance(settlement.target);
  expect("it withdraws what is owed to another address; the contract paid out", bnb(before - after), "2 BNB");
  await waitForNothingOwed(token);
}

async function waitForNothingOwed(token: string): Promise<void> {
  let balances: Balances = (await get<Profile>("/users/me", token)).balances;
  for (let i = 0; i < 100 && balances.owed !== "0"; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    balances = (await get<Profile>("/users/me", token)).balances;
  }
  expect("the books say the same; still owed", bnb(balances.owed), "0 BNB");
}

// The demo's story: what the people of Banyan do, in order, on a real chain with real wallets, and what must come of it.

import { closeBooks } from "./books.js";
import { aCrowdJoins } from "./chapters/crowd.js";
import { theOperatorsDecide } from "./chapters/decisions.js";
import { compareEverybody, everybodyIsPaid, reconcile } from "./chapters/ending.js";
import { compareExample, fifteenRegister, firstPayday } from "./chapters/example.js";
import { claimByProof, forgedReward, oneWeiIsForcedIn } from "./chapters/proofs.js";
import { aRecipientThatReverts, freezeSomebody, stolenAndStalePayloads } from "./chapters/tricks.js";
import { tell, verdict } from "./tell.js";
import { settlement, story } from "./world.js";

async function play(): Promise<void> {
  tell(`chain ${story.chainId}, contract ${story.contract}`);
  tell(`plan in force: ${String(await settlement.getFunction("plan")())} (${story.planFile.split("/").pop()})`);
  await fifteenRegister();
  await firstPayday();
  await stolenAndStalePayloads();
  await freezeSomebody();
  await aRecipientThatReverts();
  await theOperatorsDecide();
  await aCrowdJoins();
  await claimByProof();
  await forgedReward();
  await everybodyIsPaid();
  await oneWeiIsForcedIn();
  await compareEverybody();
  await compareExample();
  await reconcile();
}

try {
  await play();
  process.exitCode = verdict();
} catch (error) {
  console.error(`\n   The story broke off: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await closeBooks();
  settlement.runner?.provider?.destroy();
}

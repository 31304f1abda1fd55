// A hundred random registrations and retopups, in waves: whoever sponsors must already be in the books.

import { type Person } from "../person.js";
import { type Prepared } from "../api.js";
import { booked, newPerson, p, random, registered } from "../cast.js";
import { chapter, progress, tell } from "../tell.js";
import { story } from "../world.js";

const WAVE = 20;

interface Act {
  person: Person;
  joins: boolean;
  prepared: Prepared;
}

/** Everybody of a wave asks at once; they send in the order of the seed, so that the same seed gives the same history. */
async function wave(size: number, first: number): Promise<void> {
  const plans: { person: Person; sponsor: Person | undefined }[] = [];
  // p2 is frozen: she may sponsor, but neither pay in nor be paid.
  const busy = new Set<Person>([p(2)]);
  for (let i = 0; i < size; i += 1) {
    const known = random.pick(registered);
    if (random.below(10) < 7 || busy.has(known)) plans.push({ person: newPerson(`person ${first + i}`), sponsor: known });
    else plans.push({ person: known, sponsor: undefined });
    busy.add(known);
  }
  const acts: Act[] = await Promise.all(
    plans.map(async ({ person, sponsor }) => ({
      person,
      joins: sponsor !== undefined,
      prepared: sponsor === undefined ? await person.prepareRetopup() : await person.prepareRegistration(sponsor.address),
    })),
  );
  for (const { person, prepared } of acts) await person.send(prepared.call);
  await booked();
  registered.push(...acts.filter((act) => act.joins).map((act) => act.person));
}

/** The long part of the demo. */
export async function aCrowdJoins(): Promise<void> {
  chapter(`${story.people} random registrations and retopups (seed ${story.seed})`);
  const before = registered.length;
  for (let done = 0; done < story.people; ) {
    const size = Math.min(WAVE, story.people - done);
    await wave(size, done + 1);
    done += size;
    progress("registrations and retopups booked", done, story.people);
  }
  const joined = registered.length - before;
  tell(`${joined} people joined, ${story.people - joined} retopups were paid`);
}

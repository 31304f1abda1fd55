// A small seeded generator (splitmix64), so that a printed seed brings back the same hundred people.

const MASK = (1n << 64n) - 1n;

/** Numbers that follow from the seed alone. */
export class Random {
  private state: bigint;

  constructor(seed: number) {
    this.state = BigInt(seed) & MASK;
  }

  private next(): bigint {
    this.state = (this.state + 0x9e3779b97f4a7c15n) & MASK;
    let z = this.state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  }

  /** A whole number of 0 … below − 1. */
  below(below: number): number {
    return Number(this.next() % BigInt(below));
  }

  /** One of these. */
  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error("expected a list with something in it");
    return item;
  }
}

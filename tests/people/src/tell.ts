// What the demo prints, and what it holds against each other. Every comparison is counted; a single one that is off
// makes the whole demo fail.

let failures = 0;
let comparisons = 0;

/** Starts a new part of the story. */
export function chapter(title: string): void {
  console.log(`\n── ${title} ${"─".repeat(Math.max(3, 100 - title.length))}`);
}

/** One thing that happened, in a line. */
export function tell(text: string): void {
  console.log(`   ${text}`);
}

/** Compares what came with what must have come; says so, and remembers a difference. */
export function expect(what: string, got: unknown, wanted: unknown): void {
  comparisons += 1;
  if (String(got) === String(wanted)) {
    console.log(`   ✔ ${what}: ${String(got)}`);
  } else {
    failures += 1;
    console.log(`   ✘ ${what}: expected ${String(wanted)}, got ${String(got)}`);
  }
}

/** Like expect, but prints nothing when all is well: for long lists. */
export function expectQuietly(what: string, got: unknown, wanted: unknown): void {
  comparisons += 1;
  if (String(got) !== String(wanted)) {
    failures += 1;
    console.log(`   ✘ ${what}: expected ${String(wanted)}, got ${String(got)}`);
  }
}

/** How far a long part has come: one line that is rewritten on a terminal, one line a tenth elsewhere. */
export function progress(what: string, done: number, total: number): void {
  const text = `   ${what}: ${done} of ${total}`;
  if (process.stdout.isTTY) {
    process.stdout.write(`\r${text}${done >= total ? "\n" : ""}`);
  } else if (done >= total || done % Math.max(1, Math.ceil(total / 10)) === 0) {
    console.log(text);
  }
}

/** A table of columns of equal width, the first one to the left. */
export function table(head: string[], rows: string[][]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const format = (row: string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ");
  console.log(`   ${format(head)}`);
  console.log(`   ${widths.map((width) => "─".repeat(width)).join("───")}`);
  for (const row of rows) console.log(`   ${format(row)}`);
}

/** Says how the story ended, and gives the exit code. */
export function verdict(): number {
  if (failures === 0) {
    console.log(`\n   All ${comparisons} comparisons hold.`);
    return 0;
  }
  console.log(`\n   ${failures} of ${comparisons} comparisons do not hold.`);
  return 1;
}

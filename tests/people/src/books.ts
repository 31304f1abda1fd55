// The ledger's database, read and (as an attacker with the owner's password would) written with plain SQL.

import pg from "pg";
import { parseEther } from "ethers";
import { story } from "./world.js";

/** What the ledger says of somebody, in wei. */
export interface BookHolding {
  earned: bigint;
  reserved: bigint;
}

/** One reward row, as the attacker picks it. */
export interface RewardRow {
  id: string;
  user_id: string;
  amount: string;
}

const pool = new pg.Pool({ connectionString: story.databaseUrl, max: 2 });

/** Runs one statement as the owner of the tables. */
export async function sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await pool.query<Row>(text, values)).rows;
}

/** Runs statements as the server's superuser with the database's own guards switched off. */
export async function sqlWithoutTriggers(statements: [text: string, values: unknown[]][]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SET session_replication_role = replica");
    for (const [text, values] of statements) await client.query(text, values);
    await client.query("SET session_replication_role = DEFAULT");
  } finally {
    client.release();
  }
}

export async function closeBooks(): Promise<void> {
  await pool.end();
}

/** What each wallet has earned and has reserved up to `seq`, from the rewards in the ledger. */
export async function holdings(seq: number): Promise<Map<string, BookHolding>> {
  const rows = await sql<{ wallet: string; earned: string; reserved: string }>(
    `SELECT u.wallet_address AS wallet,
            coalesce(sum(r.amount) FILTER (WHERE r.cumulative IS NOT NULL), 0)::text AS earned,
            coalesce(sum(r.amount) FILTER (WHERE r.cumulative IS NULL AND (s.completed_seq IS NULL OR s.completed_seq > $1)), 0)::text AS reserved
     FROM users u
     LEFT JOIN rewards r ON r.user_id = u.id AND r.seq <= $1
     LEFT JOIN seats s ON s.id = r.seat_id
     GROUP BY u.wallet_address`,
    [seq],
  );
  return new Map(
    rows.map((row) => [row.wallet, { earned: parseEther(row.earned), reserved: parseEther(row.reserved) }]),
  );
}

/** How far the listener has come. */
export async function bookedSeq(): Promise<number> {
  const [row] = await sql<{ seq: string }>("SELECT seq::text FROM blockchain_sync");
  return Number(row?.seq ?? -1);
}

/** How far the listener has come, in blocks. */
export async function bookedBlock(): Promise<number> {
  const [row] = await sql<{ last_block: string }>("SELECT last_block::text FROM blockchain_sync");
  return Number(row?.last_block ?? -1);
}

/**
 * Codes that join a device to a workshop: made by an administrator, typed or scanned once on the new tablet, worth a
 * session of the account they were made for. The only file that reads or writes `espejo.join_code`.
 */
import { createHash, randomInt } from 'node:crypto';
import type { Pool } from 'pg';

/** Long enough to walk to the tablet. */
const LIFE_MS = 15 * 60_000;
/** Without letters and digits that are taken for one another. 31^8 codes, guessed at the pace of sign-ins. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 8;

export interface JoinCode {
  /** `K7QX2MPA` */
  readonly code: string;
  readonly expiresAtMs: number;
}

export class JoinCodes {
  readonly #pool: Pool;
  readonly #nowMs: () => number;

  constructor(pool: Pool, nowMs: () => number) {
    this.#pool = pool;
    this.#nowMs = nowMs;
  }

  /** For one device and a quarter of an hour. Also removes what has expired. */
  async make(workspace: string, user: string, by: string): Promise<JoinCode> {
    const code = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    const expiresAtMs = this.#nowMs() + LIFE_MS;
    await this.#pool.query('delete from espejo.join_code where expires_at <= $1', [new Date(this.#nowMs())]);
    await this.#pool.query(
      'insert into espejo.join_code (sha256, workspace, user_name, made_by, expires_at) values ($1, $2, $3, $4, $5)',
      [hashOf(code), workspace, user, by, new Date(expiresAtMs)],
    );
    return { code, expiresAtMs };
  }

  /** Whom it stands for; undefined for an unknown, used or expired one. A code is worth one call. */
  async use(code: string): Promise<{ readonly workspace: string; readonly user: string } | undefined> {
    const { rows } = await this.#pool.query<{ workspace: string; user_name: string }>(
      'delete from espejo.join_code where sha256 = $1 and expires_at > $2 returning workspace, user_name',
      [hashOf(code), new Date(this.#nowMs())],
    );
    return rows[0] && { workspace: rows[0].workspace, user: rows[0].user_name };
  }
}

/** Typed with spaces, dashes or small letters it is the same code. */
function hashOf(code: string): Buffer {
  const plain = code.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return createHash('sha256').update(`join\n${plain}`).digest();
}

/**
 * Failed logins by address, over all instances: the only file that reads or writes `espejo.address_failure`. An attempt
 * counts before its password is looked at and is taken back when it was right, as with names (logins.ts).
 */
import { isIPv6 } from 'node:net';
import type { Pool } from 'pg';

/** From the first failure on; a lock ends with it, and is not prolonged by attempts that it refused. */
const WINDOW_MS = 900_000;
/** Groups of an IPv6 address that name one customer of a provider. */
const NETWORK_GROUPS = 4;

export class AddressFailures {
  readonly #pool: Pool;
  readonly #nowMs: () => number;
  readonly #maxFailures: number;

  constructor(deps: { readonly pool: Pool; readonly nowMs: () => number; readonly maxFailures: number }) {
    this.#pool = deps.pool;
    this.#nowMs = deps.nowMs;
    this.#maxFailures = deps.maxFailures;
  }

  /** Counts an attempt; gives for how long the address is locked instead, 0 when it is not. One statement: no race. */
  async count(address: string): Promise<number> {
    const nowMs = this.#nowMs();
    const network = networkOf(address);
    const expiry = new Date(nowMs - WINDOW_MS);
    const { rowCount } = await this.#pool.query(
      `insert into espejo.address_failure as f (address, failures, since) values ($1, 1, $2)
       on conflict (address) do update set
         failures = case when f.since <= $3 then 1 else f.failures + 1 end,
         since = case when f.since <= $3 then excluded.since else f.since end
       where f.since <= $3 or f.failures < $4`,
      [network, new Date(nowMs), expiry, this.#maxFailures],
    );
    if (rowCount === 1) return 0;
    const { rows } = await this.#pool.query<{ since: Date }>(
      'select since from espejo.address_failure where address = $1',
      [network],
    );
    return Math.max(1, (rows[0]?.since.getTime() ?? nowMs) + WINDOW_MS - nowMs);
  }

  /** For an attempt that was right, or is neither right nor wrong yet. */
  async takeBack(address: string): Promise<void> {
    await this.#pool.query(
      'update espejo.address_failure set failures = failures - 1 where address = $1 and failures > 0',
      [networkOf(address)],
    );
  }

  /** Removes rows that are worth nothing. Call now and then. */
  async sweep(): Promise<void> {
    await this.#pool.query('delete from espejo.address_failure where since <= $1', [
      new Date(this.#nowMs() - WINDOW_MS),
    ]);
  }
}

/** `2001:db8:1:2::7` -> `2001:db8:1:2`; an IPv4 address stays as it is, `::ffff:` before it or not. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.toLowerCase().split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = new Array(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return (right === undefined ? head : [...head, ...zeros, ...tail]).slice(0, NETWORK_GROUPS).join(':');
}

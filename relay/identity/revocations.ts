/**
 * Taking a right away reaches every instance within a second: the transaction that disables a user or revokes a
 * device also writes a row here and notifies; each instance then cuts the sockets it holds [ID-4].
 *
 * A notification is only a hint to read. What was lost (a reconnect) is found by reading more than once a second what was
 * written lately, by time with an overlap and a set of ids already done: ids are taken before they commit, so
 * "id greater than the last" would miss some.
 */
import pg, { type ClientBase } from 'pg';
import type { Logger } from '../observability/log.ts';
import type { Seat } from './seat.ts';

const CHANNEL = 'espejo_revocation';
/** So that a lost notification and the reading of it still fit into the second [ID-4]. */
const POLL_MS = 700;
/** Longer than any transaction that revokes may last. */
const OVERLAP_S = 60;
const KEPT_S = 86_400;

export interface Revocation {
  readonly workspace: string;
  /** Absent: whoever sits at the device. */
  readonly user?: string;
  /** Absent: all devices of the user. */
  readonly device?: string;
}

/** Call inside the transaction that takes the right away. */
export async function revoke(client: ClientBase, { workspace, user, device }: Revocation): Promise<void> {
  await client.query('insert into espejo.revocation (workspace, user_name, device) values ($1, $2, $3)', [
    workspace,
    user ?? null,
    device ?? null,
  ]);
  await client.query(`notify ${CHANNEL}`);
}

export function concerns(revocation: Revocation, seat: Seat): boolean {
  return (
    revocation.workspace === seat.workspace &&
    (revocation.user === undefined || revocation.user === seat.user) &&
    (revocation.device === undefined || revocation.device === seat.device)
  );
}

export interface RevocationsDeps {
  readonly databaseUrl: string;
  readonly logger: Logger;
  /** Called once for each revocation of any instance, this one included. */
  readonly onRevoked: (revocation: Revocation) => void;
}

/** Listens on its own connection, which is also the one it polls with. */
export class Revocations {
  readonly #deps: RevocationsDeps;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #again = false;
  #closed = false;
  /** By the clock of Postgres, which also dates the rows. */
  #lastReadAt: Date | undefined;
  #done = new Set<number>();

  constructor(deps: RevocationsDeps) {
    this.#deps = deps;
  }

  /** Resolves once listening. What happened before is over: sockets are opened with a fresh look at the account. */
  async start(): Promise<void> {
    await this.#connect();
    for (const { id } of await this.#recent()) this.#done.add(id);
    this.#timer = setInterval(() => void this.#read(), POLL_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#client?.end().catch(() => undefined); // already gone
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#deps.databaseUrl,
      application_name: 'espejo revocations',
    });
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined; // the next poll connects again
    });
    client.on('notification', () => void this.#read());
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.#client = client;
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        if (this.#client === undefined) await this.#connect();
        const rows = await this.#recent();
        const fresh = rows.filter(({ id }) => !this.#done.has(id));
        this.#done = new Set(rows.map(({ id }) => id));
        for (const row of fresh) {
          this.#deps.onRevoked({
            workspace: row.workspace,
            ...(row.user_name === null ? {} : { user: row.user_name }),
            ...(row.device === null ? {} : { device: row.device }),
          });
        }
      } while (this.#again && !this.#closed);
    } catch (error) {
      if (!this.#closed)
        this.#deps.logger.warn({ err: error }, 'revocations could not be read; trying again');
    } finally {
      this.#reading = false;
    }
  }

  /** Rows since the last successful read, and a little before it. */
  async #recent(): Promise<RevocationRow[]> {
    const client = this.#client!;
    const now: Date = (await client.query('select clock_timestamp() as now')).rows[0].now;
    const { rows } = await client.query<RevocationRow>(
      `select id, workspace, user_name, device from espejo.revocation
       where at > $1::timestamptz - make_interval(secs => $2) order by id`,
      [this.#lastReadAt ?? now, OVERLAP_S],
    );
    this.#lastReadAt = now;
    return rows;
  }

  /** Removes rows that every instance has long seen. Call now and then. */
  async sweep(): Promise<void> {
    await this.#client?.query(
      'delete from espejo.revocation where at < clock_timestamp() - make_interval(secs => $1)',
      [KEPT_S],
    );
  }
}

interface RevocationRow {
  id: number;
  workspace: string;
  user_name: string | null;
  device: string | null;
}

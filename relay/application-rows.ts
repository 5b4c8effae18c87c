/**
 * The rows that an application keeps about accounts and devices, written by the relay itself: the application says in
 * SQL what they must hold, and it becomes an ordinary commit of the relay's own device, in the log like any other [ROWS-1].
 *
 *   account made ─► lock of the workspace ─► documents as of their heads ─► SQL, captured ─► append ─► unlock
 *
 * Under the lock nobody else writes as the relay's device, and everything it wrote before has been read: so its
 * registers always build on one another. What fails is logged and made good by `catchUp`, at the next start or hour.
 */
import type { Pool, PoolClient } from 'pg';
import * as Y from 'yjs';
import { hlcOfMs } from '../shared/base/hlc.ts';
import { type DeviceId, newId } from '../shared/base/ids.ts';
import { Capture } from '../shared/mirror/capture.ts';
import { Mirror } from '../shared/mirror/mirror.ts';
import { loadSqlJs, openSqlJs } from '../shared/mirror/sqljs.ts';
import type { Commit, CommitPart } from '../shared/protocol/commit.ts';
import { DocumentRows } from '../shared/registers/document-rows.ts';
import type { AccountFact, Application, ApplicationWrite, DeviceFact } from '../shared/schema/application.ts';
import { EpochChangedError, type Log } from './log/log.ts';
import { Breath } from './materializer/breath.ts';
import { WarmDocuments } from './materializer/warm-documents.ts';
import type { ObjectStore } from './objects/object-store.ts';
import type { Logger } from './observability/log.ts';
import { inTransaction } from './transaction.ts';

export interface ApplicationRowsDeps {
  readonly pool: Pool;
  /** Under another name than the Live of this process has, so that Live hears of these commits too. */
  readonly log: Pick<Log, 'append'>;
  readonly objects: ObjectStore;
  readonly application: Application;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** First key of the advisory lock of a workspace that the relay writes rows of. */
const ROWS_LOCK = 7_335_217;
/** Writes the relay's own registers, in every workspace. */
const ROWS_DEVICE = 'relay000' as DeviceId;
const USER = 'relay';
/** A document was re-created between reading and appending: rare, and not twice in a row. */
const ATTEMPTS = 3;
const HOLD_MS = 8;

export class ApplicationRows {
  readonly #deps: ApplicationRowsDeps;
  #sqlJs: ReturnType<typeof loadSqlJs> | undefined;
  /** One after the other: each opens a database of its own. */
  #last: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(deps: ApplicationRowsDeps) {
    this.#deps = deps;
  }

  /** Resolves once the rows are in the log, or the failure is. `by` is who changed the account. Never throws. */
  account(
    workspace: string,
    account: AccountFact,
    before: AccountFact | undefined,
    by: string,
  ): Promise<void> {
    return this.#follow(workspace, by, [this.#deps.application.followAccount?.(account, before)]);
  }

  device(workspace: string, device: DeviceFact, before: DeviceFact | undefined, by: string): Promise<void> {
    return this.#follow(workspace, by, [this.#deps.application.followDevice?.(device, before)]);
  }

  /** Runs them as one commit, by nobody in particular. Throws what stops it. */
  async write(workspace: string, writes: readonly ApplicationWrite[]): Promise<void> {
    if (writes.length > 0) await this.#write(workspace, USER, joined(writes));
  }

  /** Looks after every account and device of workspaces that have documents. Never throws. */
  async catchUp(): Promise<void> {
    const { pool, application, logger } = this.#deps;
    if (!application.followAccount && !application.followDevice) return;
    try {
      const { rows } = await pool.query<{ workspace: string }>(
        'select distinct a.workspace from espejo.account a join espejo.document d on d.workspace = a.workspace order by 1',
      );
      for (const { workspace } of rows) {
        if (this.#isClosed) return;
        const accounts = await accountsOf(pool, workspace);
        const devices = await devicesOf(pool, workspace);
        await this.#follow(workspace, USER, [
          ...accounts.map((account) => application.followAccount?.(account, undefined)),
          ...devices.map((device) => application.followDevice?.(device, undefined)),
        ]);
      }
    } catch (error) {
      logger.warn({ err: error }, 'rows about accounts could not be looked after; trying again in an hour');
    }
  }

  /** Resolves once what was begun is done; nothing is begun afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  #follow(workspace: string, by: string, writes: readonly (ApplicationWrite | undefined)[]): Promise<void> {
    const wanted = writes.filter((write) => write !== undefined);
    if (wanted.length === 0 || this.#isClosed) return Promise.resolve();
    this.#last = this.#last.then(() =>
      this.#write(workspace, by, joined(wanted)).catch((error: unknown) =>
        this.#deps.logger.error({ err: error, workspace }, 'rows about accounts could not be written'),
      ),
    );
    return this.#last;
  }

  async #write(workspace: string, by: string, write: ApplicationWrite): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await inTransaction(this.#deps.pool, async (client) => {
          await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [ROWS_LOCK, workspace]);
          const made = await this.#makeCommit(client, workspace, by, write);
          if (made === undefined) return;
          const { parts, ...commit } = made;
          await this.#deps.log.append([{ workspace, user: by, device: commit.device, commit, parts }]);
        });
        return;
      } catch (error) {
        if (!(error instanceof EpochChangedError) || attempt >= ATTEMPTS) throw error;
      }
    }
  }

  /** Undefined when the rows hold all of it already. */
  async #makeCommit(
    client: PoolClient,
    workspace: string,
    user: string,
    { label, documents, statements }: ApplicationWrite,
  ): Promise<Commit | undefined> {
    const { application, objects, nowMs } = this.#deps;
    const { schema } = application;
    const memory = new WarmDocuments({ schema, objects, maxRegisters: 0, breath: new Breath(HOLD_MS) });
    this.#sqlJs ??= loadSqlJs();
    const sql = openSqlJs(await this.#sqlJs);
    try {
      const places = await placesOf(client, workspace, documents);
      const rowsByDocument = new Map<string, DocumentRows>();
      for (const name of documents) {
        const place = places.get(name);
        const rows = place ? (await memory.open(client, place)).rows : new DocumentRows(new Y.Doc(), schema);
        rowsByDocument.set(name, rows);
      }
      const options = { isReadable: (family: string) => documents.includes(family) };
      const mirror = new Mirror(sql, schema, options);
      const capture = new Capture(sql, schema, options);
      mirror.createTables();
      capture.install();
      sql.exec('begin');
      capture.pause(() => {
        for (const [name, rows] of rowsByDocument) mirror.rebuild(name, rows);
      });
      sql.exec('commit');

      const latest = [...rowsByDocument.values()].map(({ maxHlc }) => maxHlc);
      const hlc = Math.max(hlcOfMs(nowMs()), ...latest.map((one) => one + 1));
      sql.exec('begin');
      for (const { sql: statement, params } of statements) sql.run(statement, params);
      const result = capture.write({
        user,
        device: ROWS_DEVICE,
        hlc,
        documentRows: (name) => rowsByDocument.get(name),
      });
      if (result.missing.length > 0)
        throw new Error(`the statements write ${result.missing.join()}, which they do not name`);
      const parts: CommitPart[] = [];
      for (const name of result.documents) {
        const epoch = places.get(name)?.epoch ?? 1;
        rowsByDocument.get(name)!.doc.once('update', (update: Uint8Array) => {
          parts.push({ document: name, update, ...(epoch === 1 ? {} : { epoch }) });
        });
      }
      result.apply(this);
      sql.exec('commit');
      if (parts.length === 0) return undefined;
      return { id: newId(nowMs()), device: ROWS_DEVICE, hlc, schema: schema.version, label, parts };
    } finally {
      sql.close();
      memory.close();
    }
  }
}

/** One write of several; its label is the first one's. */
function joined(writes: readonly ApplicationWrite[]): ApplicationWrite {
  return {
    label: writes[0]!.label,
    documents: [...new Set(writes.flatMap(({ documents }) => documents))],
    statements: writes.flatMap(({ statements }) => statements),
  };
}

interface Place {
  readonly document: number;
  readonly workspace: string;
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
}

async function placesOf(
  client: PoolClient,
  workspace: string,
  names: readonly string[],
): Promise<Map<string, Place>> {
  const { rows } = await client.query<Place>(
    'select id as document, workspace, name, epoch, head as seq from espejo.document where workspace = $1 and name = any($2)',
    [workspace, names],
  );
  return new Map(rows.map((place) => [place.name, place]));
}

async function accountsOf(pool: Pool, workspace: string): Promise<AccountFact[]> {
  const { rows } = await pool.query(
    'select name, display_name, role, disabled_at from espejo.account where workspace = $1 order by created_at, name',
    [workspace],
  );
  return rows.map(({ name, display_name, role, disabled_at }) => ({
    name,
    displayName: display_name,
    role,
    disabledAtMs: disabled_at?.getTime(),
  }));
}

async function devicesOf(pool: Pool, workspace: string): Promise<DeviceFact[]> {
  const { rows } = await pool.query(
    'select id, label, user_name, last_seen_at, revoked_at from espejo.device where workspace = $1 order by created_at, id',
    [workspace],
  );
  return rows.map(({ id, label, user_name, last_seen_at, revoked_at }) => ({
    id,
    label,
    user: user_name,
    lastSeenAtMs: last_seen_at.getTime(),
    revokedAtMs: revoked_at?.getTime(),
  }));
}

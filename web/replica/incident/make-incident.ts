/** The incident of this replica, as it is stored and as it stands. Values are taken out on request. */
import type { SqlRow } from '../../../shared/mirror/sql.ts';
import { schemaHashOf } from '../image.ts';
import type { Replica } from '../replica.ts';
import type { CommitContent, OutboxEntry } from '../store/store.ts';
import { encodeIncident, type Incident, type IncidentDocument } from './incident-file.ts';
import { redactKey, redactRegister, redactRoot, redactUpdate } from './redact-update.ts';
import { Redactor } from './redactor.ts';

/** Listed rows of each kind: enough to see what it is about. */
const MAX_ROWS = 1_000;

/** Of `_conflict`, `_violation` and `_quarantine`: words of schema and engine, and devices. */
const SPOKEN_COLUMNS: ReadonlySet<string> = new Set([
  ...['table_name', 'column_name', 'kind', 'rule', 'policy', 'document', 'reason'],
  ...['device', 'winner_device', 'loser_device'],
]);

export interface IncidentOptions {
  /** Values are replaced by stand-ins of the same length. */
  readonly redact: boolean;
  /** Of the browser, or of Node. */
  readonly engine: string;
}

export async function makeIncident(replica: Replica, options: IncidentOptions): Promise<Uint8Array> {
  const incident = await readIncident(replica, options.engine);
  if (!options.redact) return encodeIncident(incident);
  const { schema, deps } = replica.core;
  return encodeIncident(redacted(incident, new Redactor(deps.randomBytes(16), schema)));
}

async function readIncident(replica: Replica, engine: string): Promise<Incident> {
  const { schema, documents, outbox, queue, clock, metrics, sql, deps } = replica.core;
  await queue.idle();
  const stored: IncidentDocument[] = [];
  for (const name of documents.names()) {
    const record = documents.hasRecord(name) ? documents.record(name) : undefined;
    stored.push({ name, record, ...(await replica.core.readDocument(name)) });
  }
  const status = replica.status();
  const proof = replica.lastProof();
  const rows = (table: string): SqlRow[] => sql.rows(`select * from ${table} limit ${MAX_ROWS}`);
  return {
    atMs: deps.nowMs(),
    isRedacted: false,
    versions: {
      schema: schema.version,
      schemaHash: schemaHashOf(schema),
      sqlite: String(sql.rows('select sqlite_version() as version')[0]!.version),
      engine,
    },
    seed: {
      device: replica.device,
      user: replica.user,
      hlc: clock.last,
      offsetMs: clock.offsetMs,
      ...(status.lastSyncAtMs === undefined ? {} : { lastSyncAtMs: status.lastSyncAtMs }),
    },
    documents: stored,
    outbox: outbox.entries(),
    status,
    sync: replica.syncReport(),
    errors: metrics.errors(),
    queries: replica.liveQueries(),
    proof: proof && {
      atMs: proof.atMs,
      tables: proof.tables.filter(({ differingRanges }) => differingRanges.length > 0),
      documents: proof.relay.documents.filter(({ outcome }) => outcome !== 'equal'),
    },
    conflicts: rows('_conflict'),
    violations: rows('_violation'),
    quarantine: rows('_quarantine'),
  };
}

function redacted(incident: Incident, redactor: Redactor): Incident {
  const { seed, status, sync, proof } = incident;
  const id = (text: string) => redactor.text(text);
  const listed = (row: SqlRow): SqlRow =>
    Object.fromEntries(
      Object.entries(row).flatMap(([column, value]) => {
        if (column === 'bytes') return []; // what could not be read cannot be taken apart either
        return [[column, SPOKEN_COLUMNS.has(column) ? value : (redactor.value(value) as typeof value)]];
      }),
    );
  return {
    ...incident,
    isRedacted: true,
    seed: { ...seed, ...(seed.user === undefined ? {} : { user: id(seed.user) }) },
    documents: incident.documents.map((document) => redactedDocument(document, redactor)),
    outbox: incident.outbox.map((entry) => redactedEntry(entry, redactor)),
    status: {
      ...status,
      user: id(status.user),
      lastError: status.lastError && redactor.sentence(status.lastError),
    },
    sync: {
      ...sync,
      lastError: sync.lastError && { ...sync.lastError, message: redactor.sentence(sync.lastError.message) },
    },
    errors: incident.errors.map((error) => ({ ...error, message: redactor.sentence(error.message) })),
    queries: incident.queries.map((query) => ({
      ...query,
      sql: query.sql.replaceAll(/'(?:[^']|'')*'/g, "'…'"),
      params: query.params.map((param) => redactor.value(param) as typeof param),
    })),
    proof: proof && {
      ...proof,
      tables: proof.tables.map((table) => ({ ...table, mendedIds: table.mendedIds.map(id) })),
      documents: proof.documents.map((document) => ({
        ...document,
        tables: document.tables.map((table) => ({ ...table, ids: table.ids.map(id) })),
      })),
    },
    conflicts: incident.conflicts.map(listed),
    violations: incident.violations.map(listed),
    quarantine: incident.quarantine.map(listed),
  };
}

function redactedDocument(document: IncidentDocument, redactor: Redactor): IncidentDocument {
  const snapshot = document.snapshot && redactUpdate(document.snapshot, redactor);
  return {
    ...document,
    record: document.record && { ...document.record, snapshotBytes: snapshot?.length ?? 0 },
    snapshot,
    updates: document.updates.map((stored) => ({ ...stored, update: redactUpdate(stored.update, redactor) })),
  };
}

function redactedEntry(entry: OutboxEntry, redactor: Redactor): OutboxEntry {
  const { commit, error, rows, content } = entry;
  return {
    ...entry,
    commit: {
      ...commit,
      parts: commit.parts.map((part) => ({
        ...part,
        update: part.update.length === 0 ? part.update : redactUpdate(part.update, redactor),
      })),
    },
    ...(error === undefined ? {} : { error: redactor.sentence(error) }),
    ...(rows === undefined ? {} : { rows: rows.map(([table, id]) => [table, redactor.text(id)] as const) }),
    ...(content === undefined ? {} : { content: redactedContent(content, redactor) }),
  };
}

function redactedContent({ registers, texts }: CommitContent, redactor: Redactor): CommitContent {
  return {
    registers: registers.map(([document, map, key, value]) => [
      document,
      map,
      redactKey(key, redactor),
      redactRegister(value, redactor),
    ]),
    texts: texts.map(([document, name, before, after]) => [
      document,
      redactRoot(name, redactor),
      redactor.prose(before),
      redactor.prose(after),
    ]),
  };
}

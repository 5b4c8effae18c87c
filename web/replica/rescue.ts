/**
 * The rescue file: the SQL image, for people and tools, and the commits that the relay has not stored, for another
 * replica. A commit keeps its id, so importing it twice, or after it arrived by itself, changes nothing.
 *
 *   'espejo.rescue.1\n' · lib0 any { device, user, schema, sqlite, commits }
 */
import { createDecoder, readAny } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeAny } from 'lib0/encoding';
import { type Commit, decodeCommit, encodeCommit, ProtocolError } from '../../shared/protocol/commit.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import type { Core } from './core.ts';
import { addTouched } from './hydration.ts';
import type { OutboxEntry } from './store/store.ts';
import { inTransaction } from './transaction.ts';

const MAGIC = new TextEncoder().encode('espejo.rescue.1\n');

export interface RescueResult {
  readonly commits: number;
  readonly alreadyKnown: number;
}

export function encodeRescue(core: Core, sqlite: Uint8Array): Uint8Array {
  const encoder = createEncoder();
  const waiting = core.outbox.entries().filter(({ content }) => content === undefined);
  writeAny(encoder, {
    device: core.device,
    user: core.user,
    schema: core.schema.version,
    sqlite,
    commits: waiting.map(({ commit }) => encodeCommit(commit)),
  });
  const body = toUint8Array(encoder);
  const file = new Uint8Array(MAGIC.length + body.length);
  file.set(MAGIC);
  file.set(body, MAGIC.length);
  return file;
}

/** Throws ProtocolError when it is no rescue file. */
export function decodeRescue(file: Uint8Array): {
  readonly sqlite: Uint8Array;
  readonly commits: readonly Commit[];
} {
  if (!MAGIC.every((byte, index) => file[index] === byte))
    throw new ProtocolError('this is not a rescue file of this app');
  try {
    const body = readAny(createDecoder(file.subarray(MAGIC.length)));
    return { sqlite: body.sqlite, commits: body.commits.map(decodeCommit) };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('the rescue file is cut short or damaged');
  }
}

/** Takes the file's commits over: into the documents here, and into this outbox as they are, id and device. */
export async function importRescue(core: Core, file: Uint8Array): Promise<RescueResult> {
  const { commits } = decodeRescue(file);
  let taken = 0;
  for (const commit of commits) {
    if (core.outbox.get(commit.id)) continue;
    if (await take(core, commit)) taken++;
  }
  core.statusChanged();
  core.committed();
  return { commits: taken, alreadyKnown: commits.length - taken };
}

/** False when every part is here already. */
async function take(core: Core, commit: Commit): Promise<boolean> {
  const { documents, sql, capture, mirror, queue, outbox, tables, live, deps } = core;
  const names = commit.parts.map(({ document }) => document);
  await documents.hydrate(names.filter((name) => !documents.getOrCreate(name)));
  const touchedByDocument = new Map(names.map((name) => [name, new Map<string, Set<string>>()]));
  let isNews = false;
  for (const { document, update } of commit.parts) {
    const open = documents.getOrCreate(document)!;
    const stop = open.rows.observe((more) => addTouched(touchedByDocument.get(document)!, more));
    const note = () => {
      isNews = true;
    };
    open.doc.on('update', note);
    applyRemoteUpdate(open.doc, update, 'rescue');
    open.doc.off('update', note);
    stop();
  }
  if (!isNews) return false;
  const changes = inTransaction(sql, () =>
    capture.pause(() =>
      names.flatMap((name) =>
        mirror.project(name, documents.getOrCreate(name)!.rows, touchedByDocument.get(name)!),
      ),
    ),
  );
  const number = core.takeNumber();
  for (const name of names) documents.noteUpdate(name, number);
  const entry: OutboxEntry = {
    commit,
    number,
    createdAtMs: deps.nowMs(),
    priority: core.priorityOf(new Set(changes.map(({ table }) => table))),
    attempts: 0,
    state: 'waiting',
    rows: changes.map(({ table, id }) => [table, id]),
  };
  await queue.write({
    durability: 'strict',
    updates: commit.parts.map(({ document, update }) => ({ document, number, update, commit: commit.id })),
    outboxPut: [entry],
  });
  outbox.add(entry);
  tables.outboxChanged(entry);
  tables.rowsChanged(entry, 'local', entry.createdAtMs);
  live.changed(changes, ['_outbox', '_sync', '_conflict', '_violation']);
  return true;
}

/** A rescue file of this replica, and taking one over. Its bytes: shared/protocol/rescue-file.ts. */
import type { DeviceId } from '../../shared/base/ids.ts';
import { isAdmin } from '../../shared/permissions/admin.ts';
import type { Commit } from '../../shared/protocol/commit.ts';
import {
  decodeRescueFile,
  encodeRescueFile,
  type SetAsideCommit,
} from '../../shared/protocol/rescue-file.ts';
import { applyRemoteUpdate, isBehind } from '../../shared/registers/apply.ts';
import type { Core } from './core.ts';
import { addTouched } from './hydration.ts';
import type { OutboxEntry } from './store/store.ts';
import { inTransaction } from './transaction.ts';

export interface RescueResult {
  /** Taken over, those that had been refused included. */
  readonly commits: number;
  readonly alreadyKnown: number;
  /** Left alone, for they build on changes that have not come here yet: connect, and import the file again. */
  readonly behind?: number;
}

/** What another device wrote is taken by the relay from administrators alone, so it is not begun here either. */
export class NotForEverybodyError extends Error {
  override name = 'NotForEverybodyError';
  readonly rule = 'not-allowed';

  constructor() {
    super(
      'only an administrator may hand in what another device wrote; sign in as one and import the file again',
    );
  }
}

export function encodeRescue(core: Core, sqlite: Uint8Array): Uint8Array {
  const entries = core.outbox.entries();
  const waiting = entries.filter(({ content }) => content === undefined);
  return encodeRescueFile({
    device: core.device,
    user: core.user,
    schema: core.schema.version,
    sqlite,
    commits: waiting.map(({ commit }) => commit),
    setAside: entries.flatMap((entry) => (entry.content === undefined ? [] : [setAsideOf(entry)])),
  });
}

/** Takes the file's commits over: into the documents here, and into this outbox as they are, id and device. */
export async function importRescue(core: Core, file: Uint8Array): Promise<RescueResult> {
  const { device, commits, setAside } = decodeRescueFile(file);
  if (device !== core.device && core.grants && !isAdmin(core.grants)) throw new NotForEverybodyError();
  let taken = 0;
  let behind = 0;
  for (const commit of commits) {
    if (core.outbox.get(commit.id)) continue;
    const outcome = await take(core, commit);
    if (outcome === 'taken') taken++;
    else if (outcome === 'behind') behind++;
  }
  for (const refused of setAside) {
    if (core.outbox.get(refused.id)) continue;
    await keepAside(core, refused);
    taken++;
  }
  core.statusChanged();
  core.committed();
  const alreadyKnown = commits.length + setAside.length - taken - behind;
  return { commits: taken, alreadyKnown, ...(behind > 0 ? { behind } : {}) };
}

function setAsideOf({ commit, createdAtMs, errorCode, error, content }: OutboxEntry): SetAsideCommit {
  const { id, device, hlc, schema, label, parts } = commit;
  return {
    ...{ id, device, hlc, schema, label, createdAtMs },
    documents: parts.map(({ document }) => document),
    code: errorCode ?? '',
    reason: error ?? '',
    ...content!,
  };
}

/** Refused there, so it waits for a person here: sending it anew makes it on what the relay has [RESCUE-3]. */
async function keepAside(core: Core, refused: SetAsideCommit): Promise<void> {
  const { id, device, hlc, schema, label, registers, texts } = refused;
  const entry: OutboxEntry = {
    commit: {
      ...{ id, device: device as DeviceId, hlc, schema, label },
      parts: refused.documents.map((document) => ({ document, epoch: 1, update: new Uint8Array() })),
    },
    number: core.takeNumber(),
    createdAtMs: refused.createdAtMs,
    priority: core.priorityOf(new Set()),
    attempts: 0,
    state: 'rejected',
    errorCode: refused.code,
    error: refused.reason,
    content: { registers, texts },
  };
  await core.queue.write({ durability: 'strict', outboxPut: [entry] });
  core.outbox.add(entry);
  core.tables.outboxChanged(entry);
  core.live.changed([], ['_outbox']);
}

/** Whole or not at all. */
async function take(core: Core, commit: Commit): Promise<'taken' | 'known' | 'behind'> {
  const { documents, sql, capture, mirror, queue, outbox, tables, live, deps } = core;
  const names = commit.parts.map(({ document }) => document);
  await documents.hydrate(names.filter((name) => !documents.getOrCreate(name)));
  if (commit.parts.some(({ document, update }) => isBehind(documents.getOrCreate(document)!.doc, update)))
    return 'behind';
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
  if (!isNews) return 'known';
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
  return 'taken';
}

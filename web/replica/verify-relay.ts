/**
 * Proof that relay and device hold the same: per document and table, the hashes of what the registers say against
 * those of the report, both at the report's cursor. Where they differ, the document is built once more from the
 * relay's own snapshot and log, which tells whose fault it is:
 *
 *   registers ≠ log             the device's: it takes what it lacks, and if that was not it, the document anew
 *   registers = log ≠ report    nobody's, when the report is the log without the updates that break a rule [REG-5]:
 *                               told, with those; else the relay's: told, and left to it
 *
 * Unsent work is in neither side of the comparison, and stays where it is [VERIFY-3].
 */
import * as Y from 'yjs';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import {
  differingRanges,
  fingerprintForReport,
  hashesForReport,
  type TableFingerprint,
} from '../../shared/mirror/verify.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { DocumentRows } from '../../shared/registers/document-rows.ts';
import { type GuardedEntry, GuardedLog } from '../../shared/registers/guarded-log.ts';
import { RegisterGuard } from '../../shared/registers/register-guard.ts';
import type { DocumentProof, ReportTableProof, SetAside } from '../client/engine-messages.ts';
import { separate } from './commit-content.ts';
import type { Core } from './core.ts';
import { applyAll } from './hydration.ts';
import { digestOf } from './proof-text.ts';
import { RelayAnswerError, type RelayApi, type RelayHead, type RelayLog } from './sync/relay-api.ts';
import { takeUpdate } from './take-update.ts';

/** A busy document moves on while it is compared; after so many times it is left for another day. */
const MAX_ROUNDS = 8;
const ROUND_MS = 400;

export interface VerifyRelayOptions {
  readonly core: Core;
  readonly api: RelayApi;
  readonly isLevel: () => boolean;
  /** Drops what is stored of the document, keeps unsent work apart, and has it sent again from the start. */
  readonly renew: (document: string) => Promise<void>;
}

/** The relay had this when it was asked, and the device has still not got it: nobody told it. Undefined when it has. */
export async function findUnknown(
  { core }: VerifyRelayOptions,
  { document, epoch, head }: RelayHead,
): Promise<DocumentProof | undefined> {
  const isUnknown = () => {
    const record = core.documents.record(document);
    return head > 0 && (record.epoch < epoch || (record.epoch === epoch && record.seq < head));
  };
  // What was written a moment ago is on its way.
  for (let round = 0; round < MAX_ROUNDS && isUnknown(); round++) await pause(core);
  return isUnknown() ? { document, epoch, seq: head, outcome: 'unknown-here', tables: [] } : undefined;
}

/** Throws what the network throws, and RelayAnswerError. */
export async function compareWithRelay(options: VerifyRelayOptions, name: string): Promise<DocumentProof> {
  const { core } = options;
  let because: DocumentProof['because'] = 'moving';
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round > 0) await pause(core);
    const outcome = await compareOnce(options, name).catch((error: unknown) => {
      if (!(error instanceof RelayAnswerError)) throw error;
      if (error.code === 'too-large') return 'too-large';
      if (error.status === 404) return 'not-reported';
      // Others are being compared, or the log was trimmed in between.
      if (error.code === 'busy' || error.code === 'trimmed') return 'moving';
      throw error;
    });
    if (typeof outcome === 'object') return outcome;
    because = outcome;
    if (because === 'too-large' || because === 'not-reported') break;
  }
  const { epoch, seq } = core.documents.record(name);
  return { document: name, epoch, seq, outcome: 'not-compared', because, tables: [] };
}

async function compareOnce(
  options: VerifyRelayOptions,
  name: string,
): Promise<DocumentProof | NonNullable<DocumentProof['because']>> {
  const { core, api } = options;
  const { reported, seq: known } = core.documents.record(name);
  if (reported < known) return 'report-behind';
  const report = await api.report(name);
  const local = await settledState(options, name);
  if (!local) return 'waiting';
  const { epoch, seq, found } = local;
  try {
    if (report.epoch !== epoch || report.seq !== seq) return 'moving';
    const proof = { document: name, epoch, seq };
    const ranges = differingRanges(found, report.tables);
    if (ranges.size === 0)
      return { ...proof, outcome: 'equal', tables: tablesOf(found, report.tables, new Map()) };
    const ids = await differingIds(options, name, { rows: local.rows, ranges });
    const fault = await findFault(options, name, { ...local, reported: report.tables });
    return fault === 'moving' ? fault : { ...proof, ...fault, tables: tablesOf(found, report.tables, ids) };
  } finally {
    local.close();
  }
}

/** Whether device or relay is at fault, and what was done about it. */
async function findFault(
  options: VerifyRelayOptions,
  name: string,
  { epoch, seq, found, reported }: LocalState & { readonly reported: readonly TableFingerprint[] },
): Promise<Pick<DocumentProof, 'outcome' | 'setAside'> | 'moving'> {
  const { core, api } = options;
  const log = await api.log(name, epoch, seq);
  const doc = new Y.Doc();
  try {
    applyAll(doc, [...(log.snapshot ? [log.snapshot] : []), ...log.entries.map(({ update }) => update)]);
    const expected = fingerprintOf(core, name, doc);
    if (differingRanges(expected, found).size === 0) {
      const setAside = setAsideOf(core, name, { log, reported });
      return setAside.length > 0 ? { outcome: 'set-aside', setAside } : { outcome: 'report-differs' };
    }
    const now = await settledState(options, name);
    now?.close();
    if (now?.seq !== seq || differingRanges(now.found, found).size > 0) return 'moving';
    await takeUpdate(core, name, Y.encodeStateAsUpdate(doc));
    const after = await settledState(options, name);
    after?.close();
    if (after?.seq !== seq) return 'moving';
    if (differingRanges(expected, after.found).size === 0) return { outcome: 'mended' };
    await options.renew(name);
    return { outcome: 'rebuilt' };
  } finally {
    doc.destroy();
  }
}

/** What the report leaves out by the rules of [REG-5] and [PERM-2]; empty when that is not why it differs. */
function setAsideOf(
  core: Core,
  name: string,
  { log, reported }: { readonly log: RelayLog; readonly reported: readonly TableFingerprint[] },
): SetAside[] {
  const { schema } = core;
  const doc = new Y.Doc();
  try {
    if (log.snapshot) applyRemoteUpdate(doc, log.snapshot, 'snapshot');
    const guarded = new GuardedLog(doc, new RegisterGuard(schema, tablesOfDocument(schema, name)));
    const setAside: SetAside[] = [];
    const note = ({ seq, device }: GuardedEntry, reason: string) => setAside.push({ seq, device, reason });
    for (const entry of log.entries) {
      const outcome = guarded.apply(entry);
      if (outcome.kind === 'refused') note(entry, outcome.detail);
      if (outcome.kind === 'applied') {
        for (const late of outcome.refusedLate) note(late.entry, late.detail);
      }
    }
    for (const entry of guarded.waiting.values()) note(entry, 'it builds on an update that is not there');
    const isWhy = differingRanges(fingerprintOf(core, name, doc), reported).size === 0;
    return isWhy ? setAside.sort((a, b) => a.seq - b.seq) : [];
  } finally {
    doc.destroy();
  }
}

function fingerprintOf({ schema, mirror }: Core, name: string, doc: Y.Doc): TableFingerprint[] {
  const rows = new DocumentRows(doc, schema);
  try {
    return fingerprintForReport(schema, name, rows, mirror);
  } finally {
    rows.close();
  }
}

interface LocalState {
  readonly epoch: number;
  readonly seq: number;
  readonly rows: DocumentRows;
  readonly found: readonly TableFingerprint[];
  close(): void;
}

/**
 * The document as the relay has it at the stored position: without what was not sent. Undefined while something is on
 * its way. Position and rows are looked at in one go, with nothing awaited in between.
 */
async function settledState(
  { core, isLevel }: VerifyRelayOptions,
  name: string,
): Promise<LocalState | undefined> {
  const { documents, outbox, queue, schema, mirror } = core;
  await documents.hydrate([name]);
  await queue.idle();
  const unsent = outbox
    .entries()
    .filter(
      ({ commit, content }) =>
        content === undefined && commit.parts.some(({ document }) => document === name),
    );
  if (!isLevel() || outbox.isHeld || unsent.some(({ commit }) => outbox.isInFlight(commit.id)))
    return undefined;
  const stateOf = (rows: DocumentRows, close: () => void): LocalState => {
    const { epoch, seq } = documents.record(name);
    return { epoch, seq, rows, close, found: fingerprintForReport(schema, name, rows, mirror) };
  };
  if (unsent.length === 0) {
    const open = documents.get(name);
    return open && queue.isIdle ? stateOf(open.rows, () => {}) : undefined;
  }
  const number = core.lastNumber();
  const stored = await core.readDocument(name);
  if (core.lastNumber() !== number || !queue.isIdle) return undefined;
  const { base } = separate(name, stored, new Set(unsent.map(({ commit }) => commit.id)));
  const rows = new DocumentRows(base, schema);
  return stateOf(rows, () => {
    rows.close();
    base.destroy();
  });
}

/** By table, the ids of rows that the two sides hold differently, or only one holds. */
async function differingIds(
  { core, api }: VerifyRelayOptions,
  name: string,
  sides: { readonly rows: DocumentRows; readonly ranges: ReadonlyMap<string, readonly number[]> },
): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>();
  for (const table of tablesOfDocument(core.schema, name)) {
    const ranges = new Set(sides.ranges.get(table.name) ?? []);
    if (ranges.size === 0) continue;
    const here = hashesForReport(table, name, { rows: sides.rows, mirror: core.mirror, ranges });
    const differing = new Set(here.keys());
    for (const [id, hash] of (await api.reportRows(name, table.name, ranges)).rows) {
      if (here.get(id) === hash) differing.delete(id);
      else differing.add(id);
    }
    ids.set(table.name, [...differing].sort());
  }
  return ids;
}

function tablesOf(
  found: readonly TableFingerprint[],
  reported: readonly TableFingerprint[],
  ids: ReadonlyMap<string, readonly string[]>,
): ReportTableProof[] {
  const reportByTable = new Map(reported.map((fingerprint) => [fingerprint.table, fingerprint]));
  return found.flatMap((fingerprint) => {
    const report = reportByTable.get(fingerprint.table);
    if (!report) return []; // a relay of an older build has no such table yet
    return {
      table: fingerprint.table,
      rows: fingerprint.rowCount,
      reportRows: report.rowCount,
      registerHash: digestOf(fingerprint),
      reportHash: digestOf(report),
      ids: ids.get(fingerprint.table) ?? [],
    };
  });
}

function pause({ deps }: Core): Promise<void> {
  return new Promise((resolve) => deps.setTimer(ROUND_MS, resolve));
}

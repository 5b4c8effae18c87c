/** One update of one document as the log holds it, with what its commit says about it. */
export interface LogEntry {
  readonly document: number;
  readonly epoch: number;
  readonly seq: number;
  /** Absent: an update of a stock Yjs client. */
  readonly commit: string | undefined;
  readonly user: string;
  readonly device: string | undefined;
  readonly label: string | undefined;
  /** Of the commit; absent for stock clients. */
  readonly hlc: number | undefined;
  readonly storedAtMs: number;
  readonly update: Uint8Array;
  /** Parts of the commit in other documents, as [document, epoch, seq]. */
  readonly others: readonly (readonly [document: number, epoch: number, seq: number])[];
}

/** The columns that `entryOfRow` reads, for a query over `espejo.log l left join espejo.commit k`. */
export const ENTRY_COLUMNS = `l.document, l.epoch, l.seq, l.commit, l.user_name, l.device, l.update,
  (extract(epoch from l.stored_at) * 1000)::float8 as stored_at_ms,
  k.label, k.hlc::float8 as hlc, k.documents, k.epochs, k.seqs`;

export interface EntryRow {
  readonly document: number;
  readonly epoch: number;
  readonly seq: number;
  readonly commit: string | null;
  readonly user_name: string;
  readonly device: string | null;
  readonly update: Uint8Array;
  readonly stored_at_ms: number;
  readonly label: string | null;
  readonly hlc: number | null;
  readonly documents: readonly number[] | null;
  readonly epochs: readonly number[] | null;
  readonly seqs: readonly number[] | null;
}

export function entryOfRow(row: EntryRow): LogEntry {
  const parts = (row.documents ?? []).map(
    (document, index) => [document, row.epochs![index]!, row.seqs![index]!] as const,
  );
  return {
    document: row.document,
    epoch: row.epoch,
    seq: row.seq,
    commit: row.commit ?? undefined,
    user: row.user_name,
    device: row.device ?? undefined,
    label: row.label ?? undefined,
    hlc: row.hlc ?? undefined,
    storedAtMs: row.stored_at_ms,
    update: row.update,
    others: parts.filter(([document]) => document !== row.document),
  };
}

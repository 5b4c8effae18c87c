/**
 * What arrives from the relay, on its way into documents, SQL and store. Frames are gathered to atomic units: all
 * parts of a commit, or of a catch-up, are applied in one SQL transaction and stored, with the positions they
 * lead to, in one store transaction [WIRE-3]. Units that wait are taken together.
 *
 * Everything the relay says passes one queue, so an ack is looked at after the updates that came before it.
 */

import { ProtocolError } from '../../../shared/protocol/commit.ts';
import type { ControlFromRelay, UpdateFrame } from '../../../shared/protocol/wire.ts';
import { applyRemoteUpdate } from '../../../shared/registers/apply.ts';
import type { Core } from '../core.ts';
import { addTouched, type OpenDocument } from '../hydration.ts';
import type { DocumentRecord, StoredUpdate } from '../store/store.ts';
import { inTransaction } from '../transaction.ts';

interface Part {
  readonly document: string;
  readonly frame: UpdateFrame;
  /** Undefined: this device made it and has it. */
  readonly update: Uint8Array | undefined;
}

type Position = Pick<DocumentRecord, 'epoch' | 'seq' | 'head'>;

type Arrival =
  | { readonly kind: 'unit'; readonly parts: readonly Part[] }
  | { readonly kind: 'control'; readonly message: ControlFromRelay };

/** The relay skipped part of a document's log; joining again with our positions mends it. */
export class SequenceGapError extends Error {
  override name = 'SequenceGapError';
}

export interface ReceiverListener {
  onControl(message: ControlFromRelay): Promise<void>;
  /** Documents give way to what arrived: what was not sent must be taken out of them first. */
  onNewLife(): Promise<void>;
  /** What arrived is in their place, or could not be put there. */
  onNewLifeTaken(): Promise<void>;
  /** Applying or storing failed; nothing of what waited is kept. */
  onFailure(error: unknown): void;
}

export class Receiver {
  readonly #core: Core;
  readonly #listener: ReceiverListener;
  #gathering: Part[] = [];
  #arrivals: Arrival[] = [];
  #running: Promise<void> | undefined;
  /** Counts the connections: what arrived on an earlier one is not applied any more. */
  #session = 0;

  constructor(core: Core, listener: ReceiverListener) {
    this.#core = core;
    this.#listener = listener;
  }

  update(document: string, frame: UpdateFrame, update: Uint8Array | undefined): void {
    this.#gathering.push({ document, frame, update });
    if (frame.more) return;
    this.#arrivals.push({ kind: 'unit', parts: this.#gathering });
    this.#gathering = [];
    this.#run();
  }

  control(message: ControlFromRelay): void {
    this.#arrivals.push({ kind: 'control', message });
    this.#run();
  }

  /** Forgets what waits: the connection ended, and the next one sends it again. */
  reset(): void {
    this.#session++;
    this.#gathering = [];
    this.#arrivals = [];
  }

  /** Resolves when everything that arrived has been dealt with. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#arrivals.length > 0) this.#run();
    });
  }

  async #drain(): Promise<void> {
    while (this.#arrivals.length > 0) {
      const session = this.#session;
      try {
        const first = this.#arrivals[0]!;
        if (first.kind === 'control') {
          this.#arrivals.shift();
          await this.#listener.onControl(first.message);
        } else {
          let count = 1;
          while (this.#arrivals[count]?.kind === 'unit') count++;
          const units = this.#arrivals.splice(0, count) as Extract<Arrival, { kind: 'unit' }>[];
          await this.#apply(
            units.flatMap(({ parts }) => parts),
            session,
          );
        }
      } catch (error) {
        if (session !== this.#session) continue;
        this.reset();
        this.#listener.onFailure(error);
      }
    }
  }

  async #apply(arrived: readonly Part[], session: number): Promise<void> {
    const isNewLife = arrived.some((part) => this.#givesWay(part));
    try {
      if (isNewLife) await this.#listener.onNewLife();
      await this.#take(arrived, session);
    } finally {
      if (isNewLife) await this.#listener.onNewLifeTaken();
    }
  }

  /** What is here of the document is void: it was made anew by the server, or is not what the relay has. */
  #givesWay({ document, frame }: Part): boolean {
    const { documents } = this.#core;
    const isNewEpoch = frame.epoch > documents.record(document).epoch && documents.isKnown(document);
    return isNewEpoch || documents.isExpectedAnew(document);
  }

  async #take(arrived: readonly Part[], session: number): Promise<void> {
    const { documents, queue, clock } = this.#core;
    const { parts, positions } = this.#advance(arrived);
    if (positions.size === 0) return;
    const carrying = new Set(parts.filter(({ update }) => update).map(({ document }) => document));
    const givingWay = new Set(parts.filter((part) => this.#givesWay(part)).map(({ document }) => document));
    if (carrying.size === 0) {
      // All of it was made and stored here: where it stands in the log can wait, and nobody waits for it.
      queue.defer({ documents: this.#keep(positions) });
      return;
    }
    await documents.hydrate(
      [...carrying].filter((name) => !givingWay.has(name) && !documents.getOrCreate(name)),
    );
    if (session !== this.#session) return;
    // From here to the store write nothing waits, so no local write comes between.
    const number = this.#core.takeNumber();
    for (const name of givingWay) this.#clear(name, positions.get(name)!.epoch);
    const updates = this.#project(parts, carrying, number);
    for (const name of carrying) {
      const open = documents.get(name);
      if (open) clock.observe(open.rows.maxHlc);
    }
    // Onto the record as it is now: a snapshot may have been folded while the documents were read.
    const records = [...positions].map(([name, position]) => ({ ...documents.record(name), ...position }));
    await queue.write({
      durability: 'relaxed',
      // In one with what takes their place: neither half of it is ever alone on the disk.
      ...(givingWay.size > 0 ? { dropDocuments: [...givingWay], image: 'drop' } : {}),
      documents: records,
      ...(updates.length > 0 ? { updates } : {}),
    });
    this.#keep(positions);
    this.#core.metrics.received(
      parts.reduce((sum, { frame, update }) => sum + (update ? frame.toSeq - frame.fromSeq + 1 : 0), 0),
    );
  }

  /** Out of memory and SQL. */
  #clear(name: string, epoch: number): void {
    const { documents, tables, sql, capture, mirror, live } = this.#core;
    documents.beginAnew(name, epoch);
    tables.epochBegan(name);
    inTransaction(sql, () => capture.pause(() => mirror.drop(name)));
    live.changedAll();
  }

  /** In memory and in `_document`; answers the records. */
  #keep(positions: ReadonlyMap<string, Position>): DocumentRecord[] {
    const { documents } = this.#core;
    const records = [...positions].map(([name, position]) => ({ ...documents.record(name), ...position }));
    for (const record of records) documents.setRecord(record);
    this.#documentsChanged(positions.keys());
    return records;
  }

  /** The positions these parts lead to, without those we have. Throws SequenceGapError when one is missing. */
  #advance(arrived: readonly Part[]): { parts: readonly Part[]; positions: Map<string, Position> } {
    const positions = new Map<string, Position>();
    const parts: Part[] = [];
    for (const part of arrived) {
      const { document, frame } = part;
      const position = positions.get(document) ?? this.#core.documents.record(document);
      if (frame.epoch < position.epoch) continue;
      const isFromStart = frame.epoch > position.epoch || (!positions.has(document) && this.#givesWay(part));
      const seq = isFromStart ? 0 : position.seq;
      if (frame.toSeq <= seq) continue;
      if (frame.fromSeq > seq + 1)
        throw new SequenceGapError(`${document}: the relay sent seq ${frame.fromSeq} after ${seq}`);
      const head = Math.max(position.head, frame.toSeq);
      positions.set(document, { epoch: frame.epoch, seq: frame.toSeq, head });
      parts.push(part);
    }
    // Of a document that begins anew on the way, what came before that is void.
    const isOfNow = ({ document, frame }: Part) => frame.epoch === positions.get(document)!.epoch;
    return { parts: parts.filter(isOfNow), positions };
  }

  /** Documents, then SQL, in one transaction; returns what is to be stored. */
  #project(parts: readonly Part[], carrying: ReadonlySet<string>, number: number): StoredUpdate[] {
    const { sql, capture, mirror, documents, live } = this.#core;
    const open = new Map<string, OpenDocument>();
    const touchedByDocument = new Map<string, Map<string, Set<string>>>();
    const stops: (() => void)[] = [];
    for (const name of carrying) {
      const document = documents.getOrCreate(name)!;
      const touched = new Map<string, Set<string>>();
      open.set(name, document);
      touchedByDocument.set(name, touched);
      stops.push(document.rows.observe((more) => addTouched(touched, more)));
    }
    const kept: StoredUpdate[] = [];
    for (const part of this.#applicable(parts, open)) {
      // Several updates of one document in one unit need numbers of their own.
      const isSecond = kept.some(({ document }) => document === part.document);
      kept.push({
        document: part.document,
        number: isSecond ? this.#core.takeNumber() : number,
        update: part.update!,
      });
    }
    for (const stop of stops) stop();
    try {
      const changes = inTransaction(sql, () =>
        capture.pause(() =>
          [...open.values()].flatMap(({ name, rows }) =>
            mirror.project(name, rows, touchedByDocument.get(name)!),
          ),
        ),
      );
      for (const update of kept) documents.noteUpdate(update.document, update.number);
      live.changed(changes, ['_conflict', '_violation', '_quarantine']);
    } catch (error) {
      for (const name of carrying) documents.distrust(name);
      throw error;
    }
    return kept;
  }

  /**
   * Applies the updates and answers those worth storing. What is malformed is set aside; what came before its
   * predecessor is stored for later, and never projected until then [REG-7].
   */
  #applicable(parts: readonly Part[], open: ReadonlyMap<string, OpenDocument>): readonly Part[] {
    const kept: Part[] = [];
    let gaps: Part[] = [];
    for (const part of parts) {
      if (!part.update) continue;
      try {
        if (applyRemoteUpdate(open.get(part.document)!.doc, part.update, 'relay') === 'gap') gaps.push(part);
        kept.push(part);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#quarantine(part, error.message);
      }
    }
    const stillGap = (part: Part) =>
      applyRemoteUpdate(open.get(part.document)!.doc, part.update!, 'relay') === 'gap';
    for (let before = gaps.length + 1; gaps.length > 0 && gaps.length < before; ) {
      before = gaps.length;
      gaps = gaps.filter(stillGap);
    }
    for (const part of gaps) {
      this.#core.documents.noteGap(part.document);
      this.#quarantine(part, 'an update came without the one before it');
    }
    return kept;
  }

  #quarantine({ document, frame, update }: Part, reason: string): void {
    this.#core.tables.quarantine({
      document,
      epoch: frame.epoch,
      seq: frame.toSeq,
      reason,
      bytes: update!,
      atMs: this.#core.deps.nowMs(),
    });
  }

  #documentsChanged(names: Iterable<string>): void {
    const { documents, tables, live } = this.#core;
    for (const name of names) {
      tables.documentChanged(
        documents.record(name),
        documents.isOpen(name) ? documents.get(name)!.rows.registerCount : undefined,
        documents.tailLength(name),
      );
    }
    live.changed([], ['_document']);
  }
}

/**
 * What becomes of commits after they were made: acked, refused, discarded, sent once more. When one was refused for
 * good, or the clock ran ahead, or a document began a new life, it waits until nothing is on its way, holds the
 * outbox, and has what waits made anew (rebase.ts). Whatever is interrupted in between is found at the next
 * connection, and finished then.
 */
import type { ControlFromRelay } from '../../shared/protocol/wire.ts';
import type { Core } from './core.ts';
import { Rebase } from './rebase.ts';
import type { Stop } from './status.ts';
import { StoreError } from './store/store.ts';
import type { ConnectionListener } from './sync/connection.ts';
import { recheckReferences, withdraw, withdrawnDocuments } from './withdraw.ts';

/** Sent again so often and still said to build on something refused: then it does. */
const MAX_CUT_OFF_ATTEMPTS = 5;

/** How often it is looked whether everything on its way was answered. */
const ANSWER_POLL_MS = 50;

/** A disk that had no room is asked again after this. */
const STORE_RETRY_MS = 5_000;

interface Discard {
  readonly id: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface SenderListener {
  /** Leave the relay and join it again with the positions as they are now. */
  rejoin(): void;
  /** Have the relay say which of the unsure commits it has. True: wait for `onLevel`. */
  settleUnsure(): boolean;
  /** Ask the relay for its time; `onClockRead` of the connection follows. */
  readClock(): void;
  /** Documents have left the device, because the user may no longer read them. */
  onWithdrawn(): void;
}

export class Sender {
  readonly #core: Core;
  readonly #listener: SenderListener;
  readonly #rebase: Rebase;
  #needsRebase = false;
  #isRebasing = false;
  #isRenewing = false;
  #isTooOld = false;
  /** A commit was refused for its time: the relay's is on its way here, and nothing is made anew before. */
  #awaitsClock = false;
  /** Set while a document gives way to its next epoch. */
  #makeWhole: Stop | undefined;
  /** Waiting for the next rebase. */
  #discards: Discard[] = [];
  #working: Promise<void> | undefined;
  #stopWaiting: Stop = () => {};

  constructor(core: Core, listener: SenderListener) {
    this.#core = core;
    this.#listener = listener;
    this.#rebase = new Rebase(core);
  }

  /** The relay takes commits of a newer schema only. Local work goes on, and nothing is sent until the update. */
  get isTooOld(): boolean {
    return this.#isTooOld;
  }

  get listener(): Omit<ConnectionListener, 'onLevel' | 'onLevelLost'> {
    return {
      onWelcome: (message) => this.#onWelcome(message),
      onAck: (id, seqs) => this.#onAck(id, seqs),
      onReject: (message) => this.#onReject(message),
      onStages: (message) => this.#onStages(message),
      onClockRead: () => this.#onClockRead(),
      onNewLife: () => this.#onNewLife(),
      onNewLifeTaken: () => this.#onNewLifeTaken(),
    };
  }

  /** Before anything is sent on a new connection: a clock that ran ahead, and what an interruption left. */
  onLevel(): void {
    this.#awaitsClock = false; // the welcome told it
    const isDue = this.#needsRebase || this.#rebase.isAhead() || this.#rebase.isHalfDone();
    if (isDue || withdrawnDocuments(this.#core).length > 0) this.#scheduleRebase();
  }

  /** At open: commits that were taken out and not put back. A disk without room for them is tried again later. */
  async attachLeft(): Promise<void> {
    if (!this.#rebase.hasDetached()) return;
    try {
      await this.#attachAll();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }

  close(): void {
    this.#stopWaiting();
  }

  async idle(): Promise<void> {
    while (this.#working) await this.#working;
  }

  /** Rejects when the commit is on its way: then it is too late. */
  async discard(id: string): Promise<void> {
    const { outbox } = this.#core;
    const entry = outbox.get(id);
    if (!entry) return;
    if (outbox.isInFlight(id)) throw new Error('this change is on its way; wait for the answer');
    if (entry.content !== undefined) {
      await this.#drop(id);
      return;
    }
    // Others may be on their way, and it cannot be taken out before they were answered.
    await new Promise<void>((resolve, reject) => {
      this.#discards.push({ id, resolve, reject });
      this.#scheduleRebase();
    });
  }

  async resend(id: string): Promise<void> {
    const { outbox } = this.#core;
    const entry = outbox.get(id);
    if (entry?.state !== 'rejected') return;
    outbox.update({ ...entry, state: 'waiting' });
    await this.#exclusively(() => this.#attachAll());
    this.#core.committed();
  }

  async #onWelcome(message: Extract<ControlFromRelay, { type: 'welcome' }>): Promise<void> {
    const { tables, clock, device, user } = this.#core;
    const before = this.#core.grants;
    this.#core.grants = message.grants;
    this.#isTooOld = this.#core.schema.version < message.minSchema;
    if (this.#isTooOld) this.#core.outbox.hold();
    else this.#releaseIfFree();
    tables.deviceChanged(device, user, clock.offsetMs);
    recheckReferences(this.#core, before);
    this.#core.statusChanged();
  }

  async #onAck(
    id: string,
    seqs: readonly (readonly [document: string, epoch: number, seq: number])[],
  ): Promise<void> {
    const { outbox, tables, queue, live, deps, clock } = this.#core;
    const entry = outbox.remove(id);
    if (!entry) return;
    this.#core.metrics.stored(id);
    tables.outboxRemoved(id);
    if (entry.content !== undefined)
      await this.#takeAgain(entry.commit.parts.map(({ document }) => document));
    for (const [document, , seq] of seqs) tables.commitStored(id, document, seq, deps.nowMs());
    live.changed([], ['_outbox', '_sync']);
    // Lost with a crash it is sent again, and acked again.
    queue.defer({ outboxRemove: [id], meta: { hlc: clock.last } });
    this.#core.statusChanged();
    this.#rebaseWhenQuiet();
  }

  /** The relay has of these documents what was taken out of them here, and sends it with its bytes when asked anew. */
  async #takeAgain(names: readonly string[]): Promise<void> {
    const { documents, queue } = this.#core;
    const records = names.map((name) => ({ ...documents.record(name), seq: 0 }));
    for (const record of records) documents.setRecord(record);
    await queue.write({ durability: 'strict', documents: records });
    this.#listener.rejoin();
  }

  async #onReject(message: Extract<ControlFromRelay, { type: 'reject' }>): Promise<void> {
    const { outbox, tables, queue, live, deps } = this.#core;
    const { id, code } = message;
    // Each sending is answered once; what is said again is about none that waits for an answer.
    if (!outbox.isInFlight(id)) return;
    this.#core.metrics.failed(id, code, message.message);
    // A clock was set, here or there: what is stamped ahead is made anew by the relay's time, and sent again later.
    const retry = message.retry || code === 'schema-too-old' || code === 'clock-ahead';
    if (code === 'clock-ahead' && !this.#awaitsClock) {
      this.#awaitsClock = true;
      this.#listener.readClock();
    }
    if (code === 'schema-too-old') {
      this.#isTooOld = true;
      outbox.hold();
    }
    const entry = outbox.refused(id, code, message.message, retry, deps.nowMs());
    if (!entry) return;
    tables.outboxChanged(entry, false, outbox.attemptAtMs(id));
    live.changed([], ['_outbox']);
    queue.write({ durability: 'relaxed', outboxPut: [entry] }).catch(() => {}); // refused again after a crash
    this.#core.statusChanged();
    // What came after a refused commit is only sent again, unless that one is out for good: then its documents are
    // made anew, and a fresh client id tells the relay that nothing builds on what it refused.
    const isCutOff =
      code === 'after-rejected' && (this.#rebase.isHalfDone() || entry.attempts > MAX_CUT_OFF_ATTEMPTS);
    if (!retry || isCutOff || code === 'clock-ahead') this.#scheduleRebase();
    else this.#rebaseWhenQuiet();
  }

  async #onStages({ documents: stages }: Extract<ControlFromRelay, { type: 'stages' }>): Promise<void> {
    const { documents, tables, live, deps } = this.#core;
    for (const [name, epoch, reported, archived] of stages) {
      const record = documents.record(name);
      if (record.epoch !== epoch) continue;
      documents.setRecord({ ...record, reported, archived });
      tables.stagesChanged(name, reported, archived, deps.nowMs());
      tables.documentChanged(
        documents.record(name),
        documents.isOpen(name) ? documents.get(name)!.rows.registerCount : undefined,
        documents.tailLength(name),
      );
    }
    live.changed([], ['_sync', '_document']);
  }

  /** A document gives way to what the relay has: what was not sent is kept apart meanwhile. */
  async #onNewLife(): Promise<void> {
    this.#makeWhole ??= this.#core.whole.break();
    await this.#exclusively(() => this.#rebase.detachAll());
  }

  async #onNewLifeTaken(): Promise<void> {
    try {
      await this.#exclusively(() => this.#attachAll());
      this.#needsRebase ||= this.#rebase.mustRejoin;
    } finally {
      this.#makeWhole?.();
      this.#makeWhole = undefined;
    }
  }

  /** What is here of the document is not what the relay has: it comes again from the start, under what was not sent. */
  async renew(document: string): Promise<void> {
    const { outbox, documents, deps } = this.#core;
    this.#isRenewing = true;
    outbox.hold();
    try {
      while (outbox.inFlightCount > 0)
        await new Promise<void>((resolve) => deps.setTimer(ANSWER_POLL_MS, resolve));
      documents.expectAnew(document);
    } finally {
      this.#isRenewing = false;
      this.#releaseIfFree();
    }
    this.#listener.rejoin();
  }

  #onClockRead(): void {
    if (!this.#awaitsClock) return;
    this.#awaitsClock = false;
    this.#rebaseWhenQuiet();
  }

  #scheduleRebase(): void {
    this.#needsRebase = true;
    this.#core.outbox.hold();
    this.#rebaseWhenQuiet();
  }

  /** Only when every commit on its way was answered is it known which are stored. */
  #rebaseWhenQuiet(): void {
    const { outbox } = this.#core;
    if (
      !this.#needsRebase ||
      this.#isRebasing ||
      this.#isRenewing ||
      this.#awaitsClock ||
      outbox.inFlightCount > 0
    )
      return;
    // What may be stored already is asked about first. Without a connection it gets other ids, to be on the safe side.
    if (this.#listener.settleUnsure()) return;
    this.#needsRebase = false;
    this.#isRebasing = true;
    const discards = this.#discards.splice(0);
    const makeWhole = this.#core.whole.break();
    let isDone = false;
    this.#exclusively(async () => {
      await this.#rebase.detachAll();
      for (const { id } of discards) await this.#drop(id);
      if (await withdraw(this.#core)) this.#listener.onWithdrawn();
      await this.#attachAll();
    })
      .then(
        () => {
          for (const { resolve } of discards) resolve();
          isDone = true;
        },
        (error: unknown) => {
          this.#retrySoon();
          for (const { reject } of discards) reject(error);
        },
      )
      .finally(() => {
        this.#isRebasing = false;
        makeWhole();
        if (isDone && this.#needsRebase) this.#rebaseWhenQuiet(); // asked for meanwhile
        this.#releaseIfFree();
        this.#core.statusChanged();
        if (this.#rebase.takeMustRejoin()) this.#listener.rejoin();
        else this.#core.committed();
      });
  }

  /** While the disk has no room for what was taken out, its rows are missing, and nothing may be written past them. */
  async #attachAll(): Promise<void> {
    try {
      await this.#rebase.attachAll();
      this.#core.whole.lacks(undefined);
    } catch (error) {
      this.#core.whole.lacks(error as Error);
      this.#retrySoon();
      throw error;
    }
  }

  /** The store is away. Tried again at the next answer or connection, or soon; nothing is sent until then. */
  #retrySoon(): void {
    this.#needsRebase = true;
    this.#core.outbox.hold();
    this.#stopWaiting();
    this.#stopWaiting = this.#core.deps.setTimer(STORE_RETRY_MS, () => this.#rebaseWhenQuiet());
  }

  /** The commit is gone, from the outbox and from `_sync`; its rows are no longer its own. */
  async #drop(id: string): Promise<void> {
    const { outbox, tables, queue, live } = this.#core;
    outbox.remove(id);
    tables.outboxRemoved(id);
    tables.commitDropped(id);
    await queue.write({ durability: 'strict', outboxRemove: [id] });
    live.changed([], ['_outbox', '_sync']);
    this.#core.statusChanged();
  }

  #releaseIfFree(): void {
    if (!this.#needsRebase && !this.#isRebasing && !this.#isRenewing && !this.#isTooOld)
      this.#core.outbox.release();
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    // Behind what was asked for before, never behind `idle`: that would come to wait for this one itself.
    const run = (this.#working ?? Promise.resolve()).then(work);
    const settled = run.catch(() => {});
    this.#working = settled;
    settled.then(() => {
      if (this.#working === settled) this.#working = undefined;
    });
    return run;
  }
}

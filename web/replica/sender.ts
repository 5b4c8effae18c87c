/**
 * What becomes of commits after they were made: acked, refused, taken out of their documents and made anew.
 *
 * A commit that the relay refused for good must not stay in its documents, or this device would show for ever what
 * nobody else has; and later commits build on its structs. So all commits that are not stored are detached (their
 * content kept apart, SQL as if they had never been), and those that still wait are attached again on what the
 * relay has, with a fresh client id and a corrected clock [OUT-3]. Whatever is interrupted in between is found
 * detached at the next open, and attached then.
 */
import { HLC_COUNTER_SPAN, hlcOfMs } from '../../shared/base/hlc.ts';
import { newId } from '../../shared/base/ids.ts';
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { ControlFromRelay } from '../../shared/protocol/wire.ts';
import { joinContents, separate, writeContent } from './commit-content.ts';
import type { Core } from './core.ts';
import { addTouched } from './hydration.ts';
import type { CommitContent, OutboxEntry, StoredUpdate } from './store/store.ts';
import type { ConnectionListener } from './sync/connection.ts';
import { inTransaction } from './transaction.ts';
import { collectUpdates } from './writer.ts';

/** A commit further ahead of the relay than this is stamped anew; the relay refuses from a minute on. */
const MAX_AHEAD_MS = 30_000;
/** Sent again so often and still said to build on something refused: then it does. */
const MAX_CUT_OFF_ATTEMPTS = 5;

export class Sender {
  readonly #core: Core;
  /** Refused since this replica was opened, so surely not stored: may keep its id when made anew. */
  readonly #answered = new Set<string>();
  /** Of an earlier run, which may have sent them. */
  readonly #inherited: ReadonlySet<string>;
  #needsRebase = false;
  #isTooOld = false;
  #working: Promise<void> | undefined;

  constructor(core: Core) {
    this.#core = core;
    this.#inherited = new Set(core.outbox.entries().map(({ commit }) => commit.id));
  }

  /** The relay takes commits of a newer schema only. Local work goes on, and nothing is sent until the update. */
  get isTooOld(): boolean {
    return this.#isTooOld;
  }

  get listener(): Omit<ConnectionListener, 'onLevel'> {
    return {
      onWelcome: (message) => this.#onWelcome(message),
      onAck: (id, seqs) => this.#onAck(id, seqs),
      onReject: (message) => this.#onReject(message),
      onStages: (message) => this.#onStages(message),
      onNewEpoch: (document, epoch) => this.#onNewEpoch(document, epoch),
    };
  }

  /** Before anything is sent on a new connection: a clock that ran ahead, and what an interruption left. */
  onLevel(): void {
    if (this.#needsRebase || this.#isAhead() || this.#isHalfDone()) this.#scheduleRebase();
  }

  /** At open: commits that were taken out and not put back. */
  async attachLeft(): Promise<void> {
    if (this.#hasDetached()) await this.#attachAll();
  }

  async idle(): Promise<void> {
    while (this.#working) await this.#working;
  }

  async discard(id: string): Promise<void> {
    const { outbox, tables, queue, live } = this.#core;
    const entry = outbox.get(id);
    if (!entry) return;
    if (outbox.isInFlight(id)) throw new Error('this change is on its way; wait for the answer');
    if (entry.content === undefined) await this.#exclusively(() => this.#detachAll());
    outbox.remove(id);
    tables.outboxRemoved(id);
    tables.commitDropped(id);
    await queue.write({ durability: 'strict', outboxRemove: [id] });
    live.changed([], ['_outbox', '_sync']);
    await this.#exclusively(() => this.#attachAll());
    this.#core.statusChanged();
    this.#core.committed();
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
    this.#core.grants = message.grants;
    this.#isTooOld = this.#core.schema.version < message.minSchema;
    if (this.#isTooOld) this.#core.outbox.hold();
    else if (!this.#needsRebase) this.#core.outbox.release();
    tables.deviceChanged(device, user, clock.offsetMs);
    this.#core.statusChanged();
  }

  async #onAck(
    id: string,
    seqs: readonly (readonly [document: string, epoch: number, seq: number])[],
  ): Promise<void> {
    const { outbox, tables, queue, live, deps, clock } = this.#core;
    const entry = outbox.remove(id);
    if (!entry) return;
    tables.outboxRemoved(id);
    for (const [document, , seq] of seqs) tables.commitStored(id, document, seq, deps.nowMs());
    live.changed([], ['_outbox', '_sync']);
    // Lost with a crash it is sent again, and acked again.
    queue.write({ durability: 'relaxed', outboxRemove: [id], meta: { hlc: clock.last } }).catch(() => {});
    this.#core.statusChanged();
    this.#rebaseWhenQuiet();
  }

  async #onReject(message: Extract<ControlFromRelay, { type: 'reject' }>): Promise<void> {
    const { outbox, tables, queue, live, deps } = this.#core;
    const { id, code } = message;
    const retry = message.retry || code === 'schema-too-old';
    if (code === 'schema-too-old') {
      this.#isTooOld = true;
      outbox.hold();
    }
    const entry = outbox.refused(id, code, message.message, retry, deps.nowMs());
    if (!entry) return;
    this.#answered.add(id);
    tables.outboxChanged(entry, false, outbox.attemptAtMs(id));
    live.changed([], ['_outbox']);
    queue.write({ durability: 'relaxed', outboxPut: [entry] }).catch(() => {}); // refused again after a crash
    this.#core.statusChanged();
    // What came after a refused commit is only sent again, unless that one is out for good: then its documents are
    // made anew, and a fresh client id tells the relay that nothing builds on what it refused.
    const isCutOff =
      code === 'after-rejected' && (this.#isHalfDone() || entry.attempts > MAX_CUT_OFF_ATTEMPTS);
    if (!retry || isCutOff) this.#scheduleRebase();
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

  /** The document was made anew by the server: what we have of it is void, what we have not sent is kept apart. */
  async #onNewEpoch(document: string, epoch: number): Promise<void> {
    await this.#exclusively(async () => {
      await this.#detachAll();
      const { documents, queue, sql, capture, mirror, live } = this.#core;
      const record = {
        ...documents.record(document),
        epoch,
        seq: 0,
        head: 0,
        snapshotNumber: 0,
        snapshotBytes: 0,
      };
      documents.forget(document, record);
      inTransaction(sql, () => capture.pause(() => mirror.drop(document)));
      live.changedAll();
      await queue.write({
        durability: 'strict',
        dropDocuments: [document],
        documents: [record],
        image: 'drop',
      });
    });
    this.#needsRebase = true; // attached again once level
  }

  #scheduleRebase(): void {
    this.#needsRebase = true;
    this.#core.outbox.hold();
    this.#rebaseWhenQuiet();
  }

  /** Only when every commit on its way was answered is it known which are stored. */
  #rebaseWhenQuiet(): void {
    const { outbox } = this.#core;
    if (!this.#needsRebase || outbox.inFlightCount > 0) return;
    this.#needsRebase = false;
    const show = this.#core.live.hold();
    this.#exclusively(async () => {
      await this.#detachAll();
      await this.#attachAll();
    })
      .finally(show)
      .then(() => {
        if (!this.#isTooOld) outbox.release();
        this.#core.committed();
      })
      .catch(() => {
        // The store is away. Nothing is sent until it is back and the replica is opened again.
      });
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

  /** Takes every commit that is not stored out of its documents. */
  async #detachAll(): Promise<void> {
    const { outbox, queue, documents } = this.#core;
    for (;;) {
      await queue.idle();
      const number = this.#core.lastNumber();
      const entries = outbox.entries().filter(({ content }) => content === undefined);
      if (entries.length === 0) return;
      const names = [
        ...new Set(entries.flatMap(({ commit }) => commit.parts.map(({ document }) => document))),
      ];
      const stored = await Promise.all(names.map((name) => this.#core.readDocument(name)));
      // A local write that came meanwhile is one more to detach.
      if (this.#core.lastNumber() !== number || !queue.isIdle) continue;

      const ids = new Set(entries.map(({ commit }) => commit.id));
      const contents = new Map<string, CommitContent[]>();
      names.forEach((name, index) => {
        const { base, contentByCommit } = separate(name, stored[index]!, ids);
        for (const [id, content] of contentByCommit) contents.set(id, [...(contents.get(id) ?? []), content]);
        documents.replace(name, base);
      });
      const detached = entries.map((entry) =>
        outbox.update({
          ...entry,
          commit: {
            ...entry.commit,
            parts: entry.commit.parts.map((part) => ({ ...part, update: new Uint8Array() })),
          },
          content: joinContents(contents.get(entry.commit.id) ?? []),
        }),
      );
      this.#rebuild(names);
      await queue.write({
        durability: 'strict',
        dropUpdates: entries.flatMap(({ commit, number }) =>
          commit.parts.map(({ document }) => [document, number] as const),
        ),
        outboxPut: detached,
        image: 'drop',
      });
      for (const name of names) documents.noteTail(name, stored[names.indexOf(name)]!.updates.length);
      return;
    }
  }

  /** Makes the detached commits that still wait anew, in their order. */
  async #attachAll(): Promise<void> {
    const { outbox, documents } = this.#core;
    const waiting = outbox
      .entries()
      .filter(({ content, state }) => content !== undefined && state === 'waiting');
    const names = new Set(waiting.flatMap(({ commit }) => commit.parts.map(({ document }) => document)));
    await documents.hydrate([...names].filter((name) => !documents.getOrCreate(name)));
    const restamp = this.#restamping(waiting);
    await Promise.all(waiting.map((entry) => this.#attach(entry, restamp)));
  }

  #attach(entry: OutboxEntry, restamp: (hlc: number) => number): Promise<void> {
    const { documents, outbox, queue, sql, capture, mirror, live, tables, deps } = this.#core;
    const content = entry.content!;
    const open = entry.commit.parts.map(({ document }) => documents.getOrCreate(document)!);
    const touchedByDocument = new Map(open.map(({ name }) => [name, new Map<string, Set<string>>()]));
    const stops = open.map(({ name, rows }) =>
      rows.observe((more) => addTouched(touchedByDocument.get(name)!, more)),
    );
    const updates = collectUpdates(open, (origin) => {
      let run = () => writeContent(content, (name) => documents.getOrCreate(name)!.doc, restamp);
      for (const { doc } of open) {
        const inner = run;
        run = () => doc.transact(inner, origin);
      }
      run();
    });
    for (const stop of stops) stop();
    const changes: readonly RowChange[] = inTransaction(sql, () =>
      capture.pause(() =>
        open.flatMap(({ name, rows }) => mirror.project(name, rows, touchedByDocument.get(name)!)),
      ),
    );
    if (updates.size === 0) {
      // It only changed what the refused commit had made: nothing of it is left to send.
      outbox.remove(entry.commit.id);
      tables.outboxRemoved(entry.commit.id);
      tables.commitDropped(entry.commit.id);
      live.changed(changes, ['_outbox', '_sync', '_conflict', '_violation']);
      return queue.write({ durability: 'strict', outboxRemove: [entry.commit.id] });
    }
    const number = this.#core.takeNumber();
    const { content: _content, errorCode: _code, error: _error, ...kept } = entry;
    const oldId = entry.commit.id;
    // A commit that may be stored already must not share its id with one that says the same by other structs.
    const isSurelyNotStored =
      this.#answered.has(oldId) || (entry.attempts === 0 && !this.#inherited.has(oldId));
    const id = isSurelyNotStored ? oldId : newId(deps.nowMs(), deps.randomBytes);
    const stored: StoredUpdate[] = [...updates].map(([document, update]) => ({
      document,
      number,
      update,
      commit: id,
    }));
    const attached: OutboxEntry = {
      ...kept,
      number,
      commit: {
        ...entry.commit,
        id,
        hlc: restamp(entry.commit.hlc),
        parts: stored.map(({ document, update }) => ({
          document,
          epoch: documents.record(document).epoch,
          update,
        })),
      },
    };
    for (const { document } of stored) documents.noteUpdate(document, number);
    outbox.remove(oldId);
    tables.outboxRemoved(oldId);
    tables.commitDropped(oldId);
    outbox.add(attached);
    tables.outboxChanged(attached);
    tables.rowsChanged(attached, 'local', attached.createdAtMs);
    live.changed(changes, ['_outbox', '_sync', '_conflict', '_violation']);
    return queue.write({
      durability: 'strict',
      updates: stored,
      outboxRemove: oldId === id ? [] : [oldId],
      outboxPut: [attached],
    });
  }

  /**
   * Times of writing as they would have been with the relay's clock: nothing later than now, in the order of
   * making. Takes the clock back when it ran ahead.
   */
  #restamping(entries: readonly OutboxEntry[]): (hlc: number) => number {
    const { clock, deps, documents } = this.#core;
    const relayNow = hlcOfMs(Math.floor(deps.nowMs() + clock.offsetMs));
    const moved = new Map<number, number>();
    let last = 0;
    for (const { commit } of entries) {
      const hlc = Math.max(last + 1, Math.min(commit.hlc, relayNow));
      moved.set(commit.hlc, hlc);
      last = hlc;
    }
    if (clock.last > relayNow + MAX_AHEAD_MS * HLC_COUNTER_SPAN) {
      let known = Math.max(last, relayNow);
      for (const name of documents.openNames()) known = Math.max(known, documents.get(name)!.rows.maxHlc);
      clock.reset(known);
    } else {
      clock.observe(last);
    }
    return (hlc) => moved.get(hlc) ?? hlc;
  }

  #rebuild(names: readonly string[]): void {
    const { sql, capture, mirror, documents, live } = this.#core;
    inTransaction(sql, () =>
      capture.pause(() => {
        for (const name of names) mirror.rebuild(name, documents.get(name)!.rows);
      }),
    );
    live.changedAll();
  }

  #isAhead(): boolean {
    const { clock, deps, outbox } = this.#core;
    const limit = hlcOfMs(Math.floor(deps.nowMs() + clock.offsetMs + MAX_AHEAD_MS));
    return (
      clock.last > limit ||
      outbox.entries().some(({ commit, state }) => state === 'waiting' && commit.hlc > limit)
    );
  }

  /** An earlier run ended between a refusal and what follows from it. */
  #isHalfDone(): boolean {
    const isRefusedInside = ({ content, state }: OutboxEntry) =>
      state === 'rejected' && content === undefined;
    return this.#hasDetached() || this.#core.outbox.entries().some(isRefusedInside);
  }

  #hasDetached(): boolean {
    return this.#core.outbox
      .entries()
      .some(({ content, state }) => content !== undefined && state === 'waiting');
  }
}

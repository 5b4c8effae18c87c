/**
 * Commits taken out of their documents and made anew. A commit that the relay refused for good must not stay in its
 * documents, or this device would show for ever what nobody else has; and later commits build on its structs. So all
 * commits that are not stored are detached (their content kept apart, SQL as if they had never been), and those that
 * still wait are attached again on what the relay has, with a fresh client id and a corrected clock [OUT-3].
 *
 * Only for when no commit is on its way: what the relay stores meanwhile would come back without its bytes.
 */
import { HLC_COUNTER_SPAN, hlcOfMs } from '../../shared/base/hlc.ts';
import { newId } from '../../shared/base/ids.ts';
import type { RowChange } from '../../shared/mirror/row-change.ts';
import { joinContents, separate, writeContent } from './commit-content.ts';
import type { Core } from './core.ts';
import { addTouched } from './hydration.ts';
import type { CommitContent, OutboxEntry, StoredUpdate } from './store/store.ts';
import { inTransaction } from './transaction.ts';
import { collectUpdates } from './writer.ts';

/** A commit further ahead of the relay than this is stamped anew; the relay refuses from a minute on. */
const MAX_AHEAD_MS = 30_000;

export class Rebase {
  readonly #core: Core;
  #mustRejoin = false;

  constructor(core: Core) {
    this.#core = core;
  }

  get mustRejoin(): boolean {
    return this.#mustRejoin;
  }

  /** Positions were taken back: join again. True once. */
  takeMustRejoin(): boolean {
    const must = this.#mustRejoin;
    this.#mustRejoin = false;
    return must;
  }

  /** Takes every commit that is not stored out of its documents. */
  async detachAll(): Promise<void> {
    const { outbox, queue, documents } = this.#core;
    for (;;) {
      while (!queue.isIdle) await queue.idle();
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
        // The count at once: a document that seems empty on disk would be dropped, and begun anew as empty.
        const kept = stored[index]!.updates.length - contentByCommit.size;
        documents.replace(name, base, kept);
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
      // What may be stored already must come back from the relay with its bytes: a position beyond it would keep it
      // away for ever, and all that builds on it with it.
      const uncertain = new Set(
        entries
          .filter(({ commit }) => outbox.isUnsure(commit.id))
          .flatMap(({ commit }) => commit.parts.map(({ document }) => document)),
      );
      const records = [...uncertain].map((name) => ({ ...documents.record(name), seq: 0 }));
      for (const record of records) documents.setRecord(record);
      this.#mustRejoin ||= records.length > 0;
      try {
        await queue.write({
          durability: 'strict',
          documents: records,
          dropUpdates: entries.flatMap(({ commit, number }) =>
            commit.parts.map(({ document }) => [document, number] as const),
          ),
          outboxPut: detached,
          image: 'drop',
        });
      } catch (error) {
        // On disk they are where they were, so they are here too.
        for (const entry of entries) if (outbox.get(entry.commit.id)) outbox.update(entry);
        throw error;
      }
      return;
    }
  }

  /** Makes the detached commits that still wait anew, in their order. */
  async attachAll(): Promise<void> {
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
    const id = outbox.isUnsure(oldId) ? newId(deps.nowMs(), deps.randomBytes) : oldId;
    const stored: StoredUpdate[] = [...updates].map(([document, update]) => ({
      document,
      number,
      update,
      commit: id,
    }));
    outbox.remove(oldId);
    tables.outboxRemoved(oldId);
    tables.commitDropped(oldId);
    // It only undid what was refused, or says what is there already: nothing is left to send.
    if (stored.length === 0) {
      live.changed(changes, ['_outbox', '_sync']);
      return queue.write({ durability: 'strict', outboxRemove: [oldId] });
    }
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
    outbox.add(attached);
    tables.outboxChanged(attached);
    tables.rowsChanged(attached, 'local', attached.createdAtMs);
    live.changed(changes, ['_outbox', '_sync', '_conflict', '_violation']);
    return queue
      .write({
        durability: 'strict',
        updates: stored,
        outboxRemove: oldId === id ? [] : [oldId],
        outboxPut: [attached],
      })
      .catch((error: unknown) => {
        // On disk it is still apart; its documents are loaded again, as after any write that failed.
        outbox.remove(id);
        outbox.add(entry);
        throw error;
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

  /** Some commit, or the clock itself, runs ahead of the relay. */
  isAhead(): boolean {
    const { clock, deps, outbox } = this.#core;
    const limit = hlcOfMs(Math.floor(deps.nowMs() + clock.offsetMs + MAX_AHEAD_MS));
    return (
      clock.last > limit ||
      outbox.entries().some(({ commit, state }) => state === 'waiting' && commit.hlc > limit)
    );
  }

  /** An earlier run ended between a refusal and what follows from it. */
  isHalfDone(): boolean {
    const isRefusedInside = ({ content, state }: OutboxEntry) =>
      state === 'rejected' && content === undefined;
    return this.hasDetached() || this.#core.outbox.entries().some(isRefusedInside);
  }

  /** Commits were taken out and not put back. */
  hasDetached(): boolean {
    return this.#core.outbox
      .entries()
      .some(({ content, state }) => content !== undefined && state === 'waiting');
  }
}

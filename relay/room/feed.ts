/**
 * One workspace on this instance: what has been delivered of each document, and to whom the next is due. The only
 * place where the order of delivery is decided.
 *
 *   own appends ──┐                       ┌─► stock clients of each document's room
 *                 ├─► in seq order, whole ┤
 *   log (others) ─┘        commits        └─► replicas, by what they may read
 *
 * A commit is delivered when each of its parts is the next of its document; then all its parts are, at once [ROOM-1].
 * When one is not, another instance wrote in between: the log is read after what was delivered, in one snapshot and in
 * the order of positions, and everything fits again. So `delivered` of all documents is a consistent cut at any time.
 */
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import type { StoredAppend } from '../log/flusher.ts';
import {
  type DocumentStage,
  type DocumentState,
  type Log,
  type Position,
  StorageAwayError,
} from '../log/log.ts';
import type { Burst } from '../socket/burst.ts';
import type { Frame } from '../socket/frame.ts';
import { Audiences, type ReplicaMember } from './audiences.ts';
import type { AwarenessOptions } from './awareness.ts';
import {
  controlFrame,
  deliveryFor,
  documentFrame,
  messageOf,
  type Unit,
  unitOf,
  unitsOfRows,
} from './delivery.ts';
import { type FeedDocument, FeedDocuments, learn } from './feed-documents.ts';
import { Rooms } from './rooms.ts';

export interface FeedOptions {
  readonly workspace: string;
  readonly log: Log;
  readonly burst: Burst;
  /** What a lane of awareness is made with; `room` is the document's name. */
  readonly awareness: (room: string) => AwarenessOptions;
  readonly onDelivered?: (frames: number, bytes: number) => void;
  /** Something of another instance was delivered. */
  readonly onRemote?: (storedAtMs: number) => void;
  /** A fault that stayed within one document, or one member. */
  readonly onFault: (error: unknown, document: string | undefined) => void;
}

/** Read from the log at once; more follows in the next read. */
const READ_BYTES = 8 * 1024 * 1024;

export class Feed {
  readonly workspace: string;
  readonly rooms: Rooms;
  readonly #options: FeedOptions;
  readonly #documents = new FeedDocuments();
  readonly #audiences = new Audiences();
  /** Own appends that wait for what other instances stored before them. */
  #held: StoredAppend[] = [];
  #reading: Promise<void> | undefined;
  #readAgain = false;
  #isOpen = false;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.workspace = options.workspace;
    this.rooms = new Rooms(options.awareness);
    this.#options = options;
  }

  /** Takes up where the log is now. Throws StorageAwayError. */
  async open(): Promise<void> {
    for (const state of await this.#options.log.documents(this.workspace))
      this.#documents.add(state, state.head);
    this.#isOpen = true;
    if (this.#held.length > 0) void this.lookAgain();
  }

  close(): void {
    this.#isClosed = true;
    this.rooms.close();
    for (const { pending, outcome } of this.#held.splice(0)) pending.stored(outcome);
  }

  get replicaCount(): number {
    return this.#audiences.memberCount;
  }

  get isEmpty(): boolean {
    return this.replicaCount === 0 && this.rooms.size === 0;
  }

  get documentCount(): number {
    return this.#documents.size;
  }

  documents(): Iterable<FeedDocument> {
    return this.#documents;
  }

  /** What was delivered of each document. */
  positions(): Iterable<Position> {
    return this.#documents.positions();
  }

  documentById(id: number): FeedDocument | undefined {
    return this.#documents.get(id);
  }

  document(name: string): FeedDocument | undefined {
    return this.#documents.named(name);
  }

  addReplica(member: ReplicaMember): void {
    this.#audiences.add(member);
  }

  removeReplica(member: ReplicaMember): void {
    this.#audiences.remove(member);
  }

  /** Own appends, in order, once they are durable. */
  offer(batch: readonly StoredAppend[]): void {
    for (const stored of batch) this.#take(stored);
    if (this.#held.length > 0) void this.lookAgain();
  }

  /** Whether a pointer of another instance names something that is not delivered yet. */
  lacks(documentId: number, epoch: number, seq: number): boolean {
    const document = this.#documents.get(documentId);
    return !document || document.epoch < epoch || (document.epoch === epoch && document.delivered < seq);
  }

  /**
   * Reads and delivers what the log has beyond what was delivered. Resolves when a read that began after this call is
   * done; at once for a storage that is away, since somebody will ask again.
   */
  async lookAgain(): Promise<void> {
    if (!this.#isOpen || this.#isClosed) return;
    this.#readAgain = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** Reads every document's state again: snapshots moved, logs were trimmed. Throws StorageAwayError. */
  async refresh(): Promise<void> {
    for (const state of await this.#options.log.documents(this.workspace)) {
      const document = this.#documents.get(state.documentId);
      if (document && document.epoch === state.epoch) learn(document, state);
    }
  }

  /** Tells replicas how far the documents they read have come since the last call. */
  tellStages(stages: readonly DocumentStage[]): void {
    const changed = this.#documents.noteStages(stages);
    if (changed.length === 0) return;
    for (const { grants, members } of this.#audiences) {
      const frame = this.stagesFrame(grants, changed);
      if (frame) for (const member of members) member.tell(frame);
    }
  }

  /** The stages a member may know of; undefined for none. */
  stagesFrame(grants: Grants, stages: Iterable<DocumentStage>): Frame | undefined {
    const documents: [string, number, number, number][] = [];
    for (const { documentId, epoch, reported, archived } of stages) {
      const name = this.#documents.get(documentId)?.name;
      if (name !== undefined && mayRead(grants, name)) documents.push([name, epoch, reported, archived]);
    }
    return documents.length > 0 ? controlFrame({ type: 'stages', documents }) : undefined;
  }

  async #read(): Promise<void> {
    while (this.#readAgain && !this.#isClosed) {
      this.#readAgain = false;
      const heldBefore = [...this.#held];
      let slice: Awaited<ReturnType<Log['readAfter']>>;
      try {
        slice = await this.#options.log.readAfter(this.workspace, [...this.positions()], READ_BYTES);
      } catch (error) {
        // An absent storage is the flusher's to report; whoever asks next asks again.
        if (!(error instanceof StorageAwayError)) this.#options.onFault(error, undefined);
        return;
      }
      this.#options.burst.run(() => {
        for (const state of slice.documents) this.#meet(state);
        const held = new Map(this.#held.map((stored) => [stored.pending.request.commit?.id, stored]));
        const nameOf = (id: number) => this.#documents.get(id)?.name ?? '';
        for (const unit of unitsOfRows(slice.rows, nameOf, (commit) => held.get(commit))) {
          if (this.#documents.placeOf(unit) !== 'next') continue;
          this.#deliver(unit);
          if (!unit.own && unit.storedAtMs !== undefined) this.#options.onRemote?.(unit.storedAtMs);
        }
        for (const stored of this.#held.splice(0)) this.#take(stored);
        if (this.#held.length > 0) this.#readAgain = true;
        if (slice.more) this.#readAgain = true;
        else this.#mend(slice.documents, heldBefore);
      });
    }
  }

  /** Delivers an own append whose turn it is, holds one whose turn is later, settles one that is past. */
  #take(stored: StoredAppend): void {
    const unit = unitOf(stored);
    const place = this.#isOpen ? this.#documents.placeOf(unit) : 'later';
    if (place === 'next') this.#deliver(unit);
    else if (place === 'past') stored.pending.stored(stored.outcome);
    else this.#held.push(stored);
  }

  /**
   * After a whole read everything up to the heads is delivered. Where it is not, rows are missing: the members of
   * that document come again and join from its snapshot; nobody else notices [ROOM-2].
   */
  #mend(states: readonly DocumentState[], heldBefore: readonly StoredAppend[]): void {
    for (const state of states) {
      const document = this.#documents.get(state.documentId)!;
      if (document.epoch !== state.epoch || document.delivered >= state.head) continue;
      this.#options.onFault(new Error(`log rows after ${document.delivered} are missing`), document.name);
      document.delivered = state.head;
      this.#sendAway(document);
    }
    const stuck = new Set(heldBefore);
    this.#held = this.#held.filter((stored) => {
      if (!stuck.has(stored)) return true;
      stored.pending.stored(stored.outcome);
      return false;
    });
  }

  /** A document as another instance left it: unknown until now, or with another epoch, or only further on. */
  #meet(state: DocumentState): void {
    const document = this.#documents.get(state.documentId);
    if (!document) {
      const born = this.#documents.add(state, 0);
      if (state.trimmedSeq > 0) born.delivered = state.head; // too late for its log; a join has its snapshot
      this.#announce(born);
    } else if (state.epoch > document.epoch) {
      document.epoch = state.epoch;
      document.delivered = state.head;
      learn(document, state);
      document.stage = undefined;
      const room = this.rooms.find(document.name);
      if (room) room.knowledge = undefined;
      this.#sendAway(document);
    } else if (state.epoch === document.epoch) {
      learn(document, state);
    }
  }

  #announce(document: FeedDocument): void {
    let frame: Frame | undefined;
    for (const member of this.#audiences.readersOf(document.name)) {
      frame ??= documentFrame(document, 0);
      member.tell(frame);
    }
  }

  /** Everyone at a document connects again and joins afresh. */
  #sendAway(document: FeedDocument): void {
    const sentence = `document ${document.name} was re-created or repaired; connect again`;
    for (const member of this.rooms.find(document.name)?.stock ?? []) member.comeBack(sentence);
    for (const member of this.#audiences.readersOf(document.name)) member.comeBack(sentence);
  }

  #deliver(unit: Unit): void {
    const messages: Uint8Array[] = [];
    let frames = 0;
    let bytes = 0;
    for (const part of unit.parts) {
      let document = this.#documents.get(part.documentId);
      if (!document) {
        document = this.#documents.addBorn(part);
        this.#announce(document);
      }
      document.delivered = Math.max(document.delivered, part.seq);
      document.bytes += part.update.length;
      messages.push(messageOf(part.update));
      try {
        const onFault = (error: unknown) => this.#options.onFault(error, part.document);
        const sent = this.rooms.find(part.document)?.deliver(part.update, messages.at(-1)!, onFault) ?? 0;
        frames += sent;
        bytes += sent * part.update.length;
      } catch (error) {
        this.#options.onFault(error, part.document);
      }
    }
    for (const audience of this.#audiences) {
      const delivery = deliveryFor(audience.grants, unit, messages);
      if (!delivery) continue;
      for (const member of audience.members) member.deliver(delivery);
      frames += audience.members.size * delivery.frames.length;
      for (const frame of delivery.frames) bytes += audience.members.size * frame.bytes;
    }
    this.#options.onDelivered?.(frames, bytes);
    if (!unit.own) return;
    // Delivered through the log, it may still be among the held ones: it is past now, and settled there.
    if (!this.#held.includes(unit.own)) unit.own.pending.stored(unit.own.outcome);
  }
}

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
import { scanUpdate } from '../../shared/registers/update-scan.ts';
import type { StoredAppend } from '../log/flusher.ts';
import {
  type DocumentStage,
  type DocumentState,
  type Log,
  type Position,
  StorageAwayError,
} from '../log/log.ts';
import type { Burst } from '../socket/burst.ts';
import { type Frame, frameOf } from '../socket/frame.ts';
import type { AwarenessOptions } from './awareness.ts';
import {
  controlFrame,
  type Delivery,
  deliveryFor,
  documentFrame,
  messageOf,
  type Unit,
  type UnitPart,
  unitOf,
  unitsOfRows,
} from './delivery.ts';
import { Room } from './room.ts';

/** One document of the workspace, as far as this instance has delivered it. */
export interface FeedDocument {
  readonly id: number;
  readonly name: string;
  epoch: number;
  /** Last seq delivered. */
  delivered: number;
  /** As last read; its head may be behind `delivered`, its snapshot behind the newest. */
  state: DocumentState;
  /** Snapshot and log together, about. */
  bytes: number;
  stage: DocumentStage | undefined;
}

export interface ReplicaMember {
  readonly grants: Grants;
  /** Never throws. */
  deliver(delivery: Delivery): void;
  tell(frame: Frame): void;
  comeBack(sentence: string): void;
}

/** Members with the same grants get the same frames. */
interface Audience {
  readonly grants: Grants;
  readonly members: Set<ReplicaMember>;
}

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
  readonly #options: FeedOptions;
  readonly #documents = new Map<number, FeedDocument>();
  readonly #byName = new Map<string, FeedDocument>();
  readonly #rooms = new Map<string, Room>();
  readonly #audiences = new Map<string, Audience>();
  /** Own appends that wait for what other instances stored before them. */
  #held: StoredAppend[] = [];
  #reading: Promise<void> | undefined;
  #readAgain = false;
  #isOpen = false;
  #isClosed = false;
  replicaCount = 0;

  constructor(options: FeedOptions) {
    this.workspace = options.workspace;
    this.#options = options;
  }

  /** Takes up where the log is now. Throws StorageAwayError. */
  async open(): Promise<void> {
    for (const state of await this.#options.log.documents(this.workspace)) this.#add(state, state.head);
    this.#isOpen = true;
    if (this.#held.length > 0) void this.lookAgain();
  }

  close(): void {
    this.#isClosed = true;
    for (const room of this.#rooms.values()) room.awareness.close();
    for (const { pending, outcome } of this.#held.splice(0)) pending.stored(outcome);
  }

  get isEmpty(): boolean {
    return this.replicaCount === 0 && this.#rooms.size === 0;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  get documentCount(): number {
    return this.#documents.size;
  }

  documents(): Iterable<FeedDocument> {
    return this.#documents.values();
  }

  /** What was delivered of each document. */
  *positions(): Iterable<Position> {
    for (const { id, epoch, delivered } of this.#documents.values())
      yield { documentId: id, epoch, seq: delivered };
  }

  documentById(id: number): FeedDocument | undefined {
    return this.#documents.get(id);
  }

  document(name: string): FeedDocument | undefined {
    return this.#byName.get(name);
  }

  rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  findRoom(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** The room of a document, made when it is not there. Call `leaveRoom` after taking a member out. */
  room(name: string): Room {
    let room = this.#rooms.get(name);
    if (!room) {
      room = new Room(name, this.#options.awareness(name));
      this.#rooms.set(name, room);
    }
    return room;
  }

  leaveRoom(room: Room): void {
    if (!room.isEmpty) return;
    room.awareness.close();
    this.#rooms.delete(room.name);
  }

  addReplica(member: ReplicaMember): void {
    const key = JSON.stringify(member.grants);
    let audience = this.#audiences.get(key);
    if (!audience) {
      audience = { grants: member.grants, members: new Set() };
      this.#audiences.set(key, audience);
    }
    audience.members.add(member);
    this.replicaCount++;
  }

  removeReplica(member: ReplicaMember): void {
    const key = JSON.stringify(member.grants);
    const audience = this.#audiences.get(key);
    if (!audience?.members.delete(member)) return;
    this.replicaCount--;
    if (audience.members.size === 0) this.#audiences.delete(key);
  }

  /** Own appends, in order, once they are durable. */
  offer(batch: readonly StoredAppend[]): void {
    for (const stored of batch) {
      const unit = unitOf(stored);
      const place = this.#isOpen ? this.#placeOf(unit) : 'later';
      if (place === 'next') this.#deliver(unit);
      else if (place === 'past') stored.pending.stored(stored.outcome);
      else this.#held.push(stored);
    }
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
      if (document && document.epoch === state.epoch) this.#learn(document, state);
    }
  }

  /** Tells replicas how far the documents they read have come since the last call. */
  tellStages(stages: readonly DocumentStage[]): void {
    const changed = stages.filter((stage) => {
      const document = this.#documents.get(stage.documentId);
      if (!document || document.epoch !== stage.epoch) return false;
      const { stage: before } = document;
      const isNews = !before || before.reported !== stage.reported || before.archived !== stage.archived;
      document.stage = stage;
      return isNews && (before !== undefined || stage.reported > 0 || stage.archived > 0);
    });
    if (changed.length === 0) return;
    for (const { grants, members } of this.#audiences.values()) {
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
          if (this.#placeOf(unit) !== 'next') continue;
          this.#deliver(unit);
          if (!unit.own && unit.storedAtMs !== undefined) this.#options.onRemote?.(unit.storedAtMs);
        }
        this.#offerHeld();
        if (slice.more) this.#readAgain = true;
        else this.#mend(slice.documents, heldBefore);
      });
    }
  }

  #offerHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const stored of held) {
      const unit = unitOf(stored);
      const place = this.#placeOf(unit);
      if (place === 'next') this.#deliver(unit);
      else if (place === 'past') stored.pending.stored(stored.outcome);
      else this.#held.push(stored);
    }
    if (this.#held.length > 0) this.#readAgain = true;
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
      const born = this.#add(state, 0);
      if (state.trimmedSeq > 0) born.delivered = state.head; // too late for its log; a join has its snapshot
      this.#announce(born);
    } else if (state.epoch > document.epoch) {
      document.epoch = state.epoch;
      document.delivered = state.head;
      this.#learn(document, state);
      document.stage = undefined;
      const room = this.#rooms.get(document.name);
      if (room) room.knowledge = undefined;
      this.#sendAway(document);
    } else if (state.epoch === document.epoch) {
      this.#learn(document, state);
    }
  }

  #add(state: DocumentState, delivered: number): FeedDocument {
    const document: FeedDocument = {
      id: state.documentId,
      name: state.document,
      epoch: state.epoch,
      delivered,
      state,
      bytes: state.snapshotBytes + state.logBytes,
      stage: undefined,
    };
    this.#documents.set(document.id, document);
    this.#byName.set(document.name, document);
    return document;
  }

  #learn(document: FeedDocument, state: DocumentState): void {
    document.state = state;
    document.bytes = state.snapshotBytes + state.logBytes;
  }

  #announce(document: FeedDocument): void {
    let frame: Frame | undefined;
    for (const { grants, members } of this.#audiences.values()) {
      if (!mayRead(grants, document.name)) continue;
      frame ??= documentFrame(document, 0);
      for (const member of members) member.tell(frame);
    }
  }

  /** Everyone at a document connects again and joins afresh. */
  #sendAway(document: FeedDocument): void {
    const sentence = `document ${document.name} was re-created or repaired; connect again`;
    for (const member of this.#rooms.get(document.name)?.stock ?? []) member.comeBack(sentence);
    for (const { grants, members } of this.#audiences.values()) {
      if (!mayRead(grants, document.name)) continue;
      for (const member of members) member.comeBack(sentence);
    }
  }

  #placeOf(unit: Unit): 'next' | 'past' | 'later' {
    let isPast = true;
    for (const { documentId, epoch, seq } of unit.parts) {
      const document = this.#documents.get(documentId);
      if (!document) {
        if (epoch !== 1 || seq !== 1) return 'later';
        isPast = false;
      } else if (document.epoch > epoch || (document.epoch === epoch && document.delivered >= seq)) {
      } else if (document.epoch === epoch && document.delivered + 1 === seq) {
        isPast = false;
      } else {
        return 'later';
      }
    }
    return isPast ? 'past' : 'next';
  }

  #deliver(unit: Unit): void {
    const messages: Uint8Array[] = [];
    let frames = 0;
    let bytes = 0;
    for (const part of unit.parts) {
      let document = this.#documents.get(part.documentId);
      if (!document) {
        document = this.#add(bornState(part), 0);
        this.#announce(document);
      }
      document.delivered = Math.max(document.delivered, part.seq);
      document.bytes += part.update.length;
      messages.push(messageOf(part.update));
      try {
        const sent = this.#deliverToRoom(part, messages.at(-1)!);
        frames += sent;
        bytes += sent * part.update.length;
      } catch (error) {
        this.#options.onFault(error, part.document);
      }
    }
    for (const audience of this.#audiences.values()) {
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

  #deliverToRoom(part: UnitPart, message: Uint8Array): number {
    const room = this.#rooms.get(part.document);
    if (!room || room.stock.size === 0) return 0;
    if (room.knowledge) {
      try {
        room.knowledge.add(scanUpdate(part.update));
      } catch (error) {
        room.knowledge = undefined;
        this.#options.onFault(error, part.document);
      }
    }
    const frame = frameOf(message);
    for (const member of room.stock) member.deliver(frame);
    return room.stock.size;
  }
}

function bornState(part: UnitPart): DocumentState {
  return {
    documentId: part.documentId,
    document: part.document,
    epoch: part.epoch,
    head: 0,
    trimmedSeq: 0,
    snapshotSeq: 0,
    snapshotKey: undefined,
    snapshotSha256: undefined,
    snapshotBytes: 0,
    logBytes: 0,
  };
}

/**
 * A relay in memory, for tests of the replica without Postgres: per-document seqs, atomic units, acks, reject codes,
 * and a network that can be cut, slowed and told to repeat. It keeps the contract of shared/protocol/wire.ts and
 * nothing else: no identity, no limits.
 */
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { mergeUpdates } from 'yjs';
import { type Grants, mayRead, mayWrite } from '../../../shared/permissions/grants.ts';
import { type Commit, decodeCommit } from '../../../shared/protocol/commit.ts';
import {
  type ControlFromRelay,
  type ControlFromReplica,
  decodeFrameFromReplica,
  encodeFrame,
  type FrameFromRelay,
  type RejectCode,
} from '../../../shared/protocol/wire.ts';
import { scanUpdate } from '../../../shared/registers/update-scan.ts';
import type { OpenSocket, SocketLike } from '../sync/channels.ts';

interface LogEntry {
  readonly commit: Commit;
  readonly update: Uint8Array;
}

interface LoggedDocument {
  epoch: number;
  /** Seq 1 is at index 0. */
  entries: LogEntry[];
}

/** What happened to the log, in order. */
export type LogEvent =
  | { readonly kind: 'stored'; readonly commit: Commit }
  /** The document's new life begins with this update. */
  | { readonly kind: 'recreated'; readonly document: string; readonly update: Uint8Array };

export interface Refusal {
  readonly code: RejectCode;
  readonly message: string;
  readonly retry: boolean;
}

const ALL_GRANTS: Grants = { role: 'admin', families: {}, other: 'write' };

export class MemoryRelay {
  readonly documents = new Map<string, LoggedDocument>();
  readonly commits = new Map<string, readonly (readonly [document: string, epoch: number, seq: number])[]>();
  readonly history: LogEvent[] = [];
  readonly #sockets = new Set<RelaySocket>();
  /** Decides about each commit; undefined stores it. */
  refuse: (commit: Commit) => Refusal | undefined = () => undefined;
  nowMs: () => number = () => Date.now();
  grants: Grants = ALL_GRANTS;
  /** Replicas of an older schema are told to update, and their commits refused. */
  minSchema = 1;
  /** No new connection gets through. */
  isDown = false;
  /** Commits are stored, but the socket dies before the ack leaves. */
  dropAcks = false;
  /** Commits are stored, and answered as if nobody knew. */
  awayAfterStoring = false;
  /** Commits are stored and delivered, but the ack never leaves. */
  holdAcks = false;
  /** Frames that this holds for stay on their way for ever, as on a line that is slow or dead. */
  isStuck: (frame: FrameFromRelay) => boolean = () => false;
  /** Frames sent to replicas so far, in bytes. */
  sentBytes = 0;

  /** For ReplicaDeps. */
  readonly openSocket: OpenSocket = () => {
    const socket = new RelaySocket(this);
    queueMicrotask(() => {
      if (this.isDown) socket.end(1006, '');
      else {
        this.#sockets.add(socket);
        socket.opened();
      }
    });
    return socket;
  };

  get connections(): number {
    return this.#sockets.size;
  }

  /** Every connection ends, as when the network goes. */
  cut(code = 1006, reason = ''): void {
    for (const socket of [...this.#sockets]) socket.end(code, reason);
  }

  leave(socket: RelaySocket): void {
    this.#sockets.delete(socket);
  }

  received(from: RelaySocket, bytes: Uint8Array): void {
    const frame = decodeFrameFromReplica(bytes);
    if (frame.kind === 'commit') this.#append(from, decodeCommit(frame.bytes));
    else if (frame.kind === 'channel') {
      const name = from.nameOf(frame.number);
      for (const socket of this.#sockets)
        socket.send({ kind: 'channel', number: socket.numberOf(this, name), payload: frame.payload });
    } else if (frame.message.type === 'hello') this.#join(from, frame.message);
    else
      from.control({
        type: 'pong',
        sentAtMs: frame.message.sentAtMs,
        serverTimeMs: this.nowMs(),
      });
  }

  /** Starts a new life of a document with the given state as its first entry. */
  recreate(name: string, update: Uint8Array): void {
    const document = this.documents.get(name)!;
    const commit = document.entries[0]!.commit;
    this.documents.set(name, { epoch: document.epoch + 1, entries: [{ commit, update }] });
    this.history.push({ kind: 'recreated', document: name, update });
    this.cut(1012, 'epoch');
  }

  /** An update of nobody's making, delivered to everyone as the next of its document. */
  push(name: string, update: Uint8Array): void {
    const document = this.documents.get(name)!;
    document.entries.push({ commit: document.entries[0]!.commit, update });
    const seq = document.entries.length;
    for (const socket of this.#sockets)
      socket.send({
        kind: 'update',
        number: socket.numberOf(this, name),
        epoch: document.epoch,
        fromSeq: seq,
        toSeq: seq,
        more: false,
        own: false,
        payload: syncPayload(update),
      });
  }

  head(name: string): number {
    return this.documents.get(name)?.entries.length ?? 0;
  }

  /** Tells everyone how far report and archive are. */
  announceStages(stages: readonly (readonly [string, number, number, number])[]): void {
    for (const socket of this.#sockets) socket.control({ type: 'stages', documents: stages });
  }

  /** Says it to everyone connected, asked or not. */
  say(message: ControlFromRelay): void {
    for (const socket of this.#sockets) socket.control(message);
  }

  #join(socket: RelaySocket, hello: Extract<ControlFromReplica, { type: 'hello' }>): void {
    socket.device = hello.device;
    socket.control({
      type: 'welcome',
      user: 'test',
      grants: this.grants,
      serverTimeMs: this.nowMs(),
      minSchema: this.minSchema,
      maxCommitBytes: 16 * 1024 * 1024,
    });
    for (const id of hello.unsure ?? []) {
      const seqs = this.commits.get(id);
      if (seqs) socket.control({ type: 'ack', id, seqs });
    }
    const positions = new Map(hello.positions.map(([name, epoch, seq]) => [name, { epoch, seq }]));
    const missed: Omit<Extract<FrameFromRelay, { kind: 'update' }>, 'more'>[] = [];
    for (const [name, document] of this.documents) {
      if (!mayRead(this.grants, name)) continue;
      const number = socket.numberOf(this, name);
      const position = positions.get(name);
      const after = position?.epoch === document.epoch ? position.seq : 0;
      const updates = document.entries.slice(after).map(({ update }) => update);
      if (updates.length === 0) continue;
      missed.push({
        kind: 'update',
        number,
        epoch: document.epoch,
        fromSeq: after + 1,
        toSeq: document.entries.length,
        own: false,
        payload: syncPayload(mergeUpdates(updates)),
      });
    }
    missed.forEach((frame, index) => {
      socket.send({ ...frame, more: index < missed.length - 1 });
    });
    socket.isJoined = true;
    socket.control({ type: 'level' });
  }

  #append(from: RelaySocket, commit: Commit): void {
    const known = this.commits.get(commit.id);
    if (known) {
      from.control({ type: 'ack', id: commit.id, seqs: known });
      return;
    }
    const refusal = from.buildsOnRefused(commit)
      ? { code: 'after-rejected' as const, message: 'an earlier commit was refused', retry: true }
      : this.#refusalOf(commit);
    if (refusal) {
      if (!refusal.retry || refusal.code === 'after-rejected') from.remember(commit);
      from.control({ type: 'reject', id: commit.id, ...refusal });
      return;
    }
    const seqs = commit.parts.map(({ document: name, update }) => {
      let document = this.documents.get(name);
      if (!document) {
        document = { epoch: 1, entries: [] };
        this.documents.set(name, document);
      }
      document.entries.push({ commit, update });
      return [name, document.epoch, document.entries.length] as const;
    });
    this.commits.set(commit.id, seqs);
    this.history.push({ kind: 'stored', commit });
    for (const socket of this.#sockets) {
      if (!socket.isJoined) continue;
      const readable = commit.parts.flatMap(({ document, update }, index) =>
        mayRead(this.grants, document) ? [{ update, position: seqs[index]! }] : [],
      );
      readable.forEach(({ update, position: [name, epoch, seq] }, index) => {
        const own = socket === from;
        socket.send({
          kind: 'update',
          number: socket.numberOf(this, name),
          epoch,
          fromSeq: seq,
          toSeq: seq,
          more: index < readable.length - 1,
          own,
          payload: own ? new Uint8Array() : syncPayload(update),
        });
      });
    }
    if (this.awayAfterStoring)
      from.control({
        type: 'reject',
        id: commit.id,
        code: 'storage-away',
        message: 'come back',
        retry: true,
      });
    else if (this.dropAcks) from.end(1006, '');
    else if (!this.holdAcks) from.control({ type: 'ack', id: commit.id, seqs });
  }

  #refusalOf(commit: Commit): Refusal | undefined {
    const aheadMs = commit.hlc / 4096 - this.nowMs();
    if (aheadMs > 60_000)
      return { code: 'clock-ahead', message: `the clock is ${Math.round(aheadMs)} ms ahead`, retry: false };
    for (const { document, epoch = 1 } of commit.parts) {
      const current = this.documents.get(document)?.epoch ?? 1;
      if (epoch !== current)
        return { code: 'epoch-changed', message: `${document} is in epoch ${current}`, retry: false };
    }
    if (commit.schema < this.minSchema)
      return { code: 'schema-too-old', message: `update to ${this.minSchema}`, retry: false };
    if (commit.parts.some(({ document }) => !mayWrite(this.grants, document)))
      return { code: 'not-allowed', message: 'these documents may not be written', retry: false };
    return this.refuse(commit);
  }
}

class RelaySocket implements SocketLike {
  binaryType = 'arraybuffer';
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  device = '';
  isJoined = false;
  /** By document and client, the first clock that was refused: what builds on it waits for what is not there. */
  readonly #refused = new Map<string, number>();
  readonly #relay: MemoryRelay;
  readonly #numbers = new Map<string, number>();

  constructor(relay: MemoryRelay) {
    this.#relay = relay;
  }

  /** It follows, stands beside, or deletes what was refused on this socket. */
  buildsOnRefused({ parts }: Commit): boolean {
    if (this.#refused.size === 0) return false;
    return parts.some(({ document, update }) => {
      const isRefused = (client: number, lastClock: number) =>
        lastClock >= (this.#refused.get(`${document} ${client}`) ?? Number.POSITIVE_INFINITY);
      const { structs, needs, deletes } = scanUpdate(update);
      for (let at = 2; at < needs.length; at += 4) if (isRefused(needs[at]!, needs[at + 1]!)) return true;
      return [...structs, ...deletes].some(({ client, clock, length }) =>
        isRefused(client, clock + length - 1),
      );
    });
  }

  remember({ parts }: Commit): void {
    for (const { document, update } of parts) {
      for (const { client, clock } of scanUpdate(update).structs) {
        const key = `${document} ${client}`;
        this.#refused.set(key, Math.min(clock, this.#refused.get(key) ?? clock));
      }
    }
  }

  opened(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.(undefined as never);
  }

  /** From the replica. */
  send(frame: Uint8Array | FrameFromRelay): void {
    if (this.readyState !== 1) return;
    if (frame instanceof Uint8Array) {
      const bytes = frame.slice();
      queueMicrotask(() => {
        if (this.readyState === 1) this.#relay.received(this, bytes);
      });
      return;
    }
    if (this.#relay.isStuck(frame)) return;
    const bytes = encodeFrame(frame);
    this.#relay.sentBytes += bytes.length;
    queueMicrotask(() => {
      if (this.readyState === 1) this.onmessage?.({ data: bytes.slice().buffer });
    });
  }

  control(message: ControlFromRelay): void {
    this.send({ kind: 'control', message });
  }

  numberOf(relay: MemoryRelay, name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(name, number);
      const document = relay.documents.get(name);
      this.control({
        type: 'document',
        number,
        name,
        epoch: document?.epoch ?? 1,
        head: document?.entries.length ?? 0,
      });
    }
    return number;
  }

  nameOf(number: number): string {
    for (const [name, known] of this.#numbers) if (known === number) return name;
    throw new Error(`channel ${number} is unknown`);
  }

  close(): void {
    this.end(1000, '');
  }

  end(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#relay.leave(this);
    this.onclose?.({ code, reason });
  }
}

function syncPayload(update: Uint8Array): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 0);
  writeVarUint(encoder, 2);
  writeVarUint8Array(encoder, update);
  return toUint8Array(encoder);
}

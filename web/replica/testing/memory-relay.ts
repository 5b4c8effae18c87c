/**
 * A relay in memory, for tests that need its rules and none of its parts: contiguous seqs, commits stored once,
 * whole commits to everybody, an ack only after that. It speaks frames (shared/protocol/wire.ts); who carries them
 * is memory-network.ts.
 */
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import * as Y from 'yjs';
import type { Grants } from '../../../shared/permissions/grants.ts';
import { type Commit, decodeCommit } from '../../../shared/protocol/commit.ts';
import {
  type ControlFromRelay,
  decodeFrameFromReplica,
  encodeFrame,
  type RejectCode,
  type UpdateFrame,
} from '../../../shared/protocol/wire.ts';

export interface MemoryRelayOptions {
  readonly nowMs: () => number;
  /** Says no to a commit; it is then never stored. */
  readonly refuse?: (commit: Commit) => { readonly code: RejectCode; readonly message: string } | undefined;
}

interface LogEntry {
  readonly commit: string;
  readonly update: Uint8Array;
}

interface RelayDocument {
  readonly name: string;
  readonly number: number;
  /** Seq 1 is at index 0. */
  readonly log: LogEntry[];
}

type Seqs = readonly (readonly [document: string, epoch: number, seq: number])[];

const EPOCH = 1;
const ALL: Grants = { role: 'test', families: {}, other: 'write' };

export class MemoryRelay {
  readonly #options: MemoryRelayOptions;
  readonly #documents = new Map<string, RelayDocument>();
  readonly #stored = new Map<string, { readonly commit: Commit; readonly seqs: Seqs }>();
  readonly #sessions = new Set<Session>();

  constructor(options: MemoryRelayOptions) {
    this.#options = options;
  }

  /** Every commit, in the order of storing. */
  commits(): readonly Commit[] {
    return [...this.#stored.values()].map(({ commit }) => commit);
  }

  documentNames(): readonly string[] {
    return [...this.#documents.keys()];
  }

  /** A socket was opened. `send` takes the relay's frames, in order. */
  accept(send: (frame: Uint8Array) => void): Session {
    const session = new Session(this.#hooks, send);
    this.#sessions.add(session);
    return session;
  }

  readonly #hooks: SessionHooks = {
    join: (session, positions) => this.#join(session, positions),
    commit: (session, bytes) => this.#receive(session, bytes),
    awareness: (from, number, payload) => {
      for (const session of this.#sessions) if (session !== from) session.channel(number, payload);
    },
    nowMs: () => this.#options.nowMs(),
    closed: (session) => this.#sessions.delete(session),
  };

  #join(session: Session, positions: Seqs): void {
    session.control({
      type: 'welcome',
      user: 'test',
      grants: ALL,
      serverTimeMs: this.#options.nowMs(),
      minSchema: 1,
      maxCommitBytes: 1_000_000,
    });
    const missed: Omit<UpdateFrame, 'kind' | 'more'>[] = [];
    for (const document of this.#documents.values()) {
      session.announce(document);
      const have = positions.find(([name]) => name === document.name)?.[2] ?? 0;
      const tail = document.log.slice(have).map(({ update }) => update);
      if (tail.length > 0) {
        missed.push({
          number: document.number,
          epoch: EPOCH,
          fromSeq: have + 1,
          toSeq: document.log.length,
          own: false,
          payload: syncUpdate(Y.mergeUpdates(tail)),
        });
      }
    }
    session.unit(missed);
    session.control({ type: 'level' });
  }

  #receive(sender: Session, bytes: Uint8Array): void {
    const commit = decodeCommit(bytes);
    sender.control(this.#stored.has(commit.id) ? this.#ack(commit.id) : this.#decide(sender, commit));
  }

  #decide(sender: Session, commit: Commit): ControlFromRelay {
    const refused = this.#options.refuse?.(commit);
    if (refused) {
      sender.block(commit);
      return { type: 'reject', id: commit.id, ...refused, retry: false };
    }
    if (sender.isBlocked(commit)) {
      const message = 'an earlier commit of this device on one of its documents was refused';
      return { type: 'reject', id: commit.id, code: 'after-rejected', message, retry: true };
    }
    const seqs = this.#append(commit);
    for (const session of this.#sessions) this.#deliver(session, sender, commit, seqs);
    return this.#ack(commit.id);
  }

  #ack(id: string): ControlFromRelay {
    return { type: 'ack', id, seqs: this.#stored.get(id)!.seqs };
  }

  #append(commit: Commit): Seqs {
    const seqs = commit.parts.map(({ document: name, update }) => {
      let document = this.#documents.get(name);
      if (!document) {
        document = { name, number: this.#documents.size + 1, log: [] };
        this.#documents.set(name, document);
      }
      document.log.push({ commit: commit.id, update });
      return [name, EPOCH, document.log.length] as const;
    });
    this.#stored.set(commit.id, { commit, seqs });
    return seqs;
  }

  #deliver(session: Session, sender: Session, commit: Commit, seqs: Seqs): void {
    if (!session.hasJoined) return;
    const frames = commit.parts.map(({ document: name, update }, index) => {
      const document = this.#documents.get(name)!;
      session.announce(document);
      const seq = seqs[index]![2];
      const own = session === sender;
      return {
        number: document.number,
        epoch: EPOCH,
        fromSeq: seq,
        toSeq: seq,
        own,
        payload: own ? new Uint8Array() : syncUpdate(update),
      };
    });
    session.unit(frames);
  }
}

interface SessionHooks {
  join(session: Session, positions: Seqs): void;
  commit(session: Session, bytes: Uint8Array): void;
  awareness(from: Session, number: number, payload: Uint8Array): void;
  nowMs(): number;
  closed(session: Session): void;
}

/** The relay's end of one socket. */
export class Session {
  readonly #hooks: SessionHooks;
  readonly #send: (frame: Uint8Array) => void;
  readonly #announced = new Set<number>();
  /** `document/clientID` of refused updates: what builds on them waits for a rebase, which brings a fresh id. */
  readonly #blocked = new Set<string>();
  hasJoined = false;

  constructor(hooks: SessionHooks, send: (frame: Uint8Array) => void) {
    this.#hooks = hooks;
    this.#send = send;
  }

  receive(bytes: Uint8Array): void {
    const frame = decodeFrameFromReplica(bytes);
    if (frame.kind === 'commit') this.#hooks.commit(this, frame.bytes);
    else if (frame.kind === 'channel') this.#hooks.awareness(this, frame.number, frame.payload);
    else if (frame.message.type === 'hello') {
      this.hasJoined = true;
      this.#hooks.join(this, frame.message.positions);
    } else {
      const { sentAtMs } = frame.message;
      this.control({ type: 'pong', sentAtMs, serverTimeMs: this.#hooks.nowMs() });
    }
  }

  close(): void {
    this.#hooks.closed(this);
  }

  announce({ number, name, log }: RelayDocument): void {
    if (this.#announced.has(number)) return;
    this.#announced.add(number);
    this.control({ type: 'document', number, name, epoch: EPOCH, head: log.length });
  }

  /** Frames that belong together: all but the last say `more`. */
  unit(frames: readonly Omit<UpdateFrame, 'kind' | 'more'>[]): void {
    for (const [index, frame] of frames.entries()) {
      this.#send(encodeFrame({ kind: 'update', ...frame, more: index < frames.length - 1 }));
    }
  }

  control(message: ControlFromRelay): void {
    this.#send(encodeFrame({ kind: 'control', message }));
  }

  channel(number: number, payload: Uint8Array): void {
    if (this.#announced.has(number)) this.#send(encodeFrame({ kind: 'channel', number, payload }));
  }

  block(commit: Commit): void {
    for (const writer of writersOf(commit)) this.#blocked.add(writer);
  }

  isBlocked(commit: Commit): boolean {
    return writersOf(commit).some((writer) => this.#blocked.has(writer));
  }
}

function writersOf({ parts }: Commit): string[] {
  return parts.flatMap(({ document, update }) =>
    [...Y.parseUpdateMeta(update).from.keys()].map((client) => `${document}/${client}`),
  );
}

/** A stock y-websocket message: messageSync (0) · update (2) · bytes. */
function syncUpdate(update: Uint8Array): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, 0);
  writeVarUint(encoder, 2);
  writeVarUint8Array(encoder, update);
  return toUint8Array(encoder);
}

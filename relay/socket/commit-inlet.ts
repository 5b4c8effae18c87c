/** Commits of one replica: checked, handed to the log, and answered by an ack or a reject. */
import { type Commit, decodeCommit } from '../../shared/protocol/commit.ts';
import type { ControlFromRelay } from '../../shared/protocol/wire.ts';
import type { Seat } from '../identity/seat.ts';
import type { StoredPart } from '../log/log.ts';
import { CommitGate, type Rejection } from '../room/commit-gate.ts';
import type { Feed } from '../room/feed.ts';
import { type ConnectionDeps, SocketRefusal, type Window } from './connection.ts';

export interface CommitInletOptions {
  /** Bound to the device that said hello. */
  readonly seat: Seat;
  readonly feed: Feed;
  readonly window: Window;
  readonly deps: ConnectionDeps;
  /** What the feed knows the sender by. */
  readonly origin: object;
  /** Behind what was delivered before. */
  readonly ack: (message: ControlFromRelay) => void;
  readonly say: (message: ControlFromRelay) => void;
}

export class CommitInlet {
  readonly #options: CommitInletOptions;
  readonly #gate: CommitGate;

  constructor(options: CommitInletOptions) {
    const { seat, feed, deps } = options;
    this.#options = options;
    this.#gate = new CommitGate({
      seat,
      limits: deps.limits,
      minSchema: deps.minSchema,
      nowMs: deps.nowMs,
      document: (name) => feed.document(name),
      documentCount: () => feed.documentCount,
    });
  }

  /** Throws ProtocolError for bytes that are no commit, and SocketRefusal when the next one needs another socket. */
  receive(bytes: Uint8Array): void {
    this.#take(bytes);
    if (!this.#gate.isFull) return;
    const { maxClocksPerSender } = this.#options.deps.limits;
    throw new SocketRefusal(
      'relayRestarting',
      `more than ${maxClocksPerSender} documents and clients were written on this socket; come back and go on`,
    );
  }

  #take(bytes: Uint8Array): void {
    const { seat, window, deps, origin } = this.#options;
    const commit = ownBytes(decodeCommit(bytes));
    const rejection = this.#gate.check(commit, bytes.length);
    if (rejection) {
      this.#reject(commit.id, rejection);
      return;
    }
    const size = bytes.length;
    window.enter(size);
    deps.metrics?.outboxAgeSeconds.observe(Math.max(0, deps.nowMs() - commit.hlc / 4096) / 1000);
    deps.flusher.push({
      request: {
        workspace: seat.workspace,
        user: seat.user,
        device: commit.device,
        commit,
        parts: commit.parts,
      },
      origin,
      bytes: size,
      receivedAtMs: deps.nowMs(),
      stored: ({ parts }) => {
        window.leave(size);
        deps.metrics?.commits.inc({ via: 'socket' });
        this.#acknowledge(commit.id, parts);
      },
      duplicate: ({ parts }) => {
        window.leave(size);
        deps.metrics?.duplicates.inc();
        this.#acknowledge(commit.id, parts);
      },
      failed: (because) => {
        window.leave(size);
        this.#reject(commit.id, this.#gate.refused(commit, because));
      },
    });
  }

  #acknowledge(id: string, parts: readonly StoredPart[]): void {
    const seqs = parts.map(({ document, epoch, seq }) => [document, epoch, seq] as const);
    this.#options.ack({ type: 'ack', id, seqs });
  }

  #reject(id: string, { code, message, retry }: Rejection): void {
    this.#options.deps.metrics?.rejected.inc({ code });
    this.#options.say({ type: 'reject', id, code, message, retry });
  }
}

/** Updates that do not lie in the socket's read buffer, which is far larger and would live as long as they do. */
function ownBytes(commit: Commit): Commit {
  return {
    ...commit,
    parts: commit.parts.map((part) => ({ ...part, update: new Uint8Array(part.update) })),
  };
}

/**
 * Decides whether a commit may be stored: shape, size, permission, clock, and whether what it builds on was stored.
 * One gate per socket or batch, because the last question is about what the same sender sent before.
 *
 * A device's updates build on its own earlier ones, by Yjs client and clock. So once a commit of it was refused, later
 * structs of the same client would wait for ever for the missing ones, at every replica: they are refused too, to be
 * sent again [GATE-2]. A device that rebased writes as a fresh client from clock 0, and passes.
 */
import { hlcOfMs, msOfHlc } from '../../shared/base/hlc.ts';
import { isAdmin } from '../../shared/permissions/admin.ts';
import { mayWrite } from '../../shared/permissions/grants.ts';
import { type Commit, ProtocolError } from '../../shared/protocol/commit.ts';
import type { RejectCode } from '../../shared/protocol/wire.ts';
import type { Seat } from '../identity/seat.ts';
import type { Limits } from '../limits.ts';
import type { AppendFailure } from '../log/flusher.ts';
import { ClockAheadError, checkUpdate, clocksOf } from './update-check.ts';

export interface Rejection {
  readonly code: RejectCode;
  readonly message: string;
  /** True: the same commit may be accepted later. */
  readonly retry: boolean;
}

export interface CommitGateOptions {
  readonly seat: Seat;
  readonly limits: Limits;
  readonly minSchema: number;
  readonly nowMs: () => number;
  /** What a document holds and in which epoch, as far as this instance knows. */
  readonly document: (name: string) => { readonly bytes: number; readonly epoch: number } | undefined;
  /** How many documents the workspace has; 0 when this instance does not know. */
  readonly documentCount: () => number;
}

/** Where the next struct of a client must begin, by client. */
type Clocks = Map<number, number>;

export class CommitGate {
  readonly #options: CommitGateOptions;
  readonly #next = new Map<string, Clocks>();
  /** Documents of which a commit was refused. */
  readonly #broken = new Set<string>();
  /** Documents and, in each, clients of which something is kept. */
  #kept = 0;

  constructor(options: CommitGateOptions) {
    this.#options = options;
  }

  /** It keeps more than it may: take another gate for the commits to come. */
  get isFull(): boolean {
    return this.#kept > this.#options.limits.maxClocksPerSender;
  }

  /** Undefined when the commit may be appended. A refusal is remembered; tell later ones with `refused`. */
  check(commit: Commit, bytes: number): Rejection | undefined {
    const clocks = new Map<string, ReturnType<typeof clocksOf>>();
    const rejection = this.#decide(commit, bytes, clocks);
    if (rejection) {
      this.#remember(commit, clocks);
      return rejection;
    }
    for (const [document, byClient] of clocks) {
      for (const [client, { from, to }] of byClient) {
        if (from !== undefined) this.#keep(document, client, (next = 0) => Math.max(next, to));
      }
    }
    return undefined;
  }

  /** A commit that had passed could not be stored. Answers with what its sender is told. */
  refused(commit: Commit, because: AppendFailure): Rejection {
    const clocks = new Map<string, ReturnType<typeof clocksOf>>();
    for (const { document, update } of commit.parts)
      clocks.set(document, clocksOf(checkUpdate(update, { maxHlc: Number.MAX_SAFE_INTEGER })));
    this.#remember(commit, clocks);
    return REJECTIONS[because];
  }

  #remember(commit: Commit, clocks: ReadonlyMap<string, ReturnType<typeof clocksOf>>): void {
    for (const { document } of commit.parts) {
      if (!this.#broken.has(document)) this.#kept++;
      this.#broken.add(document);
      for (const [client, { from }] of clocks.get(document) ?? []) {
        if (from !== undefined) this.#keep(document, client, (next = from) => Math.min(next, from));
      }
    }
  }

  #keep(document: string, client: number, change: (next: number | undefined) => number): void {
    let next = this.#next.get(document);
    if (!next) {
      next = new Map();
      this.#next.set(document, next);
    }
    if (!next.has(client)) this.#kept++;
    next.set(client, change(next.get(client)));
  }

  #decide(
    commit: Commit,
    bytes: number,
    clocks: Map<string, ReturnType<typeof clocksOf>>,
  ): Rejection | undefined {
    const { seat, limits, minSchema, nowMs } = this.#options;
    const maxHlc = hlcOfMs(nowMs() + limits.maxClockAheadMs);
    // Read first: even a commit that is refused says which clocks are now missing.
    for (const { document, update } of commit.parts) {
      try {
        clocks.set(document, clocksOf(checkUpdate(update, { maxHlc })));
      } catch (error) {
        if (error instanceof ClockAheadError) {
          clocks.set(document, clocksOf(checkUpdate(update, { maxHlc: Number.MAX_SAFE_INTEGER })));
          return clockAhead(error.message, limits);
        }
        if (!(error instanceof ProtocolError)) throw error;
        return final('malformed', `update of document ${document}: ${error.message}`);
      }
    }
    if (bytes > limits.maxCommitBytes)
      return final('too-large', `commit has ${bytes} bytes; at most ${limits.maxCommitBytes} are allowed`);
    const isForeign = seat.device !== undefined && seat.device !== commit.device;
    // An administrator hands in a rescue file.
    if (isForeign && !isAdmin(seat.grants))
      return final('not-allowed', `this session belongs to device ${seat.device}, the commit to another`);
    for (const { document, update, epoch = 1 } of commit.parts) {
      if (!mayWrite(seat.grants, document))
        return final('not-allowed', `role ${seat.role} may not write document ${document}`);
      const known = this.#options.document(document);
      if (!known && this.#options.documentCount() >= limits.maxDocumentsPerWorkspace)
        return { code: 'too-many', message: tooManyDocuments(limits), retry: true };
      if (known && known.epoch !== epoch)
        return final('epoch-changed', `document ${document} is in epoch ${known.epoch}, not ${epoch}`);
      if (known && known.bytes + update.length > limits.maxDocumentBytes)
        return final('too-large', `document ${document} would grow beyond ${limits.maxDocumentBytes} bytes`);
    }
    if (commit.schema < minSchema)
      return final('schema-too-old', `schema ${commit.schema} is too old; update to ${minSchema} or later`);
    if (commit.hlc > maxHlc) {
      const aheadMs = msOfHlc(commit.hlc) - nowMs();
      return clockAhead(`the clock is ${Math.round(aheadMs / 1000)} s ahead`, limits);
    }
    for (const [document, byClient] of clocks) {
      if (!this.#broken.has(document)) continue;
      for (const [client, { from, reach }] of byClient) {
        const next = this.#next.get(document)?.get(client);
        // What it brings must follow what is stored; what it deletes or stands beside must be stored.
        if (from !== undefined && from > (next ?? 0)) return REJECTIONS['after-rejected'];
        if (next !== undefined && reach > next) return REJECTIONS['after-rejected'];
      }
    }
    return undefined;
  }
}

const REJECTIONS: Readonly<Record<AppendFailure, Rejection>> = {
  'storage-away': { code: 'storage-away', message: 'the storage is away; send it again later', retry: true },
  'after-rejected': {
    code: 'after-rejected',
    message: 'it builds on a commit that was refused; rebase or send that one first',
    retry: true,
  },
  'epoch-changed': {
    code: 'epoch-changed',
    message: 'a document was re-created; make the commit again on its new epoch',
    retry: false,
  },
  unstorable: { code: 'malformed', message: 'the storage refuses it', retry: false },
};

export function tooManyDocuments({ maxDocumentsPerWorkspace }: Limits): string {
  return `the workspace has ${maxDocumentsPerWorkspace} documents, and may not have more`;
}

function final(code: RejectCode, message: string): Rejection {
  return { code, message, retry: false };
}

function clockAhead(message: string, limits: Limits): Rejection {
  return final('clock-ahead', `${message}; at most ${limits.maxClockAheadMs / 1000} s are allowed`);
}

/**
 * When and what is proved: everything on demand; a few documents by itself, once the device has been level and quiet
 * for some minutes, and not again for hours [VERIFY-5]. One proof at a time; the last one is kept for whoever asks.
 */
import type { DocumentProof, Proof, RelayProof } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import { textOfProof } from './proof-text.ts';
import type { Stop } from './status.ts';
import type { Target } from './sync/connection.ts';
import { RelayApi } from './sync/relay-api.ts';
import { verify } from './verify.ts';
import { compareWithRelay, findUnknown, type VerifyRelayOptions } from './verify-relay.ts';

/** Long enough after joining that nobody waits for this device just now. */
const QUIET_MS = 60_000;
/** After a relay's restart all devices are level at once; they need not ask at once. */
const SPREAD_MS = 300_000;
const INTERVAL_MS = 6 * 3_600_000;
/** Of one proof that nobody asked for. The rest has its turn next time. */
const MAX_DOCUMENTS = 8;
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

export interface VerifierOptions {
  readonly core: Core;
  /** Undefined without a session. */
  readonly target: () => Target | undefined;
  readonly isLevel: () => boolean;
  readonly renew: VerifyRelayOptions['renew'];
  /** Joins again: the relay sends what the device does not know. */
  readonly rejoin: () => void;
  /** When the last proof without being asked was, in an earlier life. */
  readonly provedAtMs: number | undefined;
  readonly onProved: (proof: Proof) => void;
}

export class Verifier {
  readonly #options: VerifierOptions;
  readonly #provedAtMs = new Map<string, number>();
  #lastMs: number | undefined;
  #cancel: Stop = () => {};
  #running: Promise<unknown> = Promise.resolve();
  #closed = false;
  last: Proof | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#lastMs = options.provedAtMs;
  }

  /** Everything that is stored here. */
  verify(): Promise<Proof> {
    return this.#inTurn(() => this.#prove(this.#options.core.documents.names()));
  }

  /** Everything the relay had is here: a good time to look whether it is the same, when nothing else happens. */
  onLevel(): void {
    const { core } = this.#options;
    this.#cancel();
    const dueMs = (this.#lastMs ?? 0) + INTERVAL_MS - core.deps.nowMs();
    const waitMs = Math.max(QUIET_MS, dueMs) + SPREAD_MS * core.deps.random();
    this.#cancel = core.deps.setTimer(waitMs, () => this.#look());
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #look(): void {
    const { core, isLevel } = this.#options;
    if (this.#closed) return;
    const number = core.lastNumber();
    if (!isLevel() || core.outbox.pendingCount > 0) {
      this.onLevel();
      return;
    }
    // Somebody is at work when this moves on within a few seconds.
    this.#cancel = core.deps.setTimer(QUIET_MS / 12, () => {
      if (core.lastNumber() !== number) this.onLevel();
      else
        this.#inTurn(() => this.#prove(this.#longestUnproved())).then(
          () => this.onLevel(),
          () => {}, // closed, or the store is away: the next connection begins anew
        );
    });
  }

  #longestUnproved(): string[] {
    const { documents } = this.#options.core;
    return documents
      .names()
      .filter((name) => documents.isOpen(name) || documents.record(name).snapshotBytes <= MAX_DOCUMENT_BYTES)
      .sort((a, b) => (this.#provedAtMs.get(a) ?? 0) - (this.#provedAtMs.get(b) ?? 0))
      .slice(0, MAX_DOCUMENTS);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#running.then(work);
    this.#running = run.catch(() => {});
    return run;
  }

  async #prove(names: readonly string[]): Promise<Proof> {
    const { core, onProved } = this.#options;
    const { deps } = core;
    const startedAtMs = deps.nowMs();
    const tables = await verify(core, names);
    const relay = await this.#proveRelay(names);
    for (const name of names) this.#provedAtMs.set(name, startedAtMs);
    const proof = {
      atMs: startedAtMs,
      tookMs: deps.nowMs() - startedAtMs,
      device: core.device,
      user: core.user,
      schemaVersion: core.schema.version,
      unsentCommits: core.outbox.pendingCount,
      tables,
      mendedRows: tables.reduce((sum, { mendedIds }) => sum + mendedIds.length, 0),
      relay,
    };
    this.last = { ...proof, text: textOfProof(proof) };
    this.#lastMs = startedAtMs;
    if (!this.#closed) onProved(this.last);
    return this.last;
  }

  async #proveRelay(names: readonly string[]): Promise<RelayProof> {
    const { core, target, isLevel, renew, rejoin } = this.#options;
    const at = target();
    if (!at || !isLevel()) return { state: 'not-connected', reason: 'there is no connection', documents: [] };
    const options = { core, api: new RelayApi(core.deps.fetch, at), isLevel, renew };
    const documents: DocumentProof[] = [];
    try {
      for (const head of await options.api.documents()) {
        if (this.#closed) break;
        const name = head.document;
        if (!names.includes(name) && core.documents.isKept(name)) continue;
        const unknown = await findUnknown(options, head);
        documents.push(unknown ?? (await compareWithRelay(options, name)));
        while (!core.queue.isIdle) await core.queue.idle();
        core.documents.dropUnderBudget();
      }
      // Joining again has the relay send what is not here.
      if (documents.some(({ outcome }) => outcome === 'unknown-here')) rejoin();
      return { state: 'compared', documents };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { state: 'failed', reason, documents };
    }
  }
}

/**
 * Who else has a document open: y-websocket's provider and awareness, one pair per document in memory, over its
 * virtual channel. The provider receives; it never sends updates. Presence is plain data for the page and is
 * stored nowhere.
 */
import { readVarUint, readVarUint8Array } from 'lib0/decoding';
import { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import type { Presence } from '../../client/engine-messages.ts';
import type { OpenDocument } from '../hydration.ts';
import type { Stop } from '../status.ts';
import type { Channels } from './channels.ts';

const MESSAGE_SYNC = 0;
const SYNC_STEP_2 = 1;
const SYNC_UPDATE = 2;
/** A virtual socket costs nothing to make again, so the provider need not back off. */
const MAX_BACKOFF_MS = 100;

type State = Readonly<Record<string, unknown>>;

export interface PresenceOptions {
  readonly channels: Channels;
  readonly device: string;
  readonly user: string;
  /** Brings the document into memory and keeps it there until `Stop`. */
  readonly hold: (document: string) => Stop;
}

export class PresenceRooms {
  readonly #options: PresenceOptions;
  readonly #providers = new Map<string, WebsocketProvider>();
  readonly #own = new Map<string, { readonly state: State; readonly release: Stop }>();
  readonly #watchers = new Map<string, Set<(present: readonly Presence[]) => void>>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Says something of this page to everyone on the document; null leaves. */
  set(document: string, state: State | null): void {
    const own = this.#own.get(document);
    if (state === null) {
      this.#own.delete(document);
      own?.release();
    } else {
      this.#own.set(document, { state, release: own?.release ?? this.#options.hold(document) });
    }
    this.#say(document);
  }

  /** Calls soon with who is there, and whenever it changes. */
  watch(document: string, onChange: (present: readonly Presence[]) => void): Stop {
    let watchers = this.#watchers.get(document);
    if (!watchers) {
      watchers = new Set();
      this.#watchers.set(document, watchers);
    }
    watchers.add(onChange);
    const release = this.#options.hold(document);
    queueMicrotask(() => {
      if (watchers.has(onChange)) onChange(this.#present(document));
    });
    return () => {
      if (!watchers.delete(onChange)) return;
      release();
    };
  }

  /** A document entered memory. */
  opened({ name, doc }: OpenDocument): void {
    const { channels } = this.#options;
    const awareness = new Awareness(doc);
    awareness.setLocalState(null);
    const provider = new WebsocketProvider('channel://relay', name, doc, {
      WebSocketPolyfill: channels.polyfill(),
      awareness,
      disableBc: true,
      maxBackoffTime: MAX_BACKOFF_MS,
    });
    provider.messageHandlers[MESSAGE_SYNC] = (_encoder, decoder) => {
      const type = readVarUint(decoder);
      if (type === SYNC_UPDATE || type === SYNC_STEP_2) channels.deliver(readVarUint8Array(decoder));
      provider.synced = true;
    };
    disarm(provider);
    awareness.on('change', () => this.#tell(name));
    this.#providers.set(name, provider);
    this.#say(name);
  }

  /** A document left memory. */
  dropped({ name }: OpenDocument): void {
    const provider = this.#providers.get(name);
    if (!provider) return;
    this.#providers.delete(name);
    provider.destroy();
    provider.awareness.destroy();
    this.#tell(name);
  }

  close(): void {
    for (const { release } of this.#own.values()) release();
    this.#own.clear();
    this.#watchers.clear();
    for (const [name, provider] of this.#providers) {
      this.#providers.delete(name);
      provider.destroy();
      provider.awareness.destroy();
    }
  }

  #say(document: string): void {
    const own = this.#own.get(document);
    const { device, user } = this.#options;
    this.#providers.get(document)?.awareness.setLocalState(own ? { user, device, state: own.state } : null);
  }

  #tell(document: string): void {
    for (const onChange of this.#watchers.get(document) ?? []) onChange(this.#present(document));
  }

  /** What others say is theirs to shape: anything that is not as expected is left out. */
  #present(document: string): readonly Presence[] {
    const awareness = this.#providers.get(document)?.awareness;
    if (!awareness) return [];
    const present: Presence[] = [];
    for (const [clientId, said] of awareness.getStates()) {
      const { user, device, state } = (said ?? {}) as { user?: unknown; device?: unknown; state?: unknown };
      if (typeof user !== 'string' || typeof device !== 'string') continue;
      if (typeof state !== 'object' || state === null) continue;
      present.push({ clientId, user, device, state: state as State, self: clientId === awareness.clientID });
    }
    return present.sort((a, b) => a.clientId - b.clientId);
  }
}

/**
 * Takes from the provider what Channels and the outbox do for all documents: sending updates (each would be encoded
 * only to be dropped), watching for silence, and a listener on the end of the process per document.
 */
function disarm(provider: WebsocketProvider): void {
  const inside = provider as unknown as {
    _updateHandler: () => void;
    _checkInterval: ReturnType<typeof setInterval>;
    _exitHandler: () => void;
  };
  provider.doc.off('update', inside._updateHandler);
  clearInterval(inside._checkInterval);
  if (typeof process !== 'undefined' && typeof process.off === 'function')
    process.off('exit', inside._exitHandler);
}

/** Photos for the page: taking, keeping, showing and sending them. One for each session. */
import * as v from 'valibot';
import type { Session, Status } from '../../client/engine-messages.ts';
import { PhotoStore } from './photo-store.ts';
import { type PreparedPhoto, preparePhoto } from './prepare-photo.ts';
import { PhotoUploader } from './uploader.ts';

/** Photos belong to receptions and orders. */
const FAMILY = 'work';
const Address = v.object({ url: v.string(), contentType: v.string() });

export interface PhotosDeps {
  readonly fetch: typeof fetch;
  readonly now: () => number;
  /** Bearer of the session as it is now. */
  readonly token: () => Promise<string | undefined>;
}

export class Photos {
  readonly #store: PhotoStore;
  readonly #uploader: PhotoUploader;
  readonly #deps: PhotosDeps;
  readonly #relayUrl: string;
  #status: Status | undefined;

  private constructor(store: PhotoStore, session: Session, deps: PhotosDeps) {
    this.#store = store;
    this.#relayUrl = session.relayUrl;
    this.#deps = deps;
    this.#uploader = new PhotoUploader(store, {
      fetch: deps.fetch,
      relayUrl: session.relayUrl,
      token: deps.token,
      mayUpload: () => this.#status?.connection === 'connected' && this.#status.pending === 0,
    });
  }

  static async open(session: Session, deps: PhotosDeps): Promise<Photos> {
    return new Photos(await PhotoStore.open(session.workspace, session.user), session, deps);
  }

  /** Prepares a picture and keeps it on this device; write the row that names it afterwards. */
  async take(file: Blob): Promise<PreparedPhoto> {
    const prepared = await preparePhoto(file);
    const putAtMs = this.#deps.now();
    await this.#store.put(
      [prepared.photo, prepared.thumb].map(({ sha256, bytes, contentType }) => ({
        sha256,
        bytes,
        contentType,
        family: FAMILY,
        putAtMs,
      })),
    );
    void this.#uploader.run();
    return prepared;
  }

  /** The picture, from this device or else from the relay; undefined while it is nowhere within reach. */
  async read(sha256: string): Promise<Blob | undefined> {
    const kept = await this.#store.get(sha256);
    if (kept) return new Blob([kept.bytes], { type: kept.contentType });
    if (this.#status?.connection !== 'connected') return undefined;
    try {
      return await this.#fetch(sha256);
    } catch {
      return undefined; // no line; it shows when it is asked for again
    }
  }

  /** `waiting` until the relay has it; undefined for a photo of another device. */
  async stateOf(sha256: string): Promise<'waiting' | 'stored' | 'refused' | undefined> {
    return (await this.#store.get(sha256))?.state;
  }

  countWaiting(): Promise<number> {
    return this.#store.countWaiting();
  }

  /** How the replica stands: photos go once everything else has gone. */
  follow(status: Status): void {
    this.#status = status;
    if (status.connection === 'connected' && status.pending === 0) void this.#uploader.run();
  }

  close(): void {
    this.#store.close();
  }

  async #fetch(sha256: string): Promise<Blob | undefined> {
    const token = await this.#deps.token();
    const found = await this.#deps.fetch(`${this.#relayUrl}/api/objects/${FAMILY}/${sha256}`, {
      headers: { authorization: `Bearer ${token ?? ''}` },
    });
    if (!found.ok) return undefined;
    const { url, contentType } = v.parse(Address, await found.json());
    const content = await this.#deps.fetch(new URL(url, this.#relayUrl));
    if (!content.ok) return undefined;
    const bytes = await content.arrayBuffer();
    await this.#store.keep({ sha256, bytes, contentType, family: FAMILY, putAtMs: this.#deps.now() });
    return new Blob([bytes], { type: contentType });
  }
}

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
  readonly #store: Promise<PhotoStore>;
  readonly #uploader: Promise<PhotoUploader>;
  readonly #deps: PhotosDeps;
  readonly #relayUrl: string;
  #status: Status | undefined;

  /** At once: the store opens beside the first page, and whoever asks for a photo waits for it. */
  static open(session: Session, deps: PhotosDeps): Photos {
    return new Photos(PhotoStore.open(session.workspace, session.user), session, deps);
  }

  private constructor(store: Promise<PhotoStore>, session: Session, deps: PhotosDeps) {
    this.#store = store;
    this.#relayUrl = session.relayUrl;
    this.#deps = deps;
    this.#uploader = store.then(
      (opened) =>
        new PhotoUploader(opened, {
          fetch: deps.fetch,
          relayUrl: session.relayUrl,
          token: deps.token,
          mayUpload: () => this.#status?.connection === 'connected' && this.#status.pending === 0,
        }),
    );
    this.#uploader.catch(() => {}); // whoever takes a photo hears of it
  }

  /** Prepares a picture and keeps it on this device; write the row that names it afterwards. */
  async take(file: Blob): Promise<PreparedPhoto> {
    const prepared = await preparePhoto(file);
    const putAtMs = this.#deps.now();
    await (await this.#store).put(
      [prepared.photo, prepared.thumb].map(({ sha256, bytes, contentType }) => ({
        sha256,
        bytes,
        contentType,
        family: FAMILY,
        putAtMs,
      })),
    );
    this.#upload();
    return prepared;
  }

  /** The picture, from this device or else from the relay; undefined while it is nowhere within reach. */
  async read(sha256: string): Promise<Blob | undefined> {
    const kept = await (await this.#store).get(sha256);
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
    return (await (await this.#store).get(sha256))?.state;
  }

  async countWaiting(): Promise<number> {
    return (await this.#store).countWaiting();
  }

  /** How the replica stands: photos go once everything else has gone. */
  follow(status: Status): void {
    this.#status = status;
    if (status.connection === 'connected' && status.pending === 0) this.#upload();
  }

  close(): void {
    this.#store.then(
      (store) => store.close(),
      () => {}, // it never opened
    );
  }

  #upload(): void {
    this.#uploader.then(
      (uploader) => uploader.run(),
      () => {}, // nothing was kept that could be sent
    );
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
    await (await this.#store).keep({ sha256, bytes, contentType, family: FAMILY, putAtMs: this.#deps.now() });
    return new Blob([bytes], { type: contentType });
  }
}

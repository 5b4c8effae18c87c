/**
 * Sends waiting photos to the relay, one after another and only while nothing else waits: an order comes before its
 * pictures. A photo goes in parts; one that was cut off goes on with the parts the relay lacks.
 */
import * as v from 'valibot';
import type { PhotoStore, StoredPhoto } from './photo-store.ts';

const Upload = v.object({
  stored: v.boolean(),
  partBytes: v.number(),
  parts: v.array(v.number()),
});

export interface UploaderDeps {
  readonly fetch: typeof fetch;
  readonly relayUrl: string;
  /** Bearer of the session, asked before each call because it is renewed. */
  readonly token: () => Promise<string | undefined>;
  /** True while photos may use the line. */
  readonly mayUpload: () => boolean;
}

export class PhotoUploader {
  readonly #store: PhotoStore;
  readonly #deps: UploaderDeps;
  #running = false;
  #asked = false;

  constructor(store: PhotoStore, deps: UploaderDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  /**
   * Sends what waits. While it is at it a call makes it look once more: what was kept meanwhile is not in its list, and
   * what failed may work now. Never throws: what failed waits for the next call.
   */
  async run(): Promise<void> {
    this.#asked = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#asked) {
        this.#asked = false;
        await this.#sendWaiting();
      }
    } finally {
      this.#running = false;
    }
  }

  async #sendWaiting(): Promise<void> {
    for (const photo of await this.#store.waiting()) {
      if (!this.#deps.mayUpload()) return;
      if (!(await this.#send(photo))) return; // the line is bad: the rest would fail too
    }
  }

  /** False when it should be tried again later. */
  async #send(photo: StoredPhoto): Promise<boolean> {
    const { sha256, family, contentType, bytes } = photo;
    try {
      const announced = await this.#call('POST', '/api/objects', {
        body: JSON.stringify({ family, sha256, contentType, bytes: bytes.byteLength }),
        contentType: 'application/json',
      });
      if (announced.status >= 400 && announced.status < 500) {
        if (announced.status === 401 || announced.status === 429) return false;
        const { message } = (await announced.json().catch(() => ({}))) as { message?: string };
        await this.#store.mark(sha256, 'refused', message ?? String(announced.status));
        return true;
      }
      if (!announced.ok) return false;
      const upload = v.parse(Upload, await announced.json());
      if (!upload.stored && !(await this.#sendParts(photo, upload))) return false;
      await this.#store.mark(sha256, 'stored');
      return true;
    } catch {
      return false; // fetch rejects when there is no line
    }
  }

  async #sendParts(
    { sha256, family, bytes }: StoredPhoto,
    { partBytes, parts }: v.InferOutput<typeof Upload>,
  ): Promise<boolean> {
    const path = `/api/objects/${family}/${sha256}`;
    for (let part = 0; part * partBytes < bytes.byteLength; part++) {
      if (parts.includes(part)) continue;
      const sent = await this.#call('PUT', `${path}/parts/${part}`, {
        body: bytes.slice(part * partBytes, (part + 1) * partBytes),
        contentType: 'application/octet-stream',
      });
      if (!sent.ok) return false;
    }
    return (await this.#call('POST', `${path}/complete`, {})).ok;
  }

  async #call(
    method: string,
    path: string,
    send: { readonly body?: BodyInit; readonly contentType?: string },
  ): Promise<Response> {
    const token = await this.#deps.token();
    return this.#deps.fetch(`${this.#deps.relayUrl}${path}`, {
      method,
      ...(send.body === undefined ? {} : { body: send.body }),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(send.contentType === undefined ? {} : { 'content-type': send.contentType }),
      },
    });
  }
}

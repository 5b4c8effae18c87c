/** Objects in memory, with the faults that stores have: for tests of what is done when they strike. */
import { assertKey, type ObjectInfo, type ObjectStore } from '../objects/object-store.ts';

export type ObjectFault = 'put-fails' | 'put-corrupts' | 'put-lost-answer' | 'get-fails';

export class MemoryObjects implements ObjectStore {
  /** Happens to every call until it is taken away. */
  fault: ObjectFault | undefined;
  readonly #objects = new Map<string, Uint8Array>();

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** Flips a byte in the middle. */
  damage(key: string): void {
    const bytes = Uint8Array.from(this.#objects.get(key)!);
    bytes[bytes.length >> 1]! ^= 0xff;
    this.#objects.set(key, bytes);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    assertKey(key);
    if (this.fault === 'put-fails') throw new Error('SlowDown');
    if (this.#objects.has(key)) return 'exists';
    this.#objects.set(key, Uint8Array.from(bytes));
    if (this.fault === 'put-corrupts') this.damage(key);
    if (this.fault === 'put-lost-answer') throw new Error('socket hang up');
    return 'created';
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    if (this.fault === 'get-fails') throw new Error('SlowDown');
    return this.#objects.get(key);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const bytes = this.#objects.get(key);
    return bytes && { key, bytes: bytes.length, storedAtMs: Date.now() };
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for (const key of this.keys().sort()) {
      if (key.startsWith(prefix)) yield (await this.head(key))!;
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    this.#objects.delete(key);
  }

  async downloadUrl(): Promise<undefined> {
    return undefined;
  }

  async uploadUrl(): Promise<undefined> {
    return undefined;
  }

  close(): void {}
}

/**
 * Objects as files of one folder: for a workshop on one machine.
 *
 *   <folder>/<key>           an object, complete and synced to disk
 *   <folder>/.tmp/<uuid>     one being written; a crash leaves it there, a later `open` removes it
 *
 * An object appears by hard link, which fails when the name is taken: that is the conditional create [OBJ-2]. A
 * rename would replace, and opening with O_EXCL would show a half-written file to readers.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assertKey, type ObjectInfo, type ObjectStore } from './object-store.ts';

const TEMPORARY = '.tmp';
/** No write takes this long; what is older was left by a crash. */
const LEFTOVER_MS = 3_600_000;

export class FolderStore implements ObjectStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder if need be, and removes what a crash left. Several processes may have it open. */
  static async open(folder: string): Promise<FolderStore> {
    const temporary = join(folder, TEMPORARY);
    await mkdir(temporary, { recursive: true });
    for (const name of await readdir(temporary)) {
      const found = await stat(join(temporary, name)).catch(undefinedWhenMissing);
      if (found && Date.now() - found.mtimeMs > LEFTOVER_MS) await rm(join(temporary, name), { force: true });
    }
    return new FolderStore(folder);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    assertKey(key);
    const target = join(this.#folder, key);
    const temporary = join(this.#folder, TEMPORARY, randomUUID());
    try {
      await writeSynced(temporary, bytes);
      const firstMade = await mkdir(dirname(target), { recursive: true });
      await link(temporary, target);
      await syncFoldersUpTo(dirname(target), firstMade === undefined ? dirname(target) : dirname(firstMade));
      return 'created';
    } catch (error) {
      if (isCode(error, 'EEXIST')) return 'exists';
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    return readFile(join(this.#folder, key)).catch(undefinedWhenMissing);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    const found = await stat(join(this.#folder, key)).catch(undefinedWhenMissing);
    return found?.isFile() ? { key, bytes: found.size, storedAtMs: Math.floor(found.mtimeMs) } : undefined;
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const keys = (await this.#keysIn(prefix.slice(0, prefix.lastIndexOf('/') + 1)))
      .filter((key) => key.startsWith(prefix))
      .sort();
    for (const key of keys) {
      const found = await this.head(key);
      if (found) yield found;
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await rm(join(this.#folder, key), { force: true });
  }

  async downloadUrl(): Promise<undefined> {
    return undefined;
  }

  async uploadUrl(): Promise<undefined> {
    return undefined;
  }

  close(): void {}

  async #keysIn(folder: string): Promise<string[]> {
    const entries =
      (await readdir(join(this.#folder, folder), { withFileTypes: true }).catch(undefinedWhenMissing)) ?? [];
    const keys: string[] = [];
    for (const entry of entries) {
      if (entry.name === TEMPORARY) continue;
      if (entry.isDirectory()) keys.push(...(await this.#keysIn(`${folder}${entry.name}/`)));
      else keys.push(folder + entry.name);
    }
    return keys;
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is durable once its folder is synced, and so is each folder that was made for it. */
async function syncFoldersUpTo(from: string, top: string): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } catch (error) {
      // Some file systems cannot sync a folder; they order its entries themselves.
      if (!isCode(error, 'EINVAL') && !isCode(error, 'EPERM') && !isCode(error, 'EISDIR')) throw error;
    } finally {
      await handle.close();
    }
    if (folder === top || folder === dirname(folder)) return;
  }
}

function undefinedWhenMissing(error: unknown): undefined {
  if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR') || isCode(error, 'EISDIR')) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === code;
}

/**
 * What the readers and writers of .xlsx ask of fflate, in their place (vite.config.ts): fflate's own `zip` and `unzip`
 * start workers from text, which the content security policy forbids. They run in our worker already.
 */
import { strFromU8, strToU8, type Unzipped, unzipSync, type Zippable, zipSync } from 'fflate';

type Done<T> = (error: Error | null, result: T) => void;

export { strFromU8, strToU8, unzipSync, zipSync };

export function unzip(archive: Uint8Array, done: Done<Unzipped>): void {
  call(done, () => unzipSync(archive));
}

export function zip(files: Zippable, done: Done<Uint8Array>): void {
  call(done, () => zipSync(files));
}

function call<T>(done: Done<T>, make: () => T): void {
  let result: T;
  try {
    result = make();
  } catch (error) {
    done(error as Error, undefined as T);
    return;
  }
  done(null, result);
}

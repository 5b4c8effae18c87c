import { createHash } from 'node:crypto';

export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/**
 * A statement that a connection plans once. The name carries the text's hash: two builds, or two applications, may
 * share a pool, and one name must not stand for two statements.
 */
export function prepared(text: string): Prepared {
  return { name: `espejo_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
}

/**
 * Counts what happened in the histories of a property test. Chance decides what does; a kind of thing that never
 * happened was not tested, however many histories passed.
 */
const KINDS = [
  'write-refused-by-a-rule',
  'write-refused-by-the-disk',
  'undone',
  'redone',
  'conflict-resolved-offline',
  'commit-refused-by-the-relay',
  'refused-commit-discarded',
  'crash',
  'crash-amid-a-store-write',
  'image-lost',
  'image-torn',
  'handed-over-with-commits-on-their-way',
  'taken-over-with-commits-on-their-way',
  'document-entered-memory',
  'document-left-memory',
  'document-recreated',
  'unsent-commit-made-anew-on-a-new-epoch',
  'older-build-wrote',
  'older-build-met-what-it-does-not-know',
  'older-build-told-to-update',
  'build-updated-with-unsent-commits',
  'verified-under-load',
] as const;

export type Happening = (typeof KINDS)[number];

export class Tally {
  readonly #counts = new Map<Happening, number>();

  count(kind: Happening, times = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times);
  }

  /** Those that happened less often than `times`, with how often. */
  rarerThan(times: number): string[] {
    return KINDS.map((kind) => [kind, this.#counts.get(kind) ?? 0] as const)
      .filter(([, count]) => count < times)
      .map(([kind, count]) => `${kind}: ${count}`);
  }

  toString(): string {
    return KINDS.map((kind) => `${kind} ${this.#counts.get(kind) ?? 0}`).join(', ');
  }
}

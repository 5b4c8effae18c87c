/**
 * What the replicas of a history promised, kept outside of them: rows of a table that is only added to, so each is
 * there at the end, unless the relay refused its commit or the write failed, and then it is nowhere; and signs typed
 * into shared texts, so each stands there once at most, and once more for each time that somebody put it back.
 */
import type { Statement } from '../client/engine-messages.ts';
import type { Replica } from '../replica/replica.ts';

const ADDED_TO = /insert into movements \(id/;
/** Unicode keeps these for private use: nothing else here types them. */
const FIRST_SIGN = 0xe000;

export class Promises {
  /** Row ids by the label of their commit. */
  readonly #rows = new Map<string, readonly string[]>();
  readonly #kept = new Set<string>();
  readonly #broken = new Set<string>();
  readonly #timesPutBack = new Map<string, number>();
  #signs = 0;

  asked(label: string, statements: readonly Statement[]): void {
    const rows = statements.filter(({ sql }) => ADDED_TO.test(sql)).map(({ params }) => String(params![0]));
    if (rows.length > 0) this.#rows.set(label, rows);
  }

  resolved(label: string): void {
    this.#kept.add(label);
  }

  /** The write was refused, or the commit given up after the relay had refused it. */
  broken(label: string): void {
    this.#broken.add(label);
  }

  /** A sign that nobody typed before. */
  newSign(): string {
    return String.fromCharCode(FIRST_SIGN + this.#signs++);
  }

  /** Signs came back with what a device undid or did again; another may do the same without knowing. */
  putBack(before: string, after: string): void {
    for (const sign of signsOf(after)) {
      if (before.includes(sign)) continue;
      this.#timesPutBack.set(sign, (this.#timesPutBack.get(sign) ?? 0) + 1);
    }
  }

  /** What of all this does not hold for the replica, in words; empty when all is well. */
  brokenBy(replica: Replica): string[] {
    const found = new Set(replica.query('select id from movements').map(({ id }) => String(id)));
    const complaints: string[] = [];
    for (const [label, rows] of this.#rows) {
      for (const id of rows) {
        if (this.#broken.has(label)) {
          if (found.has(id)) complaints.push(`${replica.user} shows ${id} of ${label}, which was refused`);
        } else if (this.#kept.has(label) && !found.has(id)) {
          complaints.push(`${replica.user} lost ${id} of ${label}, which had resolved`);
        }
      }
    }
    for (const { id, remarks } of replica.query('select id, remarks from customers')) {
      const signs = signsOf(String(remarks));
      for (const sign of new Set(signs)) {
        const times = signs.filter((other) => other === sign).length;
        if (times > 1 + (this.#timesPutBack.get(sign) ?? 0))
          complaints.push(
            `${replica.user}: remarks of ${id} hold sign ${sign.charCodeAt(0) - FIRST_SIGN} ${times} times`,
          );
      }
    }
    return complaints;
  }
}

function signsOf(text: string): string[] {
  return [...text].filter((sign) => sign.charCodeAt(0) >= FIRST_SIGN && sign.length === 1);
}

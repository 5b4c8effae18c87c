/** The relay's questions and answers over HTTP that verifying needs, beside the socket that carries changes. */
import type { TableFingerprint } from '../../../shared/mirror/verify.ts';
import type { GuardedEntry } from '../../../shared/registers/guarded-log.ts';
import type { Target } from './connection.ts';

/** A relay that is there answers within this; reading a large document takes a few seconds. */
const TIMEOUT_MS = 30_000;

export interface RelayHead {
  readonly document: string;
  readonly epoch: number;
  readonly head: number;
}

export interface ReportAnswer {
  readonly epoch: number;
  /** Last update that is in the report. */
  readonly seq: number;
}

export interface RelayLog {
  /** Undefined before the first. */
  readonly snapshot: Uint8Array | undefined;
  /** What came after it, in order. */
  readonly entries: readonly GuardedEntry[];
}

interface UpdateAnswer {
  readonly seq: number;
  /** Absent at a relay of an older build. */
  readonly device?: string | null;
  readonly update: string;
}

/** The relay answered, and said no. */
export class RelayAnswerError extends Error {
  override name = 'RelayAnswerError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class RelayApi {
  readonly #fetch: typeof fetch;
  readonly #target: Target;

  constructor(fetchFrom: typeof fetch, target: Target) {
    this.#fetch = fetchFrom;
    this.#target = target;
  }

  /** Every document that this user may read. */
  async documents(): Promise<readonly RelayHead[]> {
    return (await this.#json<{ documents: readonly RelayHead[] }>('')).documents;
  }

  /** Fingerprints of what the report holds of a document. */
  report(document: string): Promise<ReportAnswer & { readonly tables: readonly TableFingerprint[] }> {
    return this.#json(`/${encodeURIComponent(document)}/report`);
  }

  /** The report's rows in some ranges of a table, each by its hash. */
  reportRows(
    document: string,
    table: string,
    ranges: Iterable<number>,
  ): Promise<ReportAnswer & { readonly rows: readonly (readonly [id: string, hash: string])[] }> {
    return this.#json(`/${encodeURIComponent(document)}/report/${table}?ranges=${[...ranges].join()}`);
  }

  /** What the relay has of a document up to `seq`. */
  async log(name: string, epoch: number, seq: number): Promise<RelayLog> {
    const path = `/${encodeURIComponent(name)}`;
    const head = await this.#json<{ readonly snapshotSeq: number }>(path);
    let snapshot: Uint8Array | undefined;
    let after = 0;
    if (head.snapshotSeq > 0) {
      const answer = await this.#ask(`${path}/snapshot`);
      after = Number(answer.headers.get('espejo-seq'));
      snapshot = new Uint8Array(await answer.arrayBuffer());
    }
    const entries: GuardedEntry[] = [];
    while (after < seq) {
      const page = await this.#json<{ updates: readonly UpdateAnswer[] }>(
        `${path}/updates?after=${after}&epoch=${epoch}`,
      );
      if (page.updates.length === 0) break;
      for (const each of page.updates) {
        if (each.seq > seq) break;
        entries.push({
          seq: each.seq,
          device: each.device ?? undefined,
          update: bytesOfBase64(each.update),
        });
      }
      after = page.updates.at(-1)!.seq;
    }
    return { snapshot, entries };
  }

  async #json<T>(path: string): Promise<T> {
    return (await (await this.#ask(path)).json()) as T;
  }

  async #ask(path: string): Promise<Response> {
    const { url, token } = this.#target;
    const answer = await this.#fetch(
      `${url.replace(/^ws/, 'http').replace(/\/$/, '')}/api/documents${path}`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    if (answer.ok) return answer;
    const { code, message } = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
    throw new RelayAnswerError(
      answer.status,
      code ?? 'failed',
      message ?? `the relay answered ${answer.status}`,
    );
  }
}

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

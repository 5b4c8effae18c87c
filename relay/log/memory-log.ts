import type { FanoutHub } from '../fanout/memory-fanout.ts';
import {
  type AppendOutcome,
  type AppendRequest,
  type DocumentStage,
  type DocumentState,
  EpochChangedError,
  type Log,
  type LogRow,
  type LogSlice,
  type Position,
  StorageAwayError,
  type StoredCommit,
  type StoredPart,
} from './log.ts';

interface MemoryDocument {
  readonly workspace: string;
  state: DocumentState;
}

/** A log without durability, for tests: same contract, and it can be told to be away. */
export class MemoryLog implements Log {
  /** While set, every call throws StorageAwayError. */
  isAway = false;
  /** Calls of `append` that got through. */
  batches = 0;
  /** Reported seq by document, as a test sets it. */
  readonly reported = new Map<number, number>();
  readonly #documents: MemoryDocument[] = [];
  readonly #rows: LogRow[] = [];
  readonly #commits = new Map<string, readonly StoredPart[]>();
  readonly #deviceOfCommit = new Map<string, string | undefined>();
  readonly #hub: FanoutHub | undefined;
  readonly #instance: string;
  #position = 0;

  /** Several instances share one MemoryLog through `forInstance`. */
  constructor(hub?: FanoutHub, instance = 'memory') {
    this.#hub = hub;
    this.#instance = instance;
  }

  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    return this.appendAs(this.#instance, requests);
  }

  async appendAs(instance: string, requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    await this.#reach();
    for (const { workspace, commit, parts } of requests) {
      if (commit && this.#commits.has(`${workspace} ${commit.id}`)) continue;
      for (const { document, epoch = commit ? 1 : 0 } of parts) {
        if (epoch !== 0 && epoch !== this.#open(workspace, document).state.epoch)
          throw new EpochChangedError('an update was made for another epoch of its document');
      }
    }
    this.batches++;
    const touched = new Map<MemoryDocument, number>();
    const outcomes = requests.map((request): AppendOutcome => {
      const key = request.commit && `${request.workspace} ${request.commit.id}`;
      const before = key && this.#commits.get(key);
      if (before) return { kind: 'duplicate', parts: before };
      const documents = request.parts.map(({ document }) => this.#open(request.workspace, document));
      const position = ++this.#position;
      const parts = request.parts.map(({ update }, index): StoredPart => {
        const document = documents[index]!;
        const { documentId, document: name, epoch, head, logBytes } = document.state;
        document.state = { ...document.state, head: head + 1, logBytes: logBytes + update.length };
        touched.set(document, head + 1);
        this.#rows.push({
          documentId,
          epoch,
          seq: head + 1,
          position,
          commit: request.commit?.id,
          storedAtMs: Date.now(),
          update: update.slice(),
        });
        return { documentId, document: name, epoch, seq: head + 1 };
      });
      if (key) {
        this.#commits.set(key, parts);
        this.#deviceOfCommit.set(key, request.device);
      }
      return { kind: 'stored', position, parts };
    });
    this.#hub?.pointers(
      instance,
      [...touched].map(([{ workspace, state }, seq]) => ({
        workspace,
        documentId: state.documentId,
        epoch: state.epoch,
        seq,
      })),
    );
    return outcomes;
  }

  async documents(workspace: string): Promise<readonly DocumentState[]> {
    await this.#reach();
    return this.#documents.filter((one) => one.workspace === workspace).map(({ state }) => state);
  }

  async readAfter(workspace: string, positions: readonly Position[], maxBytes: number): Promise<LogSlice> {
    await this.#reach();
    const known = new Map(positions.map((position) => [position.documentId, position]));
    const documents = this.#documents
      .filter((one) => one.workspace === workspace)
      .map(({ state }) => state)
      .filter((state) => {
        const position = known.get(state.documentId);
        return !position || position.epoch !== state.epoch || position.seq !== state.head;
      });
    const wanted = new Map(
      documents.map((state) => {
        const position = known.get(state.documentId);
        return [
          state.documentId,
          { epoch: state.epoch, after: position?.epoch === state.epoch ? position.seq : 0 },
        ];
      }),
    );
    const rows: LogRow[] = [];
    let bytes = 0;
    for (const row of this.#rows) {
      const want = wanted.get(row.documentId);
      if (!want || want.epoch !== row.epoch || row.seq <= want.after) continue;
      if (bytes > maxBytes && row.position !== rows.at(-1)!.position) return { documents, rows, more: true };
      rows.push(row);
      bytes += row.update.length;
    }
    return { documents, rows, more: false };
  }

  async readRange(
    documentId: number,
    epoch: number,
    after: number,
    upTo: number,
  ): Promise<readonly LogRow[]> {
    await this.#reach();
    return this.#rows.filter(
      (row) => row.documentId === documentId && row.epoch === epoch && row.seq > after && row.seq <= upTo,
    );
  }

  async behind(workspaces: readonly string[], positions: readonly Position[]): Promise<readonly string[]> {
    await this.#reach();
    const known = new Map(positions.map((position) => [position.documentId, position]));
    const behind = this.#documents.filter(({ state: { documentId, epoch, head } }) => {
      const position = known.get(documentId);
      return !position || position.epoch !== epoch || position.seq < head;
    });
    return workspaces.filter((name) => behind.some(({ workspace }) => workspace === name));
  }

  async storedCommits(
    workspace: string,
    device: string,
    ids: readonly string[],
  ): Promise<readonly StoredCommit[]> {
    await this.#reach();
    return ids.flatMap((id) => {
      const key = `${workspace} ${id}`;
      const parts = this.#deviceOfCommit.get(key) === device ? this.#commits.get(key) : undefined;
      return parts ? [{ id, parts }] : [];
    });
  }

  async stages(workspaces: readonly string[]): Promise<readonly DocumentStage[]> {
    await this.#reach();
    return this.#documents
      .filter(({ workspace }) => workspaces.includes(workspace))
      .map(({ workspace, state: { documentId, epoch, snapshotSeq } }) => ({
        workspace,
        documentId,
        epoch,
        reported: this.reported.get(documentId) ?? 0,
        archived: snapshotSeq,
      }));
  }

  async close(): Promise<void> {}

  /** Changes what is known of a document: a snapshot was made, the epoch changed. */
  setState(workspace: string, document: string, change: Partial<DocumentState>): void {
    const found = this.#open(workspace, document);
    found.state = { ...found.state, ...change };
    const { documentId, epoch, trimmedSeq } = found.state;
    for (let index = this.#rows.length - 1; index >= 0; index--) {
      const row = this.#rows[index]!;
      if (row.documentId === documentId && (row.epoch < epoch || row.seq <= trimmedSeq))
        this.#rows.splice(index, 1);
    }
  }

  /** A microtask later, as no real storage answers within the call. */
  async #reach(): Promise<void> {
    await Promise.resolve();
    if (this.isAway) throw new StorageAwayError('the memory log was told to be away');
  }

  #open(workspace: string, name: string): MemoryDocument {
    let found = this.#documents.find((one) => one.workspace === workspace && one.state.document === name);
    if (!found) {
      found = {
        workspace,
        state: {
          documentId: this.#documents.length + 1,
          document: name,
          epoch: 1,
          head: 0,
          trimmedSeq: 0,
          snapshotSeq: 0,
          snapshotKey: undefined,
          snapshotSha256: undefined,
          snapshotBytes: 0,
          logBytes: 0,
        },
      };
      this.#documents.push(found);
    }
    return found;
  }
}

/** The same log as another instance of the relay writes it. */
export class MemoryLogOfInstance implements Log {
  readonly #log: MemoryLog;
  readonly #instance: string;

  constructor(log: MemoryLog, instance: string) {
    this.#log = log;
    this.#instance = instance;
  }

  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    return this.#log.appendAs(this.#instance, requests);
  }
  documents(workspace: string): Promise<readonly DocumentState[]> {
    return this.#log.documents(workspace);
  }
  readAfter(workspace: string, positions: readonly Position[], maxBytes: number): Promise<LogSlice> {
    return this.#log.readAfter(workspace, positions, maxBytes);
  }
  readRange(documentId: number, epoch: number, after: number, upTo: number): Promise<readonly LogRow[]> {
    return this.#log.readRange(documentId, epoch, after, upTo);
  }
  behind(workspaces: readonly string[], positions: readonly Position[]): Promise<readonly string[]> {
    return this.#log.behind(workspaces, positions);
  }
  storedCommits(workspace: string, device: string, ids: readonly string[]): Promise<readonly StoredCommit[]> {
    return this.#log.storedCommits(workspace, device, ids);
  }
  stages(workspaces: readonly string[]): Promise<readonly DocumentStage[]> {
    return this.#log.stages(workspaces);
  }
  async close(): Promise<void> {}
}

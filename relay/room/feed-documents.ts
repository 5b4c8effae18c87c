/** The documents of one workspace, as far as this instance has delivered them: what is next, past or later of each. */
import type { DocumentStage, DocumentState, Position } from '../log/log.ts';
import type { Unit, UnitPart } from './delivery.ts';

export interface FeedDocument {
  readonly id: number;
  readonly name: string;
  epoch: number;
  /** Last seq delivered. */
  delivered: number;
  /** As last read; its head may be behind `delivered`, its snapshot behind the newest. */
  state: DocumentState;
  /** Snapshot and log together, about. */
  bytes: number;
  stage: DocumentStage | undefined;
}

/** `next`: everything before it was delivered, and not all of it itself. `later`: something before it is missing. */
export type Place = 'next' | 'past' | 'later';

export class FeedDocuments implements Iterable<FeedDocument> {
  readonly #byId = new Map<number, FeedDocument>();
  readonly #byName = new Map<string, FeedDocument>();

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): Iterator<FeedDocument> {
    return this.#byId.values();
  }

  get(id: number): FeedDocument | undefined {
    return this.#byId.get(id);
  }

  named(name: string): FeedDocument | undefined {
    return this.#byName.get(name);
  }

  /** What was delivered of each document. */
  *positions(): Iterable<Position> {
    for (const { id, epoch, delivered } of this.#byId.values())
      yield { documentId: id, epoch, seq: delivered };
  }

  add(state: DocumentState, delivered: number): FeedDocument {
    const document: FeedDocument = {
      id: state.documentId,
      name: state.document,
      epoch: state.epoch,
      delivered,
      state,
      bytes: state.snapshotBytes + state.logBytes,
      stage: undefined,
    };
    this.#byId.set(document.id, document);
    this.#byName.set(document.name, document);
    return document;
  }

  /** A document that begins with this part. */
  addBorn({ documentId, document, epoch }: UnitPart): FeedDocument {
    return this.add(
      {
        documentId,
        document,
        epoch,
        head: 0,
        trimmedSeq: 0,
        snapshotSeq: 0,
        snapshotKey: undefined,
        snapshotSha256: undefined,
        snapshotBytes: 0,
        logBytes: 0,
      },
      0,
    );
  }

  /** A unit has the place of its parts: next when each is past or the next of its document, and not all are past. */
  placeOf(unit: Unit): Place {
    let isPast = true;
    for (const { documentId, epoch, seq } of unit.parts) {
      const document = this.#byId.get(documentId);
      if (!document) {
        if (epoch !== 1 || seq !== 1) return 'later';
        isPast = false;
      } else if (document.epoch > epoch || (document.epoch === epoch && document.delivered >= seq)) {
        // this part is past
      } else if (document.epoch === epoch && document.delivered + 1 === seq) {
        isPast = false;
      } else {
        return 'later';
      }
    }
    return isPast ? 'past' : 'next';
  }

  /** Notes how far documents have come; gives those that have come further since they were told. */
  noteStages(stages: readonly DocumentStage[]): DocumentStage[] {
    return stages.filter((stage) => {
      const document = this.#byId.get(stage.documentId);
      if (!document || document.epoch !== stage.epoch) return false;
      const { stage: before } = document;
      const isNews = !before || before.reported !== stage.reported || before.archived !== stage.archived;
      document.stage = stage;
      return isNews && (before !== undefined || stage.reported > 0 || stage.archived > 0);
    });
  }
}

/** The document as the log has it now. */
export function learn(document: FeedDocument, state: DocumentState): void {
  document.state = state;
  document.bytes = state.snapshotBytes + state.logBytes;
}

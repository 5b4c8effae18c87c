/**
 * Errors across comlink, which alone keeps name and message: a refused write also tells rule, table, column and
 * row. Imported by page and worker, so that both ends agree.
 */
import { transferHandlers } from 'comlink';
import type { Failure } from './engine-messages.ts';

/** What `throw` looks like inside comlink. */
interface Thrown {
  readonly value: unknown;
}

export class EngineError extends Error {
  readonly rule: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly row: string | undefined;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
    this.rule = failure.rule;
    this.table = failure.table;
    this.column = failure.column;
    this.row = failure.row;
  }
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { rule, table, column, row } = error as Partial<EngineError>;
  return {
    name: error.name,
    message: error.message,
    ...(rule === undefined ? {} : { rule }),
    ...(table === undefined ? {} : { table }),
    ...(column === undefined ? {} : { column }),
    ...(row === undefined ? {} : { row }),
  };
}

/** Call once on each end before the first call. */
export function carryFailures(): void {
  const throwing = transferHandlers.get('throw')!;
  transferHandlers.set('throw', {
    canHandle: throwing.canHandle,
    serialize: (thrown) => [failureOf((thrown as Thrown).value), []],
    deserialize: (failure) => {
      throw new EngineError(failure as Failure);
    },
  });
}

/**
 * What a flow gives to the replica: plain SQL statements, all of them one transaction and so one commit.
 * A flow reads nothing; what it needs to know of present rows is in its input.
 */
import { newId } from '../../base/ids.ts';
import type { CellValue } from '../../schema/table.ts';

export interface Statement {
  readonly sql: string;
  readonly params: readonly CellValue[];
}

/** Who does it, where and when. Tests and the demo workspace pass their own clock and ids. */
export interface Actor {
  /** users.id */
  readonly user: string;
  readonly device: string;
  readonly nowMs: number;
  /** A UUIDv7 at that time; `newId` when absent. */
  readonly newId?: (atMs: number) => string;
}

export function idFor(actor: Actor, atMs: number = actor.nowMs): string {
  return (actor.newId ?? newId)(atMs);
}

/** `insert into t (id, a) values (?, ?)`; cells that are undefined are left to their defaults. */
export function insert(
  table: string,
  id: string,
  cells: Readonly<Record<string, CellValue | undefined>>,
): Statement {
  const given = Object.entries(cells).filter(([, value]) => value !== undefined);
  const columns = ['id', ...given.map(([name]) => name)];
  return {
    sql: `insert into ${table} (${columns.map(quoted).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    params: [id, ...given.map(([, value]) => value as CellValue)],
  };
}

/** `update t set a = ? where id = ?`; undefined cells are left alone. Undefined when nothing is left to set. */
export function update(
  table: string,
  id: string,
  cells: Readonly<Record<string, CellValue | undefined>>,
): Statement | undefined {
  const given = Object.entries(cells).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  return {
    sql: `update ${table} set ${given.map(([name]) => `${quoted(name)} = ?`).join(', ')} where id = ?`,
    params: [...given.map(([, value]) => value as CellValue), id],
  };
}

export function statements(...parts: readonly (Statement | readonly Statement[] | undefined)[]): Statement[] {
  return parts.flatMap((part) => (part === undefined ? [] : 'sql' in part ? [part] : [...part]));
}

function quoted(name: string): string {
  return `"${name}"`;
}

/**
 * The workload of the kill tests: replicas that write to one workspace while processes die around them. What must
 * be true then is in kill-oracle.ts.
 */
import { newId } from '../../shared/base/ids.ts';
import { idBeside } from '../../shared/taller/ids.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import type { Statement } from '../client/engine-messages.ts';
import type { Replica } from '../replica/replica.ts';

/** What the first replica makes before the others start. */
export interface Workplace {
  readonly order: string;
  readonly item: string;
}

/** One commit over two documents makes each of these pairs, so every query must always find nothing. */
export const HALVES: readonly string[] = [
  'select l.id from wo_lines l left join stock_movements m on m.ref_line_id = l.id where m.id is null',
  'select m.id from stock_movements m left join wo_lines l on l.id = m.ref_line_id where l.id is null',
  'select o.id from work_orders o left join customers c on c.id = o.customer_id where c.id is null',
  'select c.id from customers c left join work_orders o on o.customer_id = c.id where o.id is null',
];

export async function openWorkplace(replica: Replica): Promise<Workplace> {
  const item = newId();
  const order = newId();
  await replica.execute(`insert into items (id, sku, name_es) values (?, 'F-1', 'Filtro de aceite')`, [item]);
  await replica.transaction(registration(order, 'Cliente 0'));
  return { order, item };
}

/** One replica at work. */
export class Writer {
  readonly replica: Replica;
  /** Commits whose promise has resolved. */
  made = 0;
  /** What the watched queries found that must never be there. */
  readonly halves: string[] = [];
  readonly #random: Prng;
  readonly #stops: readonly (() => void)[];

  constructor(replica: Replica, random: Prng) {
    this.replica = replica;
    this.#random = random;
    this.#stops = HALVES.map((sql) =>
      replica.watch(sql, [], (rows) => {
        if (rows.length > 0) this.halves.push(`${replica.device} saw ${rows.length} rows of: ${sql}`);
      }),
    );
  }

  /** Makes its commits, each as soon as the one before is on disk and a random pause has passed. */
  async work(workplace: Workplace, commits: number, longestPauseMs: number): Promise<void> {
    for (let number = 1; number <= commits; number++) {
      const { label, statements } = this.#deed(workplace, number);
      const { commit } = await this.replica.transaction(statements, { label });
      if (commit === undefined) throw new Error(`${label} made no commit`);
      this.made++;
      await new Promise((resolve) => setTimeout(resolve, this.#random.int(longestPauseMs)));
    }
  }

  /** Commits that this replica was told are stored, as far as the rows they wrote remember them. */
  told(): string[] {
    return this.replica
      .query(`select distinct commit_id from _sync where stage in ('stored', 'reported', 'archived')`)
      .map((row) => String(row.commit_id));
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #deed({ order, item }: Workplace, number: number): { label: string; statements: Statement[] } {
    const kind = this.#random.int(10);
    if (kind < 5) return { label: 'line.add', statements: partUsed(order, item) };
    if (kind < 7) return { label: 'wo.create', statements: registration(newId(), `Cliente ${number}`) };
    const column = this.#random.pick(['complaint', 'customer_note', 'bay_id']);
    return {
      label: 'wo.update',
      statements: [
        {
          sql: `update work_orders set ${column} = ? where id = ?`,
          params: [`${number} de ${this.replica.device}`, order],
        },
      ],
    };
  }
}

/** A line of the order and the movement of stock it causes: documents work/… and stock/…. */
function partUsed(order: string, item: string): Statement[] {
  const line = idBeside(order);
  return [
    {
      sql: `insert into wo_lines (id, work_order_id, kind, item_id, qty_milli) values (?, ?, 'part', ?, 1000)`,
      params: [line, order, item],
    },
    {
      sql: `insert into stock_movements (id, at, item_id, qty_milli, kind, ref_line_id)
            values (?, ?, ?, -1000, 'wo_issue', ?)`,
      params: [newId(), Date.now(), item, line],
    },
  ];
}

/** A customer and an order: documents people and work/…. */
function registration(order: string, name: string): Statement[] {
  const customer = newId();
  return [
    { sql: 'insert into customers (id, name) values (?, ?)', params: [customer, name] },
    {
      sql: 'insert into work_orders (id, customer_id, opened_at) values (?, ?, ?)',
      params: [order, customer, Date.now()],
    },
  ];
}

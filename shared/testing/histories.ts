/**
 * Histories: random SQL over the test schema on several replicas (every kind of write, ids that collide, rules
 * that are sometimes broken), over a network that delays, repeats, reorders and cuts, with restarts.
 */
import type { SqlJsStatic } from 'sql.js';
import { newId } from '../base/ids.ts';
import { FakeClock } from './fake-clock.ts';
import { TestNetwork } from './network.ts';
import type { Prng } from './prng.ts';
import { type Statement, TestReplica } from './replicas.ts';
import { testSchema } from './test-schema.ts';

const MONTHS_MS = [Date.UTC(2026, 9, 20), Date.UTC(2026, 10, 2)];
const CUSTOMERS = ['c1', 'c2', 'c3', 'García Ñ'];
const ITEMS = ['i1', 'i2', 'i3'];
const WORDS = ['', 'red', 'blue', "d'or", '😀 ok', 'ñandú', 'long text that goes on'];

/** Plays one history to its end: everything sent has arrived everywhere. The caller closes the replicas. */
export function playHistory(
  sqlJs: SqlJsStatic,
  random: Prng,
  { steps = 25 }: { readonly steps?: number } = {},
): TestReplica[] {
  const workshop = new Workshop(random);
  const replicas = Array.from({ length: 2 + random.int(3) }, () => {
    // Clocks differ by up to some minutes, as those of tablets do.
    const clock = new FakeClock(Date.UTC(2026, 10, 15, 12) + random.int(300_000));
    return new TestReplica({ sqlJs, schema: testSchema, random, clock });
  });
  const network = new TestNetwork(replicas, random);
  if (!random.chance(4)) {
    network.send(0, replicas[0]!.write(...workshop.opening()));
    if (random.chance(2)) network.settle();
  }
  for (let step = 0; step < steps; step++) {
    const index = random.int(replicas.length);
    const replica = replicas[index]!;
    replica.wall.advance(random.int(5_000));
    switch (random.int(10)) {
      case 0:
        network.cut(index, random.chance(2));
        break;
      case 1:
        if (random.chance(3)) replica.restart({ keepImage: random.chance(2) });
        break;
      case 2:
      case 3:
      case 4:
        network.deliverSome(index);
        break;
      default:
        network.send(index, replica.tryWrite(...workshop.transaction()));
    }
  }
  network.settle();
  return replicas;
}

/**
 * Throws when a replica differs from the others, or the last one from itself rebuilt from its documents. As all
 * are equal, rebuilding one tells of all.
 */
export function assertSameEverywhere(replicas: readonly TestReplica[]): void {
  const dumps = replicas.map((replica) => replica.dump());
  replicas.forEach((replica, index) => {
    if (replica.waiting > 0) throw new Error(`replica ${index} still waits for ${replica.waiting} updates`);
    assertSameText(dumps[index]!, dumps[0]!, `replica ${index} differs from replica 0`);
  });
  assertSameText(dumps[0]!, replicas.at(-1)!.dumpAfresh(), 'a replica differs from itself rebuilt');
}

function assertSameText(found: string, expected: string, message: string): void {
  if (found === expected) return;
  const [ours, theirs] = [new Set(found.split('\n')), new Set(expected.split('\n'))];
  const lines = [
    ...[...ours].filter((line) => !theirs.has(line)).map((line) => `+ ${line}`),
    ...[...theirs].filter((line) => !ours.has(line)).map((line) => `- ${line}`),
  ];
  throw new Error(`${message}\n${lines.join('\n')}`);
}

/** Ids that every replica of a history draws from, so that they collide. */
export class Workshop {
  readonly orders: readonly string[];
  readonly lines: readonly string[];
  readonly estimates: readonly string[];
  readonly movements: readonly string[];
  readonly #random: Prng;

  constructor(random: Prng) {
    const ids = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        newId(MONTHS_MS[index % 2]! + index, (count) => random.bytes(count)),
      );
    this.orders = ids(4);
    this.lines = ids(5);
    this.estimates = ids(3);
    this.movements = ids(4);
    this.#random = random;
  }

  /** Rows that are there from the start, so that the writes after it find something to meet on. */
  opening(): Statement[] {
    return [
      ...CUSTOMERS.map((id) => ({ sql: 'insert into customers (id, name) values (?, ?)', params: [id, id] })),
      ...ITEMS.map((id) => ({ sql: 'insert into items (id, price_minor) values (?, 50)', params: [id] })),
      ...this.orders.map((id) => ({ sql: 'insert into orders (id) values (?)', params: [id] })),
      ...this.estimates.map((id, index) => ({
        sql: 'insert into estimates (id, order_id) values (?, ?)',
        params: [id, this.orders[index]!],
      })),
    ];
  }

  /** One transaction of 1 to 3 statements. */
  transaction(): (string | Statement)[] {
    const random = this.#random;
    const statements: (string | Statement)[] = Array.from({ length: 1 + random.int(3) }, () =>
      this.#statement(),
    );
    if (random.chance(8)) {
      return ['savepoint s', ...statements, 'rollback to s', 'release s', this.#statement()];
    }
    return statements;
  }

  #statement(): Statement {
    const random = this.#random;
    const customer = random.pick(CUSTOMERS);
    const item = random.pick(ITEMS);
    const order = random.pick(this.orders);
    const word = random.pick(WORDS);
    const number = random.int(100);
    const of = (sql: string, ...params: (string | number | null)[]): Statement => ({ sql, params });
    return random.pick([
      () => of('insert or ignore into customers (id, name) values (?, ?)', customer, word),
      () =>
        of(
          'insert into customers (id, name, email) values (?, ?, ?) on conflict (id) do update set email = excluded.email',
          customer,
          word,
          random.pick(['a@x', 'b@x', null]),
        ),
      () =>
        of(
          'replace into customers (id, name, points, remarks) values (?, ?, ?, ?)',
          customer,
          word,
          number - 2,
          word,
        ),
      () => of('update customers set points = points + 1, vip = 1 - vip where id = ?', customer),
      () => of('update customers set remarks = ? || remarks where id = ?', word, customer),
      () => of('update customers set name = ?', word),
      () => of('delete from customers where id = ?', customer),
      () =>
        of(
          'insert or ignore into items (id, brand, code, price_minor) values (?, ?, ?, ?)',
          item,
          random.pick(['acme', null]),
          random.pick(['x', 'y']),
          number,
        ),
      () => of('update items set price_minor = ?, weight = ? where id = ?', number, number / 7, item),
      () => of('update items set cost_minor = ? where id = ?', number, item),
      () =>
        of(
          `update items set brand = 'acme', code = ?, extra = ? where id = ?`,
          random.pick(['x', 'y']),
          `{"n":${number}}`,
          item,
        ),
      () => of('delete from items where id = ?', item),
      () =>
        of(
          'insert or ignore into orders (id, customer_id, odometer) values (?, ?, ?)',
          order,
          random.pick([null, customer]),
          number,
        ),
      () =>
        of(
          'update orders set status = ?, odometer = odometer + 1 where id = ?',
          random.pick(['open', 'done']),
          order,
        ),
      () =>
        of(
          'update orders set customer_id = ?, opened_at = ? where id = ?',
          customer,
          1_790_000_000_000 + number,
          order,
        ),
      () => of('update orders set notes = ? where id = ?', random.pick([...WORDS, null]), order),
      () => of('delete from orders where id = ?', order),
      () =>
        of(
          'insert or ignore into order_lines (id, order_id, item_id, label, qty_milli) values (?, ?, ?, ?, ?)',
          random.pick(this.lines),
          order,
          random.pick([null, item]),
          word,
          number,
        ),
      () =>
        of('update order_lines set qty_milli = qty_milli + 500, label = ? where order_id = ?', word, order),
      () => of('delete from order_lines where order_id = ?', order),
      () =>
        of(
          'insert or ignore into estimates (id, order_id, total_minor) values (?, ?, ?)',
          random.pick(this.estimates),
          order,
          number,
        ),
      () => of('update estimates set total_minor = ? where id = ?', number, random.pick(this.estimates)),
      () => of(`update estimates set status = 'signed' where id = ?`, random.pick(this.estimates)),
      () =>
        of(
          'insert or ignore into movements (id, item_id, qty_milli, reason) values (?, ?, ?, ?)',
          random.pick(this.movements),
          random.pick([null, item]),
          number,
          word,
        ),
      () => of('delete from movements where id = ?', random.pick(this.movements)),
    ])();
  }
}

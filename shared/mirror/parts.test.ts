/** Parts of a whole that is sealed as one, written by devices that do not see each other. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../base/ids.ts';
import { defineSchema, defineTable, optional, reference, text, timestamp } from '../schema/table.ts';
import { forSeeds, Prng } from '../testing/prng.ts';
import { TestReplica, type Update } from '../testing/replicas.ts';
import { RefusedWriteError } from './refused-write.ts';
import { loadSqlJs } from './sqljs.ts';

const papers = defineTable(
  'papers',
  { family: 'work', bucket: 'id', class: 'sealed', sealedWhen: "status = 'signed'" },
  { status: text({ default: 'draft' }) },
);
const marks = defineTable(
  'marks',
  {
    family: 'work',
    bucket: 'paper_id',
    class: 'sealed',
    sealedWhen: 'sealed_at is not null',
    partOf: 'paper_id',
  },
  { paper_id: reference('papers'), status: text({ default: 'seen' }), sealed_at: optional(timestamp()) },
);
const schema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [{ name: 'work', bucketed: true }],
  tables: [papers, marks],
});

const sqlJs = await loadSqlJs();
const PAPER = newId();
const LATE = "select kind, table_name, row_id, rule, key from _violation where document = ''";
const SIGN = [
  `update marks set sealed_at = 1 where paper_id = '${PAPER}'`,
  `update papers set status = 'signed' where id = '${PAPER}'`,
];
const late = (id: string) => ({
  kind: 'sealed',
  table_name: 'marks',
  row_id: id,
  rule: 'paper_id',
  key: PAPER,
});

test('[SEAL-1] a part that comes after the seal is listed on every replica, whatever came first, until it is gone', () => {
  for (const markFirst of [true, false]) {
    const [a, b, c] = [replica(1), replica(2), replica(3)];
    const begun = a.write(
      `insert into papers (id) values ('${PAPER}')`,
      `insert into marks (id, paper_id) values ('early', '${PAPER}')`,
    );
    for (const one of [b, c]) one.receive(begun);

    const marked = a.write(`insert into marks (id, paper_id) values ('late', '${PAPER}')`);
    const signed = b.write(...SIGN);
    a.receive(signed);
    b.receive(marked);
    for (const updates of markFirst ? [marked, signed] : [signed, marked]) c.receive(updates);

    for (const one of [a, b, c]) assert.equal(one.query(LATE), [late('late')]);
    assert.is(
      a.query("select * from marks where id = 'late'").length,
      1,
      'it is there to be moved elsewhere',
    );

    const removed = a.write("delete from marks where id = 'late'");
    for (const one of [b, c]) one.receive(removed);
    for (const one of [a, b, c]) assert.equal(one.query(LATE), []);
  }
});

test('[SEAL-1] a device that knows of the seal adds no part, and seals no whole without its parts', () => {
  const a = replica(1);
  a.write(
    `insert into papers (id) values ('${PAPER}')`,
    `insert into marks (id, paper_id) values ('m', '${PAPER}')`,
  );

  assert.equal(
    refusal(() => a.write(SIGN[1]!)),
    ['sealed', 'papers', '', PAPER],
  );
  a.write(...SIGN);
  assert.equal(
    refusal(() => a.write(`insert into marks (id, paper_id) values ('n', '${PAPER}')`)),
    ['sealed', 'marks', 'paper_id', 'n'],
  );
});

test('[SEAL-1] of any history the list is the one made afresh', async () => {
  await forSeeds(30, [], (random) => {
    const devices = [replica(random.int(1e6)), replica(random.int(1e6)), replica(random.int(1e6))];
    const waiting = devices.map((): (readonly Update[])[] => []);
    const send = (from: TestReplica, updates: readonly Update[]) => {
      for (const [place, device] of devices.entries()) if (device !== from) waiting[place]!.push(updates);
    };
    send(devices[0]!, devices[0]!.write(`insert into papers (id) values ('${PAPER}')`));
    for (let step = 0; step < 24; step++) {
      const place = random.int(devices.length);
      const device = devices[place]!;
      if (random.chance(2)) device.receive(waiting[place]!.shift() ?? []);
      else send(device, device.tryWrite(...writeOf(random, step)));
    }
    for (const [place, device] of devices.entries()) {
      for (const updates of waiting[place]!) device.receive(updates);
      assert.is(device.dump(), device.dumpAfresh());
      assert.is(device.dump(), devices[0]!.dump());
    }
  });
});

test.run();

function replica(seed: number): TestReplica {
  return new TestReplica({ sqlJs, schema, random: new Prng(seed) });
}

function writeOf(random: Prng, step: number): readonly string[] {
  switch (random.int(4)) {
    case 0:
      return SIGN;
    case 1:
      return [`delete from marks where id = (select min(id) from marks where sealed_at is null)`];
    default:
      return [`insert into marks (id, paper_id) values ('m${step}', '${PAPER}')`];
  }
}

function refusal(write: () => unknown): readonly unknown[] | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedWriteError)) throw error;
    return [error.rule, error.table, error.column, error.row];
  }
}

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('resolve');

for (const [choice, pick] of [
  ['the value that stands', (winner: CellValue) => winner],
  ['the value that lost', (_winner: CellValue, loser: CellValue) => loser],
  ['another value', () => 'third'],
] as const) {
  test(`[RESOLVE-1] ${choice} is kept on every device, and the conflict is gone`, async () => {
    const relay = new MemoryRelay();
    const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
    const ref = { table: 'customers', id: newId(), column: 'name' };
    await a.execute('insert into customers (id, name) values (?, ?)', [ref.id, 'first']);
    await settleAll(a, b);
    a.disconnect();
    b.disconnect();
    await a.execute('update customers set name = ? where id = ?', ['by a', ref.id]);
    await b.execute('update customers set name = ? where id = ?', ['by b', ref.id]);
    connectTestReplica(a);
    connectTestReplica(b);
    await settleAll(a, b);
    const [conflict] = a.query('select winner_value, loser_value from _conflict');
    assert.is(a.status().conflicts, 1);
    const value = pick(conflict!.winner_value!, conflict!.loser_value!);

    const { commit } = await a.resolve(ref, value);
    await settleAll(a, b);

    assert.type(commit, 'string');
    for (const replica of [a, b]) {
      assert.equal(replica.query('select name from customers'), [{ name: value }]);
      assert.is(replica.status().conflicts, 0);
    }
    assert.equal(contentsOf(a), contentsOf(b));
    const again = await a.resolve(ref, value).catch((error: Error) => error.message);
    assert.match(again as string, /no conflict/);
    await a.close();
    await b.close();
  });
}

test.run();

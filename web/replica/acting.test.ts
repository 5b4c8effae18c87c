/** A tablet that several use: the session stays, and rows and commits name who had it in hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { openTestReplica } from './testing/open-replica.ts';

const INSERT = 'insert into customers (id, name) values (?, ?)';
const EVERYTHING = { role: 'all', families: {}, other: 'write' } as const;

test('[LOCK-2] rows name who took the device over, commits both, and the session is the same again afterwards', async () => {
  const replica = await openTestReplica();

  replica.actAs({ user: 'eva', grants: EVERYTHING });
  assert.is(replica.status().acting, 'eva');
  await replica.execute(INSERT, [newId(), 'Uno'], { label: 'customer.add' });
  replica.actAs(undefined);
  await replica.execute(INSERT, [newId(), 'Dos'], { label: 'customer.add' });

  assert.equal(replica.query('select name, created_by from customers order by name'), [
    { name: 'Dos', created_by: 'ana' },
    { name: 'Uno', created_by: 'eva' },
  ]);
  assert.equal(replica.query('select label from _outbox order by created_at, label desc'), [
    { label: 'customer.add @eva' },
    { label: 'customer.add' },
  ]);
  await replica.close();
});

test('[LOCK-2] who took it over may write only what both may', async () => {
  const reader = { role: 'reader', families: {}, other: 'read' } as const;
  for (const [session, acting] of [
    [EVERYTHING, reader],
    [reader, EVERYTHING],
  ] as const) {
    const replica = await openTestReplica({ grants: session });
    replica.actAs({ user: 'eva', grants: acting });

    const error = await replica.execute(INSERT, [newId(), 'Uno']).catch((reason: Error) => reason);

    assert.is((error as Error).name, 'NotAllowedError', `a ${acting.role} on a device of a ${session.role}`);
    assert.equal(replica.query('select * from customers'), []);
    await replica.close();
  }
});

test('what was written in turn is sent under the one session', async () => {
  const relay = new MemoryRelay();
  const replica = await openTestReplica({ relay });
  replica.actAs({ user: 'eva', grants: EVERYTHING });
  await replica.execute(INSERT, [newId(), 'Uno']);
  await replica.settled();

  assert.is(replica.status().pending, 0);
  assert.is(replica.status().user, 'ana');
  await replica.close();
});

test.run();

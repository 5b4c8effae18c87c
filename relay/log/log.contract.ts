/** What every Log keeps. Call it from a test file with a way to open an empty one, and run the suite it gives. */
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { errorOf } from '../testing/error-of.ts';
import { type AppendRequest, EpochChangedError, type Log, type StoredPart } from './log.ts';

export interface OpenedLog {
  readonly log: Log;
  /** Gives a document its next epoch, as the materializer does: its first seq is a snapshot. */
  recreate(workspace: string, document: string): Promise<void>;
  close(): Promise<void>;
}

export function testLogContract(name: string, open: () => Promise<OpenedLog>): Test {
  const test = suite(`Log contract: ${name}`);
  let opened: OpenedLog;
  let log: Log;

  test.before(async () => {
    opened = await open();
    log = opened.log;
  });
  test.after(async () => {
    await log.close();
    await opened.close();
  });

  test('[LOG-1] seqs of a document count 1, 2, 3 without gap, over requests and calls', async () => {
    const first = await log.append([
      stock('count', 'a', 'x'),
      stock('count', 'b', 'y'),
      stock('count', 'a', 'z'),
    ]);
    const second = await log.append([stock('count', 'a', 'w')]);

    assert.equal(first.map(seqsOf), ['a.1.1', 'b.1.1', 'a.1.2']);
    assert.equal(second.map(seqsOf), ['a.1.3']);
    const [a] = await log.documents('count');
    assert.is(a!.head, 3);
    assert.is(a!.logBytes, 3);
  });

  test('[LOG-2] all parts of a commit are stored under one position, or none is', async () => {
    const [outcome] = await log.append([commit('parts', { work: 'one', stock: 'two' })]);

    assert.is(outcome!.kind, 'stored');
    assert.is(seqsOf(outcome!), 'work.1.1 stock.1.1');
    const { rows } = await log.readAfter('parts', [], 1e6);
    assert.is(rows.length, 2);
    assert.is(rows[0]!.position, rows[1]!.position);
  });

  test('[LOG-3] a commit that is sent again keeps its first seqs and is stored once', async () => {
    const request = commit('again', { work: 'one', stock: 'two' });
    await log.append([request]);
    await log.append([commit('again', { work: 'three' })]);

    const [outcome] = await log.append([request]);

    assert.is(outcome!.kind, 'duplicate');
    assert.is(seqsOf(outcome!).split(' ').sort().join(' '), 'stock.1.1 work.1.1');
    assert.is((await log.readAfter('again', [], 1e6)).rows.length, 3);
  });

  test('[LOG-3] the same id in two workspaces is two commits', async () => {
    const request = commit('twin-a', { work: 'one' });
    await log.append([request]);

    const [outcome] = await log.append([{ ...request, workspace: 'twin-b' }]);

    assert.is(outcome!.kind, 'stored');
  });

  test('[LOG-6] a call with an update for a passed epoch stores nothing of itself', async () => {
    await log.append([stock('epochs', 'a', 'x')]);
    await opened.recreate('epochs', 'a');

    const call = log.append([stock('epochs', 'b', 'y'), commit('epochs', { b: 'z', a: 'old' })]);

    assert.instance(await errorOf(call), EpochChangedError);
    const documents = await log.documents('epochs');
    assert.equal(
      documents
        .filter(({ head }) => head > 0)
        .map(({ document, epoch, head }) => `${document}.${epoch}.${head}`),
      ['a.2.1'],
    );
    const [stored] = await log.append([
      { ...commit('epochs', {}), parts: [{ document: 'a', epoch: 2, update: bytes('new') }] },
    ]);
    assert.is(seqsOf(stored!), 'a.2.2');
  });

  test('[LOG-6] a commit stored before its document was re-created is still known', async () => {
    const request = commit('known', { a: 'x' });
    await log.append([request]);
    await opened.recreate('known', 'a');

    const [outcome] = await log.append([request]);

    assert.is(outcome!.kind, 'duplicate');
  });

  test('a reader gets what it lacks, in an order that fits every document, parts together', async () => {
    await log.append([commit('read', { a: '1', b: '1' }), commit('read', { b: '2' })]);
    const documents = await log.documents('read');
    const positions = documents.map(({ documentId, epoch, head }) => ({ documentId, epoch, seq: head }));
    await log.append([
      commit('read', { b: '3', a: '2' }),
      commit('read', { c: '1' }),
      commit('read', { a: '3' }),
    ]);

    const slice = await log.readAfter('read', positions, 1e6);

    const names = new Map(
      (await log.documents('read')).map(({ documentId, document }) => [documentId, document]),
    );
    const order = slice.rows.map(({ documentId, seq }) => `${names.get(documentId)}${seq}`);
    assert.equal([...order.slice(0, 2)].sort(), ['a2', 'b3']);
    assert.equal(order.slice(2), ['c1', 'a3']);
    assert.not(slice.more);
    assert.equal(slice.documents.map(({ document }) => document).sort(), ['a', 'b', 'c']);
    assert.equal(slice.rows.map(({ update }) => Buffer.from(update).toString()).sort(), ['1', '2', '3', '3']);
  });

  test('a reader that is level gets nothing', async () => {
    await log.append([commit('level', { a: '1' })]);
    const positions = (await log.documents('level')).map(({ documentId, epoch, head }) => ({
      documentId,
      epoch,
      seq: head,
    }));

    assert.equal(await log.readAfter('level', positions, 1e6), { documents: [], rows: [], more: false });
  });

  test('a long read stops at the end of a commit and says that there is more', async () => {
    const wide = { a: 'x'.repeat(600), b: 'y'.repeat(600) };
    await log.append([commit('long', wide), commit('long', wide), commit('long', wide)]);

    const slice = await log.readAfter('long', [], 1_000);

    assert.ok(slice.more);
    assert.is(slice.rows.length % 2, 0);
    assert.ok(slice.rows.length < 6);
  });

  test('a range is read by seq, and ends where it was asked to', async () => {
    await log.append(['1', '2', '3', '4'].map((content) => stock('range', 'a', content)));
    const [a] = await log.documents('range');

    const rows = await log.readRange(a!.documentId, 1, 1, 3);

    assert.equal(
      rows.map(({ seq, update }) => `${seq}:${Buffer.from(update).toString()}`),
      ['2:2', '3:3'],
    );
  });

  test('appends from several callers at once leave every document contiguous', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const calls = Array.from({ length: 20 }, (_, index) =>
      log.append([
        commit('race', { [names[index % 4]!]: 'x', [names[(index + 1) % 4]!]: 'y' }),
        stock('race', names[(index + 2) % 4]!, 'z'),
      ]),
    );
    await Promise.all(calls);

    const { rows } = await log.readAfter('race', [], 1e6);
    const seen = new Map<number, number>();
    for (const { documentId, seq } of rows) {
      assert.is(seq, (seen.get(documentId) ?? 0) + 1);
      seen.set(documentId, seq);
    }
    assert.is(rows.length, 60);
  });

  test('workspaces do not see each other', async () => {
    await log.append([stock('mine', 'a', 'x'), stock('yours', 'a', 'y')]);

    assert.is((await log.documents('mine')).length, 1);
    assert.is((await log.readAfter('yours', [], 1e6)).rows.length, 1);
  });

  test('stages say how far report and snapshots are', async () => {
    await log.append([stock('stages', 'a', 'x')]);

    const [stage] = await log.stages(['stages']);

    assert.equal(
      { ...stage, documentId: 0 },
      { workspace: 'stages', documentId: 0, epoch: 1, reported: 0, archived: 0 },
    );
  });

  test('[LOG-3] whether a commit is stored can be asked, by the device that made it', async () => {
    const stored = commit('asked', { work: 'one', stock: 'two' });
    const [outcome] = await log.append([stored]);
    const { id, device } = stored.commit!;
    const unknown = newId();

    const found = await log.storedCommits('asked', device, [unknown, id]);

    assert.equal(
      found.map((one) => one.id),
      [id],
    );
    assert.is(seqsOf({ parts: sorted(found[0]!.parts) }), seqsOf({ parts: sorted(outcome!.parts) }));
    assert.equal(await log.storedCommits('asked', 'AnOther1', [id]), []);
    assert.equal(await log.storedCommits('yours', device, [id]), []);
    assert.equal(await log.storedCommits('asked', device, []), []);
  });

  test('[FAN-1] one question tells which of many workspaces have something new', async () => {
    const names = ['level', 'grown', 'born', 'reborn', 'empty'];
    for (const name of names.slice(0, 4)) await log.append([stock(name, 'a', 'x'), stock(name, 'b', 'x')]);
    const positions = (await Promise.all(names.map((name) => log.documents(name))))
      .flat()
      .map(({ documentId, epoch, head }) => ({ documentId, epoch, seq: head }));
    const before = await log.behind(names, positions);
    await log.append([stock('grown', 'b', 'y'), stock('born', 'c', 'x'), stock('other', 'a', 'x')]);
    await opened.recreate('reborn', 'a');

    assert.equal(before, []);
    assert.equal([...(await log.behind(names, positions))].sort(), ['born', 'grown', 'reborn']);
    assert.equal(await log.behind(['level'], positions), []);
    assert.equal(await log.behind([], []), []);
  });

  return test;
}

const bytes = (text: string) => new TextEncoder().encode(text);

function stock(workspace: string, document: string, content: string): AppendRequest {
  const parts = [{ document, update: bytes(content) }];
  return { workspace, user: 'ana', device: undefined, commit: undefined, parts };
}

function commit(workspace: string, contents: Readonly<Record<string, string>>): AppendRequest {
  const device = 'AbCdEf01' as DeviceId;
  return {
    workspace,
    user: 'ana',
    device,
    commit: { id: newId(), device, hlc: hlcOfMs(Date.now()), schema: 1, label: 'test' },
    parts: Object.entries(contents).map(([document, content]) => ({ document, update: bytes(content) })),
  };
}

const sorted = (parts: readonly StoredPart[]) =>
  [...parts].sort((one, other) => one.document.localeCompare(other.document));

function seqsOf({
  parts,
}: {
  readonly parts: readonly { document: string; epoch: number; seq: number }[];
}): string {
  return parts.map(({ document, epoch, seq }) => `${document}.${epoch}.${seq}`).join(' ');
}

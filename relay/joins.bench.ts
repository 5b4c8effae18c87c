/** Many at once: idle sockets, large joins beside live documents, and a whole fleet that comes back. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { percentile, report } from '../shared/testing/bench.ts';
import { encodeSnapshot } from './materializer/snapshot-file.ts';
import { migrate } from './migrations/migrate.ts';
import { FolderStore } from './objects/folder-store.ts';
import { startBenchRelay } from './testing/bench-relay.ts';
import type { LoadOptions } from './testing/load.ts';
import type { LoadSummary } from './testing/load-process.ts';
import { startTestPostgres } from './testing/postgres.ts';
import { ReplicaClient } from './testing/replica-client.ts';

const MANY = JSON.stringify({ maxConnectionsPerAddress: 10_000, maxConnectionsPerWorkspace: 10_000 });

const server = await startTestPostgres({ fsync: true });
const pool = new pg.Pool({ connectionString: server.url });
await migrate(pool);
const objectsDir = await mkdtemp(join(tmpdir(), 'espejo-bench-objects-'));
const env = { TEST_LIMITS: MANY, TEST_OBJECTS_DIR: objectsDir };

await idleConnections();
await largeJoins();
await fleetComesBack();
await churn();

await pool.end();
await server.close();
await rm(objectsDir, { recursive: true, force: true });
process.exit(0);

async function idleConnections(): Promise<void> {
  const relay = await startBenchRelay(server.url, { env });
  const url = (index: number) =>
    `ws://127.0.0.1:${relay.port}/sync/idle/room-${index % 200}?token=idle.a.writer`;
  // The first ones also grow the heap that any work of the process would grow.
  const warm = await inGroups(2_000, 200, (index) => openSocket(url(index)));
  await settle();
  const before = await relay.memoryBytes();
  const sockets = await inGroups(2_000, 200, (index) => openSocket(url(index)));
  await settle();
  const after = await relay.memoryBytes();
  report({
    name: '2 000 idle connections: memory of each',
    value: (after - before) / 2_000 / 1024,
    unit: 'KB',
    budget: { atMost: 12 },
    note: 'beside 2 000 others',
  });
  for (const socket of [...warm, ...sockets]) socket.terminate();
  await settle();

  const startedAtMs = performance.now();
  const many = await inGroups(5_000, 500, (index) => openSocket(url(index)));
  report({
    name: '5 000 connections: until all are open and synced',
    value: (performance.now() - startedAtMs) / 1000,
    unit: 's',
    budget: { atMost: 10 },
  });
  for (const socket of many) socket.terminate();
  await relay.kill();
}

async function largeJoins(): Promise<void> {
  const bytes = await storeLargeDocument('joins', 'large');
  const relay = await startBenchRelay(server.url, { env });
  const load = runLoadProcess({
    urls: [`ws://127.0.0.1:${relay.port}/sync/joins`],
    token: 'joins.load.writer',
    documents: 20,
    clientsPerDocument: 5,
    editsPerSecond: 400,
    seconds: 8,
    warmupSeconds: 3,
  });
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  const url = `ws://127.0.0.1:${relay.port}/sync/joins/large?token=joins.a.writer`;
  const tookMs = await Promise.all(Array.from({ length: 20 }, () => timeToSync(url)));
  const others = await load;
  report({
    name: `20 clients join a document of ${(bytes / 1e6).toFixed(0)} MB: p99`,
    value: percentile(tookMs, 99) / 1000,
    unit: 's',
    budget: { atMost: 4 },
  });
  report({
    name: 'other documents meanwhile: delivery p99',
    value: others.p99Ms,
    unit: 'ms',
    budget: { atMost: 50 },
    note: `max ${others.maxMs.toFixed(0)} ms, ${others.deliveries} of ${others.expectedDeliveries} delivered`,
  });
  await relay.kill();
}

async function fleetComesBack(): Promise<void> {
  const relay = await startBenchRelay(server.url, { env });
  const url = `ws://127.0.0.1:${relay.port}/sync`;
  const writer = await ReplicaClient.open({ url, workspace: 'fleet' });
  for (let index = 0; index < 50; index++)
    await writer.write({ [`d${index % 5}`]: [`r${index}`, 'x'.repeat(100)] });
  const template = await ReplicaClient.open({ url, workspace: 'fleet' });
  await template.close();
  for (let index = 0; index < 20; index++)
    await writer.write({ [`d${index % 5}`]: [`s${index}`, 'x'.repeat(100)] });
  await writer.close();
  await relay.kill();

  const again = await startBenchRelay(server.url, { env, port: relay.port });
  const startedAtMs = performance.now();
  const fleet = await Promise.all(
    Array.from({ length: 500 }, () => ReplicaClient.open({ url, workspace: 'fleet', from: template })),
  );
  const tookMs = performance.now() - startedAtMs;
  const wrong = fleet.filter(
    (client) => client.faults.length > 0 || [...client.documents.values()].some(({ seq }) => seq !== 14),
  );
  if (wrong.length > 0) throw new Error(`${wrong.length} devices did not get what they missed`);
  report({
    name: '500 devices come back, 20 edits missed each: until all are level',
    value: tookMs / 1000,
    unit: 's',
    budget: { atMost: 5 },
  });
  for (const client of fleet) client.socket.terminate();
  await again.kill();
}

/** Documents opened, written, left: what stays behind of each must not add up. */
async function churn(): Promise<void> {
  const relay = await startBenchRelay(server.url, { env });
  const visit = async (index: number) => {
    const document = `churn-${index % 500}`;
    const socket = await openSocket(
      `ws://127.0.0.1:${relay.port}/sync/churn/${document}?token=churn.a.writer`,
    );
    const doc = new Y.Doc();
    doc.getMap('rows').set(`r${index % 50}`, index);
    const update = Y.encodeStateAsUpdate(doc);
    const echo = new Promise((resolve) => socket.once('message', resolve));
    socket.send(Uint8Array.of(0, 2, update.length, ...update));
    await echo;
    socket.terminate();
  };
  const half = async (from: number) => {
    for (let at = from; at < from + 5_000; at += 50)
      await Promise.all(Array.from({ length: 50 }, (_, index) => visit(at + index)));
    await settle();
    return relay.memoryBytes();
  };
  const before = await half(0);
  const after = await half(5_000);
  report({
    name: '10 000 times a document opened and closed: growth in the second half',
    value: Math.max(0, after - before) / 1e6,
    unit: 'MB',
    budget: { atMost: 10 },
    note: `${(after / 1e6).toFixed(0)} MB in all`,
  });
  await relay.kill();
}

/** A document of 25 MB that lies in a snapshot, as a busy year does. */
async function storeLargeDocument(workspace: string, document: string): Promise<number> {
  const doc = new Y.Doc();
  const rows = doc.getMap('rows');
  doc.transact(() => {
    for (let index = 0; index < 100_000; index++)
      rows.set(`0192f3a0-0000-7000-8000-${String(index).padStart(12, '0')}~AbCdEf01`, [
        index,
        0,
        { text: 'x'.repeat(180) },
      ]);
  });
  const update = Y.encodeStateAsUpdate(doc);
  const snapshot = encodeSnapshot({ workspace, document, epoch: 1, seq: 1 }, update);
  const store = await FolderStore.open(objectsDir);
  await store.putIfAbsent(snapshot.key, snapshot.bytes);
  await pool.query(
    `insert into espejo.document (workspace, name, head, trimmed_seq, snapshot_seq, snapshot_key, snapshot_sha256, snapshot_bytes)
     values ($1, $2, 1, 1, 1, $3, $4, $5)`,
    [workspace, document, snapshot.key, snapshot.sha256, update.length],
  );
  return update.length;
}

/** Until sync step 2 has arrived: the moment a stock client says that it is complete. */
function timeToSync(url: string): Promise<number> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 2 ** 30 });
    socket.on('error', reject);
    socket.on('message', (message: Buffer) => {
      if (message[0] !== 0 || message[1] !== 1) return;
      resolve(performance.now() - startedAtMs);
      socket.terminate();
    });
  });
}

function openSocket(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('message', (message: Buffer) => {
      if (message[0] === 0 && message[1] === 1) resolve(socket);
    });
  });
}

async function inGroups<T>(count: number, size: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let from = 0; from < count; from += size)
    all.push(...(await Promise.all(Array.from({ length: size }, (_, index) => open(from + index)))));
  return all;
}

async function runLoadProcess(options: LoadOptions): Promise<LoadSummary> {
  const script = join(import.meta.dirname, 'testing/load-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    script,
    JSON.stringify(options),
  ]);
  return JSON.parse(stdout) as LoadSummary;
}

/** Long enough for a garbage collection of what opening left behind. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 3_000));
}

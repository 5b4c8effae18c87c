/** Unmodified y-websocket clients, each version that is in use, against real sockets and Postgres. */
import { type ChildProcess, spawn } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import type { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { freePort } from './embedded-postgres.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';
import { startTestRelay, type TestRelay } from './testing/relay-process.ts';

const VERSIONS: Readonly<Record<string, string>> = {
  '1.5': 'y-websocket-1.5',
  '2.1': 'y-websocket-2.1',
  '3.0': 'y-websocket-3.0',
  '3.1': 'y-websocket',
};
/** Beyond two of the client's own 30 s limits. */
const IDLE_MS = 70_000;

const test = suite('stock clients');
let database: TestDatabase;
let relay: TestRelay;
const opened: Client[] = [];

test.before(async () => {
  database = await openTestDatabase();
  relay = await startTestRelay({ databaseUrl: database.url });
});
test.after.each(() => {
  for (const client of opened.splice(0)) client.close();
});
test.after(async () => {
  await relay.close();
  await database.close();
});

for (const version of Object.keys(VERSIONS)) {
  test(`[EDGE-2] ${version}: two clients sync, see each other's edits and presence, and a third finds it all`, async () => {
    const room = `notes/v${version.replace('.', '-')}`;
    const [ana, eva] = [await connect(version, room, 'ana'), await connect(version, room, 'eva')];

    ana.text.insert(0, 'Hello');
    await eva.until(() => eva.text.toString() === 'Hello');
    eva.text.insert(5, ' world');
    await ana.until(() => ana.text.toString() === 'Hello world');
    await ana.until(() => ana.names().includes('eva'));
    await eva.until(() => eva.names().includes('ana'));
    ana.close();
    await eva.until(() => !eva.names().includes('ana'));

    const late = await connect(version, room, 'late');
    assert.is(late.text.toString(), 'Hello world');
    assert.equal(late.doc.store.pendingStructs, null);
  });

  test(`[EDGE-2] ${version}: what was written without a line arrives, and coming back stores nothing twice`, async () => {
    const room = `offline/v${version.replace('.', '-')}`;
    const [ana, eva] = [await connect(version, room, 'ana'), await connect(version, room, 'eva')];
    ana.text.insert(0, 'one ');
    await eva.until(() => eva.text.toString() === 'one ');
    ana.provider.disconnect();
    ana.text.insert(0, 'offline ');
    ana.text.delete(8, 4);
    eva.text.insert(4, 'online');
    ana.provider.connect();
    await eva.until(() => eva.text.toString() === 'offline online');
    await ana.until(() => ana.text.toString() === 'offline online');
    const stored = await headOf(room);

    for (const client of [ana, eva]) {
      client.provider.disconnect();
      client.provider.connect();
      await client.until(() => client.provider.synced);
    }
    ana.text.insert(0, 'and ');
    await eva.until(() => eva.text.toString().startsWith('and '));

    assert.is(await headOf(room), stored + 1);
  });
}

test('[EDGE-2] all versions in one room understand each other', async () => {
  const clients = await Promise.all(
    Object.keys(VERSIONS).map((version) => connect(version, 'mixed', version)),
  );
  for (const client of clients) client.text.insert(0, '.');

  for (const client of clients) {
    await client.until(() => client.text.toString() === '....');
    await client.until(() => client.names().length === clients.length);
  }
});

test('[EDGE-2] a relay that is killed and comes back has lost nothing, and the clients return by themselves', async () => {
  const port = await freePort();
  let process = await startProcess(port);
  const url = `ws://127.0.0.1:${port}/sync`;
  const clients = await Promise.all(
    Object.keys(VERSIONS).map((version) => connect(version, 'restart', version, url)),
  );
  for (const [index, client] of clients.entries()) client.text.insert(0, `${index}`);
  for (const client of clients) await client.until(() => client.text.length === 4);

  process.kill('SIGKILL');
  for (const client of clients) await client.until(() => !client.provider.wsconnected);
  for (const client of clients) client.text.insert(0, 'x');
  process = await startProcess(port);
  for (const client of clients) await client.until(() => client.text.length === 8);

  const texts = new Set(clients.map(({ text }) => text.toString()));
  const late = await connect('3.1', 'restart', 'late', url);
  texts.add(late.text.toString());
  assert.is(texts.size, 1);
  for (const client of opened.splice(0)) client.close();
  process.kill('SIGKILL');
});

test('[EDGE-2] two instances, one killed under edits: nobody loses anything, and the others work on', async () => {
  const ports = [await freePort(), await freePort()];
  const processes = [await startProcess(ports[0]!), await startProcess(ports[1]!)];
  const clients = await Promise.all(
    Object.keys(VERSIONS).map((version, index) =>
      connect(version, 'two', version, `ws://127.0.0.1:${ports[index % 2]}/sync`),
    ),
  );
  const type = async (client: Client, count: number) => {
    for (let index = 0; index < count; index++) {
      client.text.insert(client.text.length, 'x');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const typing = clients.map((client) => type(client, 40));
  await new Promise((resolve) => setTimeout(resolve, 60));
  processes[0]!.kill('SIGKILL');
  await Promise.all(typing);
  await clients[1]!.until(() => clients[1]!.text.length >= 80); // its own and its neighbour's, whole
  processes[0] = await startProcess(ports[0]!);

  for (const client of clients) await client.until(() => client.text.length === 160);
  for (const client of opened.splice(0)) client.close();
  for (const process of processes) process.kill('SIGKILL');
});

test('[EDGE-3] clients that do nothing for 70 s are never disconnected', async () => {
  const clients = await Promise.all(
    Object.keys(VERSIONS).map((version) => connect(version, 'idle', version)),
  );
  // Presence is renewed every 15 s, and its echo would hide a relay that says nothing by itself.
  for (const client of clients) client.provider.awareness.setLocalState(null);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));

  assert.equal(
    clients.map(({ disconnects, provider }) => [disconnects, provider.wsconnected]),
    clients.map(() => [0, true]),
  );
  clients[0]!.text.insert(0, 'awake');
  for (const client of clients) await client.until(() => client.text.toString() === 'awake');
});

test.run();

class Client {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText('text');
  readonly provider: WebsocketProvider;
  disconnects = 0;
  readonly #waiting: { readonly is: () => boolean; readonly done: () => void }[] = [];

  constructor(Provider: typeof WebsocketProvider, url: string, room: string, name: string) {
    this.provider = new Provider(url, room, this.doc, {
      WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      params: { token: `w.${name.replace('.', '-')}.writer` },
    });
    this.provider.awareness.setLocalState({ name });
    this.provider.on('status', ({ status }: { status: string }) => {
      if (status === 'disconnected') this.disconnects++;
      this.#notice();
    });
    this.provider.on('sync', () => this.#notice());
    this.provider.awareness.on('update', () => this.#notice());
    this.doc.on('update', () => this.#notice());
  }

  until(is: () => boolean): Promise<void> {
    if (is()) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ is, done }));
  }

  names(): unknown[] {
    return [...this.provider.awareness.getStates().values()].map(({ name }) => name);
  }

  close(): void {
    this.provider.destroy();
    this.provider.awareness.destroy();
    this.doc.destroy();
  }

  #notice(): void {
    // After the provider has updated its own fields.
    queueMicrotask(() => {
      for (let index = this.#waiting.length - 1; index >= 0; index--) {
        if (this.#waiting[index]!.is()) this.#waiting.splice(index, 1)[0]!.done();
      }
    });
  }
}

async function connect(version: string, room: string, name: string, url = relay.url): Promise<Client> {
  const library = (await import(VERSIONS[version]!)) as { WebsocketProvider: typeof WebsocketProvider };
  const client = new Client(library.WebsocketProvider, `${url}/w`, room, name);
  opened.push(client);
  await client.until(() => client.provider.synced);
  return client;
}

async function headOf(document: string): Promise<number> {
  const { rows } = await database.pool.query<{ head: number }>(
    `select head from espejo.document where workspace = 'w' and name = $1`,
    [document],
  );
  return rows[0]?.head ?? 0;
}

async function startProcess(port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', `${import.meta.dirname}/testing/relay-process.ts`, database.url, String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve, reject) => {
    child.stdout!.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`the relay ended with code ${code}`)));
  });
  return child;
}

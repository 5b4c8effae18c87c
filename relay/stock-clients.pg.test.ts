/** Unmodified y-websocket clients, each version that is in use, against real sockets and Postgres. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createConnection, createServer as createTcpServer, type Socket } from 'node:net';
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
/** Of each client while an instance dies. */
const EDITS = 40;
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

test('[EDGE-2] two instances behind a switch, one killed under edits: its clients go to the other, and nobody loses anything', async () => {
  const ports = [await freePort(), await freePort()];
  const processes = [await startProcess(ports[0]!), await startProcess(ports[1]!)];
  const through = await openSwitch(ports);
  // Each version once on the instance that dies, and once on the one that stays.
  const clients: Client[] = [];
  for (const first of [0, 1]) {
    through.first = first;
    const versions = Object.keys(VERSIONS);
    clients.push(
      ...(await Promise.all(
        versions.map((version) => connect(version, 'two', `${version}-${first}`, through.url)),
      )),
    );
  }
  const everyone = clients.map(({ name }) => name).sort();
  for (const client of clients) await client.until(() => client.names().length === clients.length);
  assert.equal(through.counts(), [4, 4]);

  const type = async (client: Client) => {
    for (let index = 0; index < EDITS; index++) {
      client.text.insert(client.text.length, 'x');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const typing = clients.map(type);
  await clients[7]!.until(() => clients[7]!.text.length > EDITS);
  processes[0]!.kill('SIGKILL');
  await Promise.all(typing);

  // With the dead one away: whoever was on it is with the others now, edits, presence and all.
  for (const client of clients) await client.until(() => client.text.length === clients.length * EDITS);
  assert.equal(through.counts(), [0, 8]);
  for (const client of clients) client.provider.awareness.setLocalState({ name: client.name, again: true });
  for (const client of clients) {
    await client.until(() => client.again().length === clients.length);
    assert.equal(client.again(), everyone);
  }
  // One that comes back serves who comes next, and across.
  processes[0] = await startProcess(ports[0]!);
  through.first = 0;
  const late = await connect('3.1', 'two', 'late', through.url);
  assert.is(late.text.length, clients.length * EDITS);
  late.text.insert(0, 'late ');
  for (const client of clients) await client.until(() => client.text.toString().startsWith('late '));
  for (const client of opened.splice(0)) client.close();
  for (const process of processes) process.kill('SIGKILL');
  await through.close();
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
  readonly name: string;
  readonly #waiting: { readonly is: () => boolean; readonly done: () => void }[] = [];

  constructor(Provider: typeof WebsocketProvider, url: string, room: string, name: string) {
    this.name = name;
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

  /** Who has said so since the instance died. */
  again(): unknown[] {
    const states = [...this.provider.awareness.getStates().values()];
    return states
      .filter(({ again }) => again)
      .map(({ name }) => name)
      .sort();
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

/** A load balancer as small as can be: a new connection goes to the first instance that answers. */
interface Switch {
  /** `ws://127.0.0.1:1234/sync` */
  readonly url: string;
  /** Which instance a new connection tries first. */
  first: number;
  /** Connections open to each. */
  counts(): number[];
  close(): Promise<void>;
}

async function openSwitch(ports: readonly number[]): Promise<Switch> {
  const open = ports.map(() => new Set<Socket>());
  const join = (client: Socket, tries: readonly number[]): void => {
    const [index, ...others] = tries;
    if (index === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    const instance = createConnection(ports[index]!, '127.0.0.1');
    const next = () => join(client, others);
    instance.once('error', next);
    instance.once('connect', () => {
      instance.removeListener('error', next);
      open[index]!.add(instance);
      for (const [from, to] of [
        [client, instance],
        [instance, client],
      ] as const) {
        from.on('error', () => to.destroy()); // 'close' follows
        from.on('close', () => {
          open[index]!.delete(instance);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  };
  const server = createTcpServer((client) => {
    client.on('error', () => client.destroy());
    join(
      client,
      ports.map((_, index) => (index + balanced.first) % ports.length),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const balanced: Switch = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/sync`,
    first: 0,
    counts: () => open.map(({ size }) => size),
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const connections of open) for (const connection of connections) connection.destroy();
      await closed;
    },
  };
  return balanced;
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

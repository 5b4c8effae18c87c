import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Application } from '../shared/schema/application.ts';
import { tallerApplication } from '../shared/taller/application.ts';
import { ApplicationRows } from './application-rows.ts';
import { seedWorkshop } from './demo.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Materializer } from './materializer/materializer.ts';
import { FolderStore } from './objects/folder-store.ts';
import { createLogger } from './observability/log.ts';
import type { Relay } from './relay.ts';
import type { TestDatabase } from './testing/postgres.ts';
import { openWholeRelay, type WholeRelay } from './testing/whole-relay.ts';

const PASSWORD = 'una clave larga';
const SILENT = createLogger({ level: 'silent' });
const NOW_MS = Date.UTC(2026, 10, 22, 9);
const DAY_MS = 86_400_000;

let whole: WholeRelay;
let database: TestDatabase;
let relay: Relay;
test.before(async () => {
  whole = await openWholeRelay({
    application: tallerApplication,
    prepare: async ({ log, services: { accounts } }) => {
      await accounts.create({ workspace: 'taller', name: 'jefa', role: 'admin', password: PASSWORD });
      const users = [{ name: 'jefa', displayName: 'La jefa', role: 'admin' }];
      await seedWorkshop({ log, workspace: 'taller', users });
    },
  });
  ({ relay, database } = whole);
});
test.after(() => whole.close());

test('[ROWS-1] an account made over the API is a person of the workshop at once', async () => {
  const token = await signIn('jefa');
  const body = { name: 'ana', displayName: 'Ana Ruiz', role: 'mecanico', password: PASSWORD };
  assert.is((await call('POST', '/api/users', { token, body })).status, 201);

  assert.equal(await userRow('ana', ({ display_name }) => display_name !== undefined), {
    display_name: 'Ana Ruiz',
    role_id: 'mecanico',
    is_technician: true,
    active: true,
    disabled_at: null,
    color: '',
    created_by: 'jefa',
  });
});

test('[ROWS-1] what the account changes is changed, and what people edited in the row stays', async () => {
  const token = await signIn('jefa');
  const body = { name: 'luis', displayName: 'Luis', role: 'mecanico', password: PASSWORD };
  await call('POST', '/api/users', { token, body });
  await editByHand('luis', { display_name: 'Luis el rojo', color: 'red', is_technician: 0 });

  await call('PATCH', '/api/users/luis', { token, body: { role: 'recepcion' } });
  const promoted = await userRow('luis', ({ role_id }) => role_id === 'recepcion');
  assert.is(promoted?.display_name, 'Luis el rojo');
  assert.is(promoted?.color, 'red');
  assert.is(promoted?.is_technician, false);

  await call('PATCH', '/api/users/luis', { token, body: { disabled: true, displayName: 'Luis (antes)' } });
  const gone = await userRow('luis', ({ active }) => active === false);
  assert.is(gone?.display_name, 'Luis (antes)');
  assert.instance(gone?.disabled_at, Date);
});

test('[ROWS-1] devices that sign in get a row and a code of their own; a name and a revocation arrive there', async () => {
  const ids = ['TABLETA1', 'TABLETA2', 'TABLETA3'];
  await Promise.all(ids.map((device) => signIn('jefa', { device, deviceLabel: `Tableta ${device.at(-1)}` })));
  const rows = await deviceRows(ids, (found) => found.length === 3);
  assert.equal(
    rows.map(({ name }) => name),
    ['Tableta 1', 'Tableta 2', 'Tableta 3'],
  );
  assert.equal(rows.map(({ series_code }) => series_code).sort(), ['D1', 'D2', 'D3']);
  assert.equal([...new Set(rows.map(({ registered_by }) => registered_by))], ['jefa']);

  const token = await signIn('jefa');
  await call('PATCH', '/api/devices/TABLETA1', { token, body: { label: 'Recepción' } });
  await call('POST', '/api/devices/TABLETA2/revoke', { token, body: {} });

  const [first, second] = await deviceRows(
    ids,
    ([one, two]) => one?.name === 'Recepción' && two?.revoked_at !== null,
  );
  assert.is(first?.name, 'Recepción');
  assert.instance(second?.revoked_at, Date);
});

test('[ROWS-1] a device that is seen again the same day makes no commit, the next day one', async () => {
  await withRows('days', async (rows, heads) => {
    const device = { id: 'TABLETA4', label: '', user: 'jefa', lastSeenAtMs: NOW_MS, revokedAtMs: undefined };
    await rows.device('days', device, undefined, 'jefa');
    assert.is(await heads(), 1);

    await rows.device('days', { ...device, lastSeenAtMs: NOW_MS + 3_600_000 }, device, 'jefa');
    assert.is(await heads(), 1);

    await rows.device('days', { ...device, lastSeenAtMs: NOW_MS + DAY_MS }, device, 'jefa');
    assert.is(await heads(), 2);
  });
});

test('[ROWS-1] several instances at once give each device its own code, one commit each', async () => {
  await withRows('crowd', async (first, heads) => {
    await withRows('crowd', async (second) => {
      const devices = Array.from({ length: 8 }, (_, index) => ({
        id: `CROWDED${index}`,
        label: '',
        user: 'jefa',
        lastSeenAtMs: NOW_MS,
        revokedAtMs: undefined,
      }));
      await Promise.all(
        devices.map((device, index) =>
          (index % 2 ? first : second).device('crowd', device, undefined, 'jefa'),
        ),
      );

      assert.is(await heads(), 8);
      await materialize();
      const { rows } = await database.pool.query(
        `select series_code from report.devices where workspace = 'crowd' order by length(series_code), series_code`,
      );
      assert.equal(
        rows.map(({ series_code }) => series_code),
        ['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8'],
      );
      assert.equal(await quarantined('crowd'), 0);
    });
  });
});

test('[ROWS-2] rows that could not be written are there after the next look', async () => {
  await withRows('late', async (rows, heads) => {
    const unlucky = new ApplicationRows({
      ...deps(),
      log: {
        append: async () => {
          throw new Error('no luck');
        },
      },
    });
    await database.pool.query(
      `insert into espejo.account (workspace, name, display_name, role) values ('late', 'eva', 'Eva', 'caja')`,
    );
    await rows.device(
      'late',
      { id: 'LATELATE', label: 'x', user: 'eva', lastSeenAtMs: NOW_MS, revokedAtMs: undefined },
      undefined,
      'eva',
    );
    const account = { name: 'eva', displayName: 'Eva', role: 'caja', disabledAtMs: undefined };
    await unlucky.account('late', account, undefined, 'eva');
    assert.is(await heads(), 1);

    await rows.catchUp();
    assert.is(await heads(), 2);
    await rows.catchUp();
    assert.is(await heads(), 2, 'what is there makes no commit');

    await materialize();
    const { rows: users } = await database.pool.query(
      `select id, display_name, role_id from report.users where workspace = 'late'`,
    );
    assert.equal(users, [{ id: 'eva', display_name: 'Eva', role_id: 'caja' }]);
  });
});

test('an application that follows nothing gets no commit', async () => {
  const { followAccount: _, followDevice: __, ...application } = tallerApplication;
  const rows = new ApplicationRows({ ...deps(), application: application as Application });

  await rows.account(
    'none',
    { name: 'a', displayName: 'A', role: 'admin', disabledAtMs: undefined },
    undefined,
    'a',
  );
  await rows.catchUp();

  assert.is((await database.pool.query(`select from espejo.document where workspace = 'none'`)).rowCount, 0);
});

let objects: FolderStore;
test.before(async () => {
  objects = await FolderStore.open(join(whole.folder, 'objects'));
});

function deps() {
  const log = new PostgresLog({ pool: database.pool, instance: 'test' });
  return {
    pool: database.pool,
    log,
    objects,
    application: tallerApplication,
    logger: SILENT,
    nowMs: () => NOW_MS,
  };
}

async function withRows(
  workspace: string,
  run: (rows: ApplicationRows, heads: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const parts = deps();
  const rows = new ApplicationRows(parts);
  try {
    await run(rows, async () => {
      const { rows: sums } = await database.pool.query<{ head: number }>(
        'select coalesce(sum(head), 0)::int as head from espejo.document where workspace = $1',
        [workspace],
      );
      return sums[0]!.head;
    });
  } finally {
    await rows.close();
    await parts.log.close();
  }
}

/** A second consumer beside the relay's own: it takes what is left, and waits for nobody. */
async function materialize(): Promise<void> {
  const materializer = new Materializer({ pool: database.pool, objects, application: tallerApplication });
  await materializer.prepare();
  const isLevel = async () =>
    (
      await database.pool.query(
        'select from espejo.report_cursor c join espejo.document d on d.id = c.document where c.seq < d.head or c.epoch < d.epoch',
      )
    ).rowCount === 0;
  do await materializer.runUntilLevel();
  while (!(await isLevel()));
  await materializer.close();
}

interface UserRow {
  readonly display_name: string;
  readonly role_id: string;
  readonly is_technician: boolean;
  readonly active: boolean;
  readonly disabled_at: Date | null;
  readonly color: string;
  readonly created_by: string;
}

function userRow(name: string, isGood: (row: UserRow) => boolean): Promise<UserRow | undefined> {
  return eventually(
    async () =>
      (
        await database.pool.query<UserRow>(
          `select display_name, role_id, is_technician, active, disabled_at, color, created_by
           from report.users where workspace = 'taller' and id = $1`,
          [name],
        )
      ).rows[0],
    (row) => row !== undefined && isGood(row),
  );
}

interface DeviceRow {
  readonly name: string;
  readonly series_code: string;
  readonly registered_by: string;
  readonly revoked_at: Date | null;
}

function deviceRows(ids: readonly string[], isGood: (rows: readonly DeviceRow[]) => boolean) {
  return eventually(
    async () =>
      (
        await database.pool.query<DeviceRow>(
          `select name, series_code, registered_by, revoked_at from report.devices
           where workspace = 'taller' and id = any($1) order by id`,
          [ids],
        )
      ).rows,
    isGood,
  );
}

/** As an administrator's tablet would: a commit of another device that has seen the row. */
async function editByHand(user: string, cells: Readonly<Record<string, string | number>>): Promise<void> {
  const set = Object.keys(cells).map((name) => `${name} = ?`);
  const parts = deps();
  const hand = new ApplicationRows({
    ...parts,
    application: {
      ...tallerApplication,
      followAccount: () => ({
        label: 'by.hand',
        documents: ['admin'],
        statements: [
          { sql: `update users set ${set.join(', ')} where id = ?`, params: [...Object.values(cells), user] },
        ],
      }),
    },
  });
  await hand.account(
    'taller',
    { name: user, displayName: '', role: '', disabledAtMs: undefined },
    undefined,
    'jefa',
  );
  await hand.close();
  await parts.log.close();
}

async function quarantined(workspace: string): Promise<number> {
  const { rowCount } = await database.pool.query('select from espejo.quarantine where workspace = $1', [
    workspace,
  ]);
  return rowCount ?? 0;
}

async function signIn(user: string, device: object = {}): Promise<string> {
  const { body } = await call('POST', '/api/session', {
    body: { workspace: 'taller', user, password: PASSWORD, ...device },
  });
  return body.token;
}

// biome-ignore lint/suspicious/noExplicitAny: a test's assertion is the check
type Body = any;

async function call(
  method: string,
  path: string,
  { token, body }: { token?: string; body?: object },
): Promise<{ status: number; body: Body }> {
  const answer = await fetch(relay.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function eventually<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  const deadlineMs = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isGood(answer) || Date.now() > deadlineMs) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test.run();

/**
 * A tablet that several people use: it joins by a code, changes hands by PIN without a connection, locks itself, and is
 * revoked once it is lost. Accounts are made by whoever runs the workshop.
 */
import AxeBuilder from '@axe-core/playwright';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PASSWORD } from './accounts.ts';
import { Device } from './device.ts';
import { Stack, WORKSPACE } from './stack.ts';

const test = suite('a shared tablet');

let stack: Stack;
let office: Device;
let tablet: Device;

test.before(async () => {
  // The demo workshop has a row with PIN 1234 for each of them.
  stack = await Stack.open({ orders: 8, users: { admin: 'admin', recepcion: 'recepcion' } });
  office = await stack.device('admin');
  tablet = await Device.open(stack.browser, 'tablet', {
    relayPort: stack.relay.port,
    viewport: { width: 390, height: 844 },
  });
});

test.after(async () => {
  await stack?.close();
});

test('an administrator makes an account, gives it a PIN, and closes it', async () => {
  const { page } = office;
  await page.goto('/admin/usuarios');
  await page.getByRole('button', { name: 'Usuario nuevo' }).click();
  const form = page.getByRole('form', { name: 'Usuario nuevo' });
  await form.getByRole('textbox', { name: 'Nombre', exact: true }).fill('Pilar Gasca');
  await form.getByRole('textbox', { name: 'Usuario para entrar' }).fill('pilar');
  await form.getByRole('combobox', { name: 'Papel' }).selectOption('mecanico');
  await form.getByRole('textbox', { name: 'Contraseña' }).fill('corta');
  await form.getByRole('button', { name: 'Crear usuario' }).click();
  await page.getByText('La contraseña es demasiado fácil.').waitFor();
  await form.getByRole('textbox', { name: 'Contraseña' }).fill('cuatro palabras bien largas');
  await form.getByRole('button', { name: 'Crear usuario' }).click();

  const pilar = page.locator('li[data-user="pilar"]');
  await pilar.getByText('Sin PIN').waitFor();
  await pilar.getByRole('button', { name: 'Poner PIN' }).click();
  await pilar.getByRole('textbox', { name: 'PIN de cuatro a ocho cifras' }).fill('4711');
  await pilar.getByRole('button', { name: 'Guardar PIN' }).click();
  await pilar.getByText('Con PIN').waitFor();

  await pilar.getByRole('button', { name: 'Desactivar' }).click();
  await pilar.getByText('Desactivado').waitFor();
  await pilar.getByRole('button', { name: 'Activar' }).click();
  await pilar.getByText('Con PIN').waitFor();
  assert.equal(
    await office.query("select role_id, active, pin_hash <> '' as has_pin from users where id = 'pilar'"),
    [{ role_id: 'mecanico', active: 1, has_pin: 1 }],
  );
});

test('without a connection the pages of accounts and devices say what cannot be done', async () => {
  const { page } = office;
  await office.goOffline();
  await page.getByText(/Sin conexión: se ve lo que sabe este dispositivo/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Usuario nuevo' }).isDisabled());
  await page.goto('/admin/dispositivos');
  await page.getByText(/Poner nombre, unir y revocar se hace con conexión/).waitFor();
  await page.getByRole('list', { name: 'Dispositivos' }).getByRole('listitem').first().waitFor();
  assert.ok(await page.getByRole('button', { name: 'Hacer un código' }).isDisabled());
  await office.goOnline();
  await office.settled();
});

test('a new tablet joins with the code of an administrator, and is told when it is ready', async () => {
  const { page } = office;
  const join = page.getByRole('region', { name: 'Unir una tableta' });
  await join.getByRole('combobox', { name: 'Entrará como' }).selectOption('recepcion');
  await join.getByRole('button', { name: 'Hacer un código' }).click();
  await join.getByRole('img', { name: 'Código QR para unir la tableta' }).waitFor();
  const code = await join.locator('[data-code]').getAttribute('data-code');

  await tablet.page.goto(`/bienvenida?codigo=${code}`);
  await tablet.page.getByRole('button', { name: 'Unir esta tableta' }).click();
  await tablet.page.locator('[data-step="download"][data-done="true"]').waitFor();
  await tablet.page.getByRole('heading', { name: 'Descargar los datos del taller' }).waitFor();
  await tablet.settled();
  await tablet.offlineReady();

  assert.is((await tablet.status()).user, 'recepcion');
});

test('[LOCK-2] without a connection the tablet changes hands by PIN, and what is written names who wrote it', async () => {
  const { page } = tablet;
  await tablet.goOffline();
  await page.goto('/inicio');
  await page.getByRole('button', { name: 'Usuario y ajustes' }).click();
  await page.getByRole('menuitem', { name: 'Cambiar de persona' }).click();
  await page.getByRole('heading', { name: '¿Quién va a usar la tableta?' }).waitFor();
  // Signed out, nobody could take it before there is a line.
  await page.getByRole('button', { name: 'Entrar con contraseña' }).click();
  await page.getByText('Para entrar con contraseña hace falta internet.').waitFor();
  await page.getByRole('button', { name: 'Cerrar' }).click();
  await page.locator('[data-user="pilar"]').click();
  await page.getByRole('heading', { name: 'Pilar Gasca' }).waitFor();
  const pin = page.getByRole('textbox', { name: 'PIN' });
  await pin.fill('1234');
  await pin.press('Enter');
  await page.getByText('Ese no es el PIN.').waitFor();
  for (const digit of ['4', '7', '1', '1'])
    await page.getByRole('button', { name: digit, exact: true }).click();
  await page.getByRole('button', { name: 'Entrar', exact: true }).click();

  await page.getByRole('link', { name: 'Trabajos', exact: true }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Trabajos', exact: true }).waitFor();
  await tablet.engineReady();
  assert.is((await tablet.status()).acting, 'pilar');
  await tablet.transaction([{ sql: "insert into customers (id, name) values ('de-pilar', 'Nuevo')" }], {
    label: 'customer.edit',
  });
  assert.equal(await tablet.query("select created_by from customers where id = 'de-pilar'"), [
    { created_by: 'pilar' },
  ]);
  const refused = await tablet
    .execute("update items set name_es = 'x'")
    .catch((error: Error) => error.message);
  assert.match(String(refused), 'you may not change catalog');
});

test('[LOCK-1] a tablet that nobody touches locks itself, stays locked over a reload, and opens for its person', async () => {
  const { page } = office;
  const waitMinutes = (minutes: number) =>
    office.execute(
      "insert into settings (id, key, value_json) values ('workshop:idle_lock_min', 'idle_lock_min', ?) on conflict (id) do update set value_json = excluded.value_json",
      [String(minutes)],
    );
  await page.goto('/inicio');
  await office.engineReady();
  await waitMinutes(0.02);
  await page.getByRole('heading', { name: '¿Quién va a usar la tableta?' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: '¿Quién va a usar la tableta?' }).waitFor();
  await office.engineReady();
  await waitMinutes(30);
  assert.equal(await findings(office), []);

  await page.locator('[data-user="admin"]').click();
  const pin = page.getByRole('textbox', { name: 'PIN' });
  await pin.fill('1234');
  assert.equal(await findings(office), []);
  await pin.press('Enter');
  await page.getByRole('link', { name: 'Admin', exact: true }).waitFor();
  assert.is((await office.status()).acting, undefined);
});

test('what was written by PIN arrives; a tablet that was lost is shut out for good', async () => {
  await tablet.goOnline();
  await tablet.settled();
  await office.until(
    'the customer arriving',
    async () =>
      (await office.query("select created_by from customers where id = 'de-pilar'"))[0]?.created_by ===
      'pilar',
    30_000,
  );
  const { device } = await tablet.status();

  const { page } = office;
  await page.goto('/admin/dispositivos');
  const row = page.locator(`li[data-device="${device}"]`);
  await row.getByRole('button', { name: /^Revocar/ }).click();
  await page.getByRole('button', { name: 'Revocar para siempre' }).click();
  await row.getByText(/^\s*Revocado el/).waitFor();
  await tablet.until('being shut out', async () => (await tablet.status()).stopped !== undefined, 30_000);
  assert.equal(office.errors, []);
  assert.equal(tablet.errors, []);
});

test('two tabs in which different people sign in both belong to who came last', async () => {
  const device = await Device.open(stack.browser, 'two tabs', { relayPort: stack.relay.port });
  const other = await device.context.newPage();
  await other.goto('/');
  await other.getByRole('textbox', { name: 'Taller' }).waitFor();
  const { page } = device;
  await device.signIn(WORKSPACE, 'admin', PASSWORD);
  await page.getByRole('link', { name: 'Admin', exact: true }).waitFor();

  await other.getByRole('textbox', { name: 'Taller' }).fill(WORKSPACE);
  await other.getByRole('textbox', { name: 'Usuario' }).fill('recepcion');
  await other.getByRole('textbox', { name: 'Contraseña' }).fill(PASSWORD);
  await other.getByRole('button', { name: 'Entrar' }).click();
  await other.getByRole('link', { name: 'Recepción', exact: true }).waitFor();

  await page.getByRole('link', { name: 'Admin', exact: true }).waitFor({ state: 'detached' });
  assert.is((await device.status()).user, 'recepcion');
  assert.equal(device.errors, []);
  await device.close();
});

test.run();

/** What axe finds on the page as it stands, in both themes. */
async function findings({ page }: Device): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The page hears of it a moment later, and colours fade over.
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(...violations.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes[0]?.html ?? ''}`));
  }
  return found;
}

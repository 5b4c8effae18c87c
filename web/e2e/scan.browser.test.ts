/** A code held before the camera, a code typed by a hand scanner, and speech, which is offered only where it stays here. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'uqr';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('codes and speech');
const PLATE = '2468 QRC';
const vehicle = newId();

/**
 * Chromium as it was (audio goes to its maker), and as it is where a language is on the device. Text, because tsx gives
 * classes a helper that the page does not have.
 */
const RECOGNITION = {
  none: 'delete window.SpeechRecognition;',
  remote: 'window.SpeechRecognition = class extends EventTarget {};',
  local: `window.SpeechRecognition = class extends EventTarget {
    static async available(options) {
      return options.processLocally ? 'available' : 'unavailable';
    }
    start() {
      const result = Object.assign([{ transcript: 'pierde aceite' }], { isFinal: true });
      this.dispatchEvent(Object.assign(new Event('result'), { resultIndex: 0, results: [result] }));
    }
    stop() {
      this.dispatchEvent(new Event('end'));
    }
  };`,
};

let stack: Stack;
let ana: Device;
let folder: string;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espejo-camera-'));
  const film = join(folder, 'code.y4m');
  await writeFile(film, filmOf(PLATE));
  stack = await Stack.open({
    orders: 4,
    users: { ana: 'recepcion' },
    chromium: [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  });
  ana = await stack.device('ana');
  await ana.execute("insert into vehicles (id, plate, plate_norm) values (?, ?, '2468QRC')", [
    vehicle,
    PLATE,
  ]);
});

test.after(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

test('[SCAN-1] a code before the camera leads to what it names, with no network', async () => {
  const { page } = ana;
  await ana.goOffline();
  await page.goto('/inicio');
  await ana.engineReady();

  await page.getByRole('button', { name: 'Leer un código' }).click();

  await page.waitForURL(`**/vehiculos/${vehicle}`);
  await page.locator('wa-dialog').waitFor({ state: 'detached' });
  await ana.goOnline();
  assert.equal(ana.errors, []);
});

test('[SCAN-2] Enter opens what was typed, however quickly it follows', async () => {
  const { page } = ana;
  await page.goto('/inicio');
  await ana.engineReady();
  await page.getByRole('combobox', { name: 'Buscar' }).focus();

  await page.evaluate(typeAtOnce, PLATE);

  await page.waitForURL(`**/vehiculos/${vehicle}`);
});

test('[SCAN-3] speech is offered only where it is turned into text on the device', async () => {
  for (const [recognition, isOffered] of [
    ['none', false],
    ['remote', false],
    ['local', true],
  ] as const) {
    const page = await ana.context.newPage();
    await page.addInitScript({ content: RECOGNITION[recognition] });
    await page.goto('/recepcion/nueva');
    await page.locator('#plate').fill(PLATE);
    await page.getByRole('button', { name: new RegExp(PLATE) }).click();
    await page.getByRole('textbox', { name: 'Motivos de la visita' }).waitFor();
    const button = page.getByRole('button', { name: 'Dictar' });
    if (isOffered) {
      await button.click();
      await page.getByRole('button', { name: 'Escuchando…' }).waitFor();
      await page.waitForFunction(
        (text) =>
          document
            .querySelector('app-shell')
            ?.shadowRoot?.querySelector('new-reception-page')
            ?.shadowRoot?.querySelector('concern-chips')
            ?.shadowRoot?.querySelector('cell-field')
            ?.shadowRoot?.querySelector('textarea')?.value === text,
        'pierde aceite',
      );
    } else {
      assert.is(await button.count(), 0, recognition);
    }
    // What was begun would be there again in the next page.
    await page.getByRole('button', { name: 'Empezar de nuevo' }).first().click();
    await page.locator('#plate').waitFor();
    await page.close();
  }
});

test.run();

/** As a hand scanner does: letters and Enter without a pause. */
function typeAtOnce(text: string): void {
  const input = document
    .querySelector('app-shell')
    ?.shadowRoot?.querySelector('global-search')
    ?.shadowRoot?.querySelector('input');
  if (!input) throw new Error('no search field');
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true }));
}

/** One picture of a code, as film that a pretended camera plays over and over. */
function filmOf(text: string): Buffer {
  const [width, height, module] = [640, 480, 12];
  const { data, size } = encode(text, { border: 4 });
  const light = Buffer.alloc(width * height, 235);
  const [left, top] = [(width - size * module) >> 1, (height - size * module) >> 1];
  for (let y = 0; y < size * module; y++) {
    for (let x = 0; x < size * module; x++) {
      const isDark = data[Math.floor(y / module)]?.[Math.floor(x / module)];
      if (isDark) light[(top + y) * width + left + x] = 16;
    }
  }
  const colour = Buffer.alloc((width * height) / 2, 128);
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`),
    light,
    colour,
  ]);
}

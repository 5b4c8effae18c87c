/**
 * Finds a Chromium for the browser tests, or installs one. `CHROMIUM` names one outright; otherwise the ones that
 * the system has, then the one that playwright-core would download into its own cache.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { run } from './run.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const ELSEWHERE = [
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const INSTALL_TIMEOUT_MS = 5 * 60_000;

/** Path of the program, or undefined when there is none. */
export function findChromium(): string | undefined {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const candidates = [process.env.CHROMIUM, ...onPath, ...ELSEWHERE, chromium.executablePath()];
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** Path of a Chromium, installed now if need be; otherwise one sentence that says what to install. */
export async function findOrInstallChromium(
  say: (line: string) => void,
): Promise<{ readonly path: string } | { readonly missing: string }> {
  const found = findChromium();
  if (found !== undefined) return { path: found };
  say('no Chromium found: installing one');
  for (const command of installers()) {
    const { code } = await run(command, { timeoutMs: INSTALL_TIMEOUT_MS }).catch(() => ({ code: 1 }));
    const installed = findChromium();
    if (code === 0 && installed !== undefined) return { path: installed };
  }
  return {
    missing:
      'browser tests need a Chromium: install one (Debian: sudo apt-get install chromium), or set CHROMIUM to its path',
  };
}

/** Ways to get one, the least intrusive first. */
function installers(): string[][] {
  const playwright = [process.execPath, 'node_modules/playwright-core/cli.js', 'install', 'chromium'];
  const isRoot = process.getuid?.() === 0;
  const apt = [
    'sh',
    '-c',
    'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium',
  ];
  return existsSync('/usr/bin/apt-get') && isRoot ? [apt, playwright] : [playwright];
}

if (process.argv[1] === import.meta.filename) {
  const result = await findOrInstallChromium((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`${'path' in result ? result.path : result.missing}\n`);
  process.exitCode = 'path' in result ? 0 : 1;
}

/**
 * Completes package-lock.json: `node --import tsx .tools/lock.ts`, after every `npm install`.
 *
 * npm leaves an optional package out of the lock when the registry it asked does not have it, as private mirrors
 * do with builds for other systems; `npm ci` then refuses that lock. Each such package gets the entry that npm
 * would have written, less the checksum: name and version come from its parent, system and processor from its name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.ts';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  packages: Record<string, LockedPackage>;
}

export interface Missing {
  readonly parent: string;
  readonly name: string;
  readonly version: string;
}

const LOCK = join(ROOT, 'package-lock.json');
const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' ');
const PROCESSORS = 'arm arm64 ia32 loong64 ppc64 riscv64 s390x x64 wasm32'.split(' ');

/** Optional packages that the lock's packages name and the lock does not hold. */
export function missingFromLock(lock: Lock): Missing[] {
  const missing: Missing[] = [];
  for (const [parent, { optionalDependencies }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      const places = [`${parent}/node_modules/${name}`, `node_modules/${name}`];
      if (!places.some((place) => place in lock.packages)) missing.push({ parent, name, version });
    }
  }
  return missing;
}

export function readLock(): Lock {
  return JSON.parse(readFileSync(LOCK, 'utf8'));
}

function entryFor({ parent, name, version }: Missing, lock: Lock): LockedPackage {
  const words = name.split(/[-/]/);
  const system = SYSTEMS.find((each) => words.includes(each));
  const processor = PROCESSORS.find((each) => words.includes(each));
  if (system === undefined || processor === undefined) {
    throw new Error(`${name} is not in the registry, and its name does not tell its system and processor`);
  }
  return {
    version: version.replace(/^[~^]/, ''),
    cpu: [processor],
    ...(lock.packages[parent]?.dev ? { dev: true } : {}),
    optional: true,
    os: [system],
  } as LockedPackage;
}

if (process.argv[1] === import.meta.filename) {
  const lock = readLock();
  const missing = missingFromLock(lock);
  for (const each of missing) lock.packages[`node_modules/${each.name}`] = entryFor(each, lock);
  const ordered = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(LOCK, `${JSON.stringify({ ...lock, packages: Object.fromEntries(ordered) }, null, 2)}\n`);
  process.stdout.write(`package-lock.json: ${missing.length} packages added\n`);
}

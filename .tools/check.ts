/**
 * Everything that a machine can judge without running the project: `npm run check`. Types, lint and format come
 * from their tools; the rest are the project's own rules, each a function over the source files below. Prints one
 * line per finding and exits non-zero when there is any.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles } from './files.ts';
import { importsOf, layerFindings } from './layers.ts';
import { missingFromLock, readLock } from './lock.ts';
import { ROOT, run } from './run.ts';
import { translationFindings } from './translations.ts';

export interface SourceFile {
  /** From the root: `shared/base/hlc.ts`. */
  readonly path: string;
  readonly text: string;
}

const TOP_LEVEL =
  /^(\..*|web|relay|shared|public|infra|package\.json|package-lock\.json|vite\.config\.ts|tsconfig.*\.json|biome\.jsonc?|README\.md|GLOSSARY\.md|DECISIONS\.md|LICENSE)$/;
/** A rule's number as test names carry it: `[REG-1]`. */
const RULE_ID = /\[([A-Z]+-\d+)\]/g;
/** The rule itself, in a SPEC.md: `- **[REG-1]** …`. */
const SPECIFIED_RULE = /^- \*\*\[([A-Z]+-\d+)\]\*\*/gm;
const TEST_NAME = /\b(?:test|suite|describe|testProperty)(?:\.\w+)?\(\s*(['"`])((?:(?!\1).)*)\1/gs;

/** Bad names for a file, and what they hide: which other file the reader should have opened. */
const BARRELS = /(^|\/)(index|mod)\.ts$/;

function forgottenRuns(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.endsWith('.test.ts'))
    .filter(({ text }) => !/^test\.run\(\);$/m.test(text))
    .map(({ path }) => `${path}: never calls test.run(), so it would pass without running`);
}

function leftovers(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => [
    ...(path.endsWith('.test.ts') && /\btest\.(only|skip)\(/.test(text)
      ? [`${path}: test.only or test.skip was left in`]
      : []),
    ...(BARRELS.test(path) ? [`${path}: a barrel; import the files themselves`] : []),
  ]);
}

function ruleFindings(files: readonly SourceFile[]): string[] {
  const specs = files.filter(({ path }) => path.endsWith('/SPEC.md'));
  const specified = new Map<string, string>();
  const twice: string[] = [];
  for (const { path, text } of specs) {
    for (const [, id = ''] of text.matchAll(SPECIFIED_RULE)) {
      const other = specified.get(id);
      if (other !== undefined) twice.push(`${path}: [${id}] stands for another rule in ${other}`);
      specified.set(id, path);
    }
  }
  const tested = new Map<string, string>();
  for (const { path, text } of files) {
    if (!/\.(test|contract|bench)\.ts$/.test(path)) continue;
    for (const name of text.matchAll(TEST_NAME)) {
      for (const id of (name[2] ?? '').matchAll(RULE_ID)) tested.set(id[1] ?? '', path);
    }
  }
  return [
    ...twice,
    ...[...specified.keys()]
      .filter((id) => !tested.has(id))
      .map((id) => `SPEC.md: [${id}] is in no test's name`),
    ...[...tested]
      .filter(([id]) => !specified.has(id))
      .map(([id, path]) => `${path}: [${id}] is in no SPEC.md`),
  ];
}

function topLevel(paths: readonly string[]): string[] {
  const entries = new Set(paths.map((path) => path.split('/')[0] ?? ''));
  return [...entries]
    .filter((entry) => !TOP_LEVEL.test(entry))
    .map((entry) => `${entry}: does not belong at the top level`);
}

function lockFindings(): string[] {
  return missingFromLock(readLock()).map(
    ({ name }) => `package-lock.json: ${name} is missing; run node --import tsx .tools/lock.ts`,
  );
}

/** Each direct dependency stands in DECISIONS.md with its version and why it is trusted: a bump is looked at. */
function dependencyFindings(): string[] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const decisions = readFileSync(join(ROOT, 'DECISIONS.md'), 'utf8');
  return Object.entries<string>({ ...dependencies, ...devDependencies })
    .map(([name, version]) => `| \`${name}\` | ${version.replace(/^npm:.*@/, '')} |`)
    .filter((row) => !decisions.includes(row))
    .map((row) => `DECISIONS.md: the list of dependencies has no row ${row} why it is trusted |`);
}

/** A relative import that resolves to no file: the type checker does not read tests of other suffixes. */
function deadImports(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map(({ path }) => path));
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => /^(shared|web|relay|\.tools)\/.*\.ts$/.test(target) && !known.has(target))
      .map((target) => `${file.path}: imports ${target}, which does not exist`),
  );
}

async function tool(name: string, command: readonly string[]): Promise<string[]> {
  const { code, output } = await run(command, { env: { NO_COLOR: '1' } });
  return code === 0 ? [] : [`${name}:\n${output.trimEnd()}`];
}

async function main(): Promise<void> {
  const paths = projectFiles();
  const files = paths
    .filter((path) => /\.(ts|md)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
  const code = files.filter(({ path }) => path.endsWith('.ts'));

  const findings = [
    ...forgottenRuns(code),
    ...leftovers(code),
    ...layerFindings(code),
    ...deadImports(code),
    ...ruleFindings(files),
    ...translationFindings(code),
    ...topLevel(paths),
    ...lockFindings(),
    ...dependencyFindings(),
    ...(await tool('types', [process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'])),
    ...(await tool('lint and format', [
      process.execPath,
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      '--error-on-warnings',
      '--max-diagnostics=100',
      '.',
    ])),
  ];
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.stdout.write(
    findings.length === 0
      ? `check: ${files.length} files, nothing found\n`
      : `check: ${findings.length} found\n`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

await main();

/** The container files are checked as text: the machines that run the tests have no Docker engine. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';

const dockerfile = readFileSync(fileURLToPath(new URL('Dockerfile', import.meta.url)), 'utf8');
const compose = parse(
  readFileSync(fileURLToPath(new URL('docker-compose.yml', import.meta.url)), 'utf8'),
) as Compose;

test('the Dockerfile parses without an error or a warning', () => {
  assert.equal(
    validate(dockerfile).map(({ range, message }) => `line ${range.start.line + 1}: ${message}`),
    [],
  );
});

test('the image is linux/amd64, not root, and says when it is healthy', () => {
  const lines = dockerfile.split('\n');
  const bases = lines.filter((line) => line.startsWith('FROM '));

  assert.ok(bases.length > 0 && bases.every((line) => line.includes('--platform=linux/amd64')));
  assert.is(lines.filter((line) => line.startsWith('USER ')).at(-1), 'USER node');
  assert.ok(dockerfile.includes('HEALTHCHECK') && dockerfile.includes('/health'));
});

test('the relay starts once Postgres is healthy, and every volume it names exists', () => {
  const { relay, postgres } = compose.services;

  assert.is(relay?.depends_on?.postgres?.condition, 'service_healthy');
  assert.ok(postgres?.healthcheck);
  for (const { volumes = [] } of Object.values(compose.services)) {
    for (const volume of volumes) assert.ok(volume.split(':')[0]! in compose.volumes, volume);
  }
});

test('compose holds no password of its own', () => {
  assert.match(compose.services.postgres?.environment?.POSTGRES_PASSWORD ?? '', /^\$\{POSTGRES_PASSWORD:\?/);
});

test.run();

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
        readonly healthcheck?: unknown;
        readonly volumes?: readonly string[];
        readonly environment?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The second guard: what a caller should not have logged is cut out. secrets.pg.test.ts is about the first. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLogger, type Logger } from './log.ts';

test('an error is told by its kind and place, not by its message, which may quote a row', () => {
  const error = Object.assign(new TypeError('Key (plate)=(9999XYZ) already exists'), { code: '23505' });

  const { err } = logged((logger) => logger.error({ err: error }, 'not stored'));

  assert.is(err.type, 'TypeError');
  assert.is(err.code, '23505');
  assert.match(err.at[0], 'log.test.ts');
  assert.not.match(JSON.stringify(err), '9999XYZ');
});

test('of a request its path is logged, without what was asked for', () => {
  const req = { method: 'GET', url: '/sync/one?token=secret#secret', headers: { cookie: 'secret' } };

  assert.equal(logged((logger) => logger.info({ req }, 'asked')).req, { method: 'GET', path: '/sync/one' });
});

test('what is called like a secret is cut out, on its own and in what holds it', () => {
  for (const name of ['token', 'refreshToken', 'password', 'secret', 'authorization', 'cookie']) {
    const line = logged((logger) => logger.info({ [name]: 'hunter2', body: { [name]: 'hunter2' } }, 'asked'));

    assert.equal([line[name], line.body[name]], ['[cut]', '[cut]'], name);
  }
});

test.run();

// biome-ignore lint/suspicious/noExplicitAny: a test's assertion is the check
function logged(write: (logger: Logger) => void): any {
  const lines: string[] = [];
  write(createLogger({ level: 'trace', destination: { write: (line) => lines.push(line) } }));
  assert.is(lines.length, 1);
  return JSON.parse(lines[0]!);
}

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, readConfig } from './config.ts';
import { DEFAULT_LIMITS } from './limits.ts';

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({});

  assert.is(config.port, 8080);
  assert.is(config.dataDir, '.data');
  assert.is(config.databaseUrl, undefined);
  assert.is(config.s3, undefined);
  assert.equal(config.limits, DEFAULT_LIMITS);
});

test('every wrong value is named in one message', () => {
  let message = '';
  try {
    readConfig({
      PORT: '80 80',
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      S3_ENDPOINT: 'http://127.0.0.1:9000',
      OIDC_ISSUER: 'http://127.0.0.1:1',
      SECOND_FACTOR_FOR_ADMINS: 'yes',
      LOG_LEVEL: 'loud',
      ALLOWED_ORIGINS: 'https://ok.example,nonsense',
      OIDC_ROLES: 'a=b=c',
      METRICS_TOKEN: 'short',
      LIMIT_MAX_FRAME_BYTES: '-1',
      LIMIT_MAX_FRIENDS: '3',
    });
  } catch (error) {
    assert.instance(error, ConfigError);
    message = (error as Error).message;
  }

  assert.match(message, 'PORT is "80 80"; give a whole number from 0 to 65535');
  for (const name of [
    'DATABASE_URL',
    'S3_BUCKET',
    'OIDC_AUDIENCE',
    'SECOND_FACTOR_FOR_ADMINS',
    'LOG_LEVEL',
    'ALLOWED_ORIGINS names "nonsense"',
    'OIDC_ROLES',
    'METRICS_TOKEN',
    'LIMIT_MAX_FRAME_BYTES',
    'LIMIT_MAX_FRIENDS',
  ])
    assert.match(message, name);
  assert.not.match(message, 'hunter2');
});

test('snapshots are made when the environment says, by default as the compactor knows best', () => {
  assert.equal(readConfig({}).snapshots, { pollMs: 30_000, updates: 500, graceMs: 900_000 });
  const env = { SNAPSHOT_EVERY_SECONDS: '2', SNAPSHOT_AFTER_UPDATES: '20', SNAPSHOT_GRACE_SECONDS: '0' };
  assert.equal(readConfig(env).snapshots, { pollMs: 2_000, updates: 20, graceMs: 0 });
  assert.throws(() => readConfig({ SNAPSHOT_GRACE_SECONDS: '-5' }), /SNAPSHOT_GRACE_SECONDS/);
});

test('a limit is set by its name in capitals', () => {
  assert.is(readConfig({ LIMIT_MAX_UNSENT_BYTES: '1000' }).limits.maxUnsentBytes, 1000);
});

test('a commit limit above the frame limit is refused, since such a commit could never arrive', () => {
  assert.throws(() => readConfig({ LIMIT_MAX_FRAME_BYTES: '1000' }), /LIMIT_MAX_COMMIT_BYTES/);
});

test('roles by claim are read as pairs', () => {
  const { oidc } = readConfig({
    OIDC_ISSUER: 'https://id.example/pool/',
    OIDC_AUDIENCE: 'client',
    OIDC_ROLES: 'Administrators=admin, Front=reception',
  });

  assert.is(oidc?.issuer, 'https://id.example/pool');
  assert.equal(oidc?.roleByClaim, { Administrators: 'admin', Front: 'reception' });
});

test.run();

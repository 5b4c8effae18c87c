/**
 * The production entry: `node --import tsx relay/main.ts --role relay|materializer|all`. Everything else comes from
 * the environment (README.md). Ends with status 1 and a sentence when it cannot start; SIGTERM and SIGINT end it
 * gracefully.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tallerApplication } from '../shared/taller/application.ts';
import { ConfigError, readConfig } from './config.ts';
import { endOnSignal } from './end-on-signal.ts';
import { createLogger } from './observability/log.ts';
import { openRelay, ROLES } from './relay.ts';

const config = readConfigOrEnd();
const role = readRoleOrEnd();
const logger = createLogger({ level: config.logLevel });
const { databaseUrl } = config;
if (databaseUrl === undefined) end('DATABASE_URL is missing; give postgres://user:password@host/database');
const relay = await openRelay({
  config,
  application: tallerApplication,
  databaseUrl,
  role,
  logger,
  appDir: join(import.meta.dirname, '../dist'),
});
endOnSignal(logger, () => relay.close());

function readConfigOrEnd() {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) end(error.message);
    throw error;
  }
}

function readRoleOrEnd() {
  const { values } = parseArgs({ options: { role: { type: 'string', default: 'all' } }, strict: false });
  const role = ROLES.find((known) => known === values.role);
  if (role === undefined) end(`--role is "${values.role}"; give one of ${ROLES.join(', ')}`);
  return role;
}

function end(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/**
 * The production entry: `node --import tsx relay/main.ts --role relay|materializer|all`. Everything else comes from
 * the environment (README.md). Ends with status 1 and a sentence when it cannot start; SIGTERM and SIGINT end it
 * gracefully.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tallerApplication } from '../shared/taller/application.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLogger } from './observability/log.ts';
import { endOnFailure, endOnSignal } from './process-end.ts';
import { openRelay, ROLES, type Role } from './relay.ts';

await start().catch(endOnFailure);

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const role = readRole();
  const { databaseUrl } = config;
  if (databaseUrl === undefined)
    throw new ConfigError('DATABASE_URL is missing; give postgres://user:password@host/database');
  const logger = createLogger({ level: config.logLevel });
  const relay = await openRelay({
    config,
    application: tallerApplication,
    isReportingInThread: role === 'all',
    databaseUrl,
    role,
    logger,
    appDir: join(import.meta.dirname, '../dist'),
  });
  endOnSignal(logger, () => relay.close());
}

function readRole(): Role {
  const { values } = parseArgs({ options: { role: { type: 'string', default: 'all' } }, strict: false });
  const role = ROLES.find((known) => known === values.role);
  if (role === undefined)
    throw new ConfigError(`--role is "${values.role}"; give one of ${ROLES.join(', ')}`);
  return role;
}

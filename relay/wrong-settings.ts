/**
 * What only the start finds out about a value of the environment: that the address is not this machine's, that there is
 * no such bucket. Told as ConfigError, one message that names the variable; everything else stays what it is, for
 * it may pass.
 */
import { ConfigError, type S3Config } from './config.ts';

/** Of Postgres: the password or the user is wrong, the user may not connect, there is no such database. */
const REFUSED_BY_POSTGRES = new Set(['28P01', '28000', '42501', '3D000']);
const NO_SUCH_ADDRESS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']);
const NO_FOLDER = new Set(['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENAMETOOLONG']);
/** Of S3 and of the SDK: waiting changes none of these. */
const REFUSED_BY_S3 = new Set([
  'NoSuchBucket',
  'InvalidBucketName',
  'PermanentRedirect',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'CredentialsProviderError',
]);

export function ofListening(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = codeOf(error);
  if (code === 'EADDRINUSE')
    return new ConfigError(`port ${port} is in use; stop what listens there or give another PORT`);
  if (code === 'EACCES')
    return new ConfigError(`PORT is "${port}", which this user may not listen on; give one from 1024 on`);
  if (!NO_SUCH_ADDRESS.has(code)) return error;
  return new ConfigError(`HOST is "${host}", which is no address of this machine; 0.0.0.0 is all of them`);
}

export function ofDatabase(error: unknown): unknown {
  if (!REFUSED_BY_POSTGRES.has(codeOf(error))) return error;
  return new ConfigError(`DATABASE_URL is refused by Postgres: ${(error as Error).message}`);
}

/** After having waited. */
export function ofAbsentDatabase(error: unknown, waitedMs: number): unknown {
  const why = codeOf(error) || (error instanceof Error ? error.message : String(error));
  return new ConfigError(
    `DATABASE_URL names a Postgres that did not answer for ${waitedMs / 1000} s (${why}); start it, or name another`,
  );
}

export function ofFolder(error: unknown, dataDir: string): unknown {
  const code = codeOf(error);
  if (!NO_FOLDER.has(code)) return error;
  return new ConfigError(
    `DATA_DIR is "${dataDir}", where nothing can be kept (${code}); give a folder that this user may write`,
  );
}

export function ofBucket(error: unknown, bucket: string): unknown {
  const name = error instanceof Error ? error.name : '';
  if (!REFUSED_BY_S3.has(name)) return error;
  return new ConfigError(
    `S3_BUCKET is "${bucket}", which cannot be used (${name}); look at S3_BUCKET, S3_REGION, S3_ENDPOINT and the credentials`,
  );
}

/** Of what could not be stored in S3: nobody answers there. */
export function ofAbsentBucket(error: unknown, s3: S3Config | undefined): unknown {
  const isOfS3 = typeof error === 'object' && error !== null && '$metadata' in error;
  if (s3 === undefined || !isOfS3 || error instanceof ConfigError) return error;
  const why = codeOf(error) || (error as { readonly name?: string }).name;
  return new ConfigError(
    `S3_ENDPOINT is "${s3.endpoint ?? ''}", where nothing can be stored in S3_BUCKET "${s3.bucket}" now (${why})`,
  );
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

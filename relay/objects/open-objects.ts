import { join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { ofBucket, ofFolder } from '../wrong-settings.ts';
import { FolderStore } from './folder-store.ts';
import type { ObjectStore } from './object-store.ts';
import { S3Store } from './s3-store.ts';

/**
 * The object store that the configuration names: S3, or a folder below `dataDir`. Throws ConfigError for a folder that
 * cannot be had and a bucket that is refused; an S3 that does not answer may come back.
 */
export async function openObjects({ s3, dataDir }: Pick<Config, 's3' | 'dataDir'>): Promise<ObjectStore> {
  if (!s3)
    return FolderStore.open(join(dataDir, 'objects')).catch((error: unknown) => {
      throw ofFolder(error, dataDir);
    });
  const store = new S3Store({
    bucket: s3.bucket,
    region: s3.region,
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
  });
  const refusal = ofBucket(await store.probe(), s3.bucket);
  if (!(refusal instanceof ConfigError)) return store;
  store.close();
  throw refusal;
}

import { join } from 'node:path';
import type { Config } from '../config.ts';
import { FolderStore } from './folder-store.ts';
import type { ObjectStore } from './object-store.ts';
import { S3Store } from './s3-store.ts';

/** The object store that the configuration names: S3, or a folder below `dataDir`. */
export async function openObjects({ s3, dataDir }: Pick<Config, 's3' | 'dataDir'>): Promise<ObjectStore> {
  if (!s3) return FolderStore.open(join(dataDir, 'objects'));
  return new S3Store({
    bucket: s3.bucket,
    region: s3.region,
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
  });
}

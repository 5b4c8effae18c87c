/** Takes pictures in for a row: each is prepared and kept on this device first, then its row is written. */
import { type Actor, idFor, insert, type Statement } from '../../shared/taller/flows/statement.ts';
import type { Photos } from './photos/photos.ts';

export interface PhotosOf {
  /** Table of the row they hang on. */
  readonly entity: string;
  readonly entityId: string;
  readonly slot: string | null;
}

/** Throws when a file is no picture; those before it are in. */
export async function takePhotos(
  photos: Photos,
  files: readonly Blob[],
  { entity, entityId, slot }: PhotosOf,
  write: (label: string, make: (actor: Actor) => readonly Statement[]) => Promise<boolean>,
): Promise<void> {
  for (const file of files) {
    const { photo, thumb } = await photos.take(file);
    await write('photo.add', (actor) => [
      insert('attachments', idFor(actor), {
        entity,
        entity_id: entityId,
        kind: 'photo',
        slot,
        mime: photo.contentType,
        bytes: photo.bytes.byteLength,
        width: photo.width,
        height: photo.height,
        sha256: photo.sha256,
        thumb_sha256: thumb.sha256,
        taken_at: actor.nowMs,
      }),
    ]);
  }
}

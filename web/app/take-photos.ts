/** Takes pictures in for a row: each is prepared and kept on this device first, then its row is written. */
import { msg, str } from '@lit/localize';
import { type Actor, idFor, insert, type Statement } from '../../shared/taller/flows/statement.ts';
import type { Photos } from './photos/photos.ts';
import { UnreadablePictureError } from './photos/prepare-photo.ts';

export interface PhotosOf {
  /** Table of the row they hang on. */
  readonly entity: string;
  readonly entityId: string;
  readonly slot: string | null;
}

/**
 * Takes all that can be taken: a file that is no picture costs nothing but itself. Gives the sentence about what is
 * missing, undefined when nothing is. A refused row is told by `write`.
 */
export async function takePhotos(
  photos: Pick<Photos, 'take'>,
  files: readonly File[],
  { entity, entityId, slot }: PhotosOf,
  write: (label: string, make: (actor: Actor) => readonly Statement[]) => Promise<boolean>,
): Promise<string | undefined> {
  const unreadable: string[] = [];
  for (const [index, file] of files.entries()) {
    try {
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
    } catch (error) {
      // A full disk takes none of those that follow either.
      if (!(error instanceof UnreadablePictureError)) return notKept(files.length - index);
      unreadable.push(file.name);
    }
  }
  return unreadable.length === 0 ? undefined : notRead(unreadable, files.length);
}

function notRead(names: readonly string[], of: number): string {
  if (of === 1) return msg('Esa imagen no se pudo leer.');
  const list = names.join(', ');
  return msg(str`No se pudieron leer ${names.length} de ${of} imágenes: ${list}. Las demás están guardadas.`);
}

function notKept(count: number): string {
  return msg(
    str`Fotos que no se pudieron guardar en este dispositivo: ${count}. Libera espacio y repítelas.`,
  );
}

/** What becomes of many pictures at once when some of them are none, or when the disk is full. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newDeviceId } from '../../shared/base/ids.ts';
import type { PreparedPhoto } from './photos/prepare-photo.ts';
import { UnreadablePictureError } from './photos/prepare-photo.ts';
import { takePhotos } from './take-photos.ts';

const test = suite('taking photos');
const OF = { entity: 'receptions', entityId: 'r1', slot: null };

test('a file that is no picture costs nothing but itself, and is named', async () => {
  const { take, written } = setup(['b.jpg']);

  const said = await take(['a.jpg', 'b.jpg', 'c.jpg']);

  assert.equal(written, ['a.jpg', 'c.jpg']);
  assert.is(said, 'No se pudieron leer 1 de 3 imágenes: b.jpg. Las demás están guardadas.');
});

test('a single one that cannot be read is not named, and of good ones nothing is said', async () => {
  const { take } = setup(['b.jpg']);

  assert.is(await take(['b.jpg']), 'Esa imagen no se pudo leer.');
  assert.is(await take(['a.jpg', 'c.jpg']), undefined);
});

test('a full disk is told as what it is, with the number of those that are missing', async () => {
  const { take, written } = setup([], 'b.jpg');

  const said = await take(['a.jpg', 'b.jpg', 'c.jpg']);

  assert.equal(written, ['a.jpg']);
  assert.is(said, 'Fotos que no se pudieron guardar en este dispositivo: 2. Libera espacio y repítelas.');
});

test.run();

function setup(unreadable: readonly string[], full?: string) {
  const written: unknown[] = [];
  const photos = {
    take: async (file: Blob): Promise<PreparedPhoto> => {
      const { name } = file as File;
      if (unreadable.includes(name)) throw new UnreadablePictureError('no picture');
      if (name === full) throw new DOMException('full', 'QuotaExceededError');
      const image = {
        sha256: name,
        bytes: new ArrayBuffer(1),
        contentType: 'image/jpeg',
        width: 1,
        height: 1,
      };
      return { photo: image, thumb: image };
    },
  };
  const actor = { user: 'ana', device: newDeviceId(), nowMs: 1 };
  const take = (names: readonly string[]) =>
    takePhotos(
      photos,
      names.map((name) => new File(['x'], name)),
      OF,
      async (_label, make) => {
        const [statement] = make(actor);
        written.push(statement?.params?.find((value) => String(value).endsWith('.jpg')));
        return true;
      },
    );
  return { take, written };
}

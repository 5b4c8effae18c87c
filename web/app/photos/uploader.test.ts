import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PhotoStore, StoredPhoto } from './photo-store.ts';
import { PhotoUploader } from './uploader.ts';

const PHOTO: StoredPhoto = {
  sha256: 'a'.repeat(64),
  family: 'work',
  contentType: 'image/jpeg',
  bytes: new Uint8Array([1, 2, 3, 4, 5]).buffer,
  state: 'waiting',
  attempts: 0,
  error: '',
  putAtMs: 0,
};

/** Records what became of the photos it holds. */
class FakeStore {
  readonly marks: string[] = [];
  photos = [PHOTO];
  async waiting(): Promise<StoredPhoto[]> {
    return this.photos;
  }
  async mark(sha256: string, state: string, error = ''): Promise<void> {
    this.photos = this.photos.filter((photo) => photo.sha256 !== sha256);
    this.marks.push(error === '' ? state : `${state}: ${error}`);
  }
}

function setup(answer: (method: string, path: string) => Response, mayUpload = () => true) {
  const store = new FakeStore();
  const calls: string[] = [];
  const uploader = new PhotoUploader(store as unknown as PhotoStore, {
    relayUrl: 'https://relay.example',
    token: async () => 'fresh',
    mayUpload,
    fetch: (async (url: string, init: RequestInit) => {
      const path = url.slice('https://relay.example'.length);
      const headers = init.headers as Record<string, string>;
      assert.is(headers.authorization, 'Bearer fresh');
      calls.push(`${init.method} ${path.replace(PHOTO.sha256, '<sha>')}`);
      return answer(init.method ?? '', path);
    }) as unknown as typeof fetch,
  });
  return { store, calls, uploader };
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

test('an upload that was cut off goes on with the parts the relay lacks', async () => {
  const { store, calls, uploader } = setup((method, path) =>
    method === 'POST' && path === '/api/objects'
      ? json({ stored: false, partBytes: 2, parts: [0, 1] })
      : json({}),
  );

  await uploader.run();

  assert.equal(calls, [
    'POST /api/objects',
    'PUT /api/objects/work/<sha>/parts/2',
    'POST /api/objects/work/<sha>/complete',
  ]);
  assert.equal(store.marks, ['stored']);
});

test('a photo the relay has is not sent again', async () => {
  const { store, calls, uploader } = setup(() => json({ stored: true, partBytes: 2, parts: [] }));

  await uploader.run();

  assert.equal(calls, ['POST /api/objects']);
  assert.equal(store.marks, ['stored']);
});

test('a refusal is kept with its sentence and not tried again', async () => {
  const { store, uploader } = setup(() => json({ code: 'too-large', message: 'too many bytes' }, 413));

  await uploader.run();

  assert.equal(store.marks, ['refused: too many bytes']);
});

for (const status of [401, 429, 503]) {
  test(`after ${status} the photo waits`, async () => {
    const { store, uploader } = setup(() => json({}, status));

    await uploader.run();

    assert.equal(store.marks, []);
  });
}

test('a photo that is kept while another is on its way goes behind it', async () => {
  const second = 'b'.repeat(64);
  const { store, uploader } = setup(() => {
    if (store.marks.length === 0) {
      store.photos = [...store.photos, { ...PHOTO, sha256: second }];
      void uploader.run();
    }
    return json({ stored: true, partBytes: 2, parts: [] });
  });

  await uploader.run();

  assert.equal(store.marks, ['stored', 'stored']);
  assert.equal(store.photos, []);
});

test('what a bad line stopped is tried again by who asked meanwhile', async () => {
  let isBad = true;
  const { store, uploader } = setup(() => {
    if (!isBad) return json({ stored: true, partBytes: 2, parts: [] });
    isBad = false;
    void uploader.run();
    throw new TypeError('Failed to fetch');
  });

  await uploader.run();

  assert.equal(store.marks, ['stored']);
});

test('nothing is sent while something else waits for the line', async () => {
  const { calls, uploader } = setup(
    () => json({}),
    () => false,
  );

  await uploader.run();

  assert.equal(calls, []);
});

test('no line: it waits, and nothing is thrown', async () => {
  const { store, uploader } = setup(() => {
    throw new TypeError('Failed to fetch');
  });

  await uploader.run();

  assert.equal(store.marks, []);
});

test.run();

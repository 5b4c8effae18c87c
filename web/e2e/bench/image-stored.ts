/** Looks into the bench's IndexedDB, beside the engine that writes it. */
import { openDB } from 'idb';
import type { Session } from '../../client/engine-messages.ts';
import { databaseNameOf } from '../../replica/worker-start.ts';

const LOOK_EVERY_MS = 100;

/** Resolves once the stored SQL image has every update that is stored. */
export async function imageStored(session: Session): Promise<void> {
  const database = await openDB(databaseNameOf('bench', session));
  for (;;) {
    const transaction = database.transaction(['meta', 'updates', 'document']);
    const [image, updates, documents] = await Promise.all([
      transaction.objectStore('meta').get('image'),
      transaction.objectStore('updates').getAllKeys(),
      transaction.objectStore('document').getAll(),
    ]);
    const numbers = [
      ...updates.map((key) => (key as [document: string, number: number])[1]),
      ...documents.map(({ snapshotNumber }) => snapshotNumber as number),
    ];
    if (image && numbers.every((number) => number <= image.number)) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  database.close();
}

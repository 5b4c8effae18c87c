/** An update from the relay that came outside its log: into the document, SQL and store, as if it had been received. */
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import type { Core } from './core.ts';
import { addTouched } from './hydration.ts';
import { inTransaction } from './transaction.ts';

/** Stores nothing when the document has all of it. */
export async function takeUpdate(core: Core, name: string, update: Uint8Array): Promise<void> {
  const { documents, sql, capture, mirror, live, queue, clock } = core;
  await documents.hydrate(documents.getOrCreate(name) ? [] : [name]);
  const { doc, rows } = documents.getOrCreate(name)!;
  const touched = new Map<string, Set<string>>();
  let isNews = false;
  const stop = rows.observe((more) => addTouched(touched, more));
  const note = () => {
    isNews = true;
  };
  doc.on('update', note);
  applyRemoteUpdate(doc, update, 'relay');
  doc.off('update', note);
  stop();
  if (!isNews) return;
  clock.observe(rows.maxHlc);
  const number = core.takeNumber();
  const changes = inTransaction(sql, () => capture.pause(() => mirror.project(name, rows, touched)));
  documents.noteUpdate(name, number);
  live.changed(changes, ['_conflict', '_violation']);
  await queue.write({ durability: 'strict', updates: [{ document: name, number, update }] });
}

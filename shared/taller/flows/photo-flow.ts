/** Taking a photo away again: one taken by mistake, or of what nobody else should see. */
import type { Statement } from './statement.ts';

/** Not of a signed reception: what was signed shows it. The picture itself stays where it is kept, so undo has it. */
export function removePhoto(id: string): Statement[] {
  return [
    {
      sql: `delete from attachments where id = ? and kind = 'photo'
        and not exists (select 1 from receptions r where r.id = attachments.entity_id and r.status = 'signed')`,
      params: [id],
    },
  ];
}

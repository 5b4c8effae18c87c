/** Why something could not be written, as a sentence for the person who wrote it. */
import { msg, str } from '@lit/localize';
import { columnName, tableName } from './column-names.ts';

/** Of any error; a broken rule names table and column in the words of the page, the rest says what it says. */
export function refusalText(error: unknown): string {
  const { message, rule, table = '', column = '' } = refused(error);
  switch (rule) {
    case 'not-null':
      return msg(str`No se ha guardado. Falta: ${columnName(column)}.`);
    case 'type':
    case 'check':
      return msg(str`No se ha guardado. Ese valor no vale: ${columnName(column)}.`);
    case 'unique':
      return msg(str`No se ha guardado. Ya existe: ${tableName(table)}.`);
    case 'reference':
      // Without a column it is the row that others point to, and was to be deleted.
      if (column === '')
        return msg(str`No se ha borrado. Otros datos se refieren a ello: ${tableName(table)}.`);
      return msg(str`No se ha guardado. Ya no existe aquello a lo que se refiere: ${columnName(column)}.`);
    case 'sealed':
      return msg(str`No se ha guardado. Ya está cerrado: ${tableName(table)}.`);
    case 'append-only':
      return msg(str`No se ha guardado. Lo anotado no se cambia: ${tableName(table)}.`);
    default:
      return message;
  }
}

interface Refused {
  readonly message: string;
  readonly rule?: string;
  readonly table?: string;
  readonly column?: string;
}

function refused(error: unknown): Refused {
  return error instanceof Error ? error : { message: String(error) };
}

/** What an import is and what is wrong with a row of it, in the words of the page. */
import { msg } from '@lit/localize';
import { IMPORT_FIELDS, type ImportEntity } from '../../../shared/taller/import/fields.ts';
import type { KeptBecause } from '../../../shared/taller/import/undo-import.ts';
import type { ImportProblem } from '../../../shared/taller/import/validate.ts';
import { locale } from '../localisation.ts';

export function entityName(entity: ImportEntity): string {
  switch (entity) {
    case 'customers':
      return msg('Clientes');
    case 'vehicles':
      return msg('Vehículos');
    case 'work_orders':
      return msg('Órdenes abiertas');
  }
}

export function fieldName(entity: ImportEntity, key: string): string {
  return IMPORT_FIELDS[entity].find((field) => field.key === key)?.[locale()] ?? key;
}

export function problemName(problem: ImportProblem): string {
  switch (problem) {
    case 'missing':
      return msg('Falta');
    case 'bad-vin':
      return msg('No es un bastidor de 17 caracteres');
    case 'bad-tax-id':
      return msg('El NIF no es correcto');
    case 'bad-date':
      return msg('No se entiende la fecha');
    case 'bad-number':
      return msg('No es un número');
    case 'bad-email':
      return msg('No parece un correo');
    case 'duplicate-in-file':
      return msg('Está repetido en el archivo');
    case 'already-there':
      return msg('Ya está en el taller');
    case 'unknown-vehicle':
      return msg('No hay un vehículo con esa matrícula');
    case 'unknown-customer':
      return msg('No se encuentra al cliente; entra sin dueño');
    case 'ambiguous-customer':
      return msg('Varios clientes se llaman así; entra sin dueño');
  }
}

/** Why a row stays when its import is taken back. */
export function keptName(because: KeptBecause): string {
  if (because.name === 'edited') return msg('Alguien la cambió');
  switch (because.by) {
    case 'customers':
    case 'vehicles':
      return msg('Otra ficha se unió a esta');
    case 'vehicle_owners':
      return msg('Tiene un vehículo');
    case 'work_orders':
      return msg('Tiene una orden');
    case 'receptions':
      return msg('Tiene una recepción');
    case 'estimates':
      return msg('Tiene un presupuesto');
    case 'inspections':
      return msg('Tiene una inspección');
    case 'gate_events':
      return msg('Pasó por la puerta');
    case 'wo_jobs':
    case 'wo_lines':
    case 'time_entries':
      return msg('Ya se trabaja en ella');
    default:
      return msg('Ya tiene datos del taller');
  }
}

export const ALL_PROBLEMS: readonly ImportProblem[] = [
  'missing',
  'bad-vin',
  'bad-tax-id',
  'bad-date',
  'bad-number',
  'bad-email',
  'duplicate-in-file',
  'already-there',
  'unknown-vehicle',
  'unknown-customer',
  'ambiguous-customer',
];

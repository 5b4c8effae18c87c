/** Damage on a vehicle: the kinds and sides, in the words of the page. */
import { msg } from '@lit/localize';
import type { ResultRow } from '../client/engine-messages.ts';

export type CarView = 'top' | 'left' | 'right' | 'front' | 'rear';
export const CAR_VIEWS: readonly CarView[] = ['top', 'left', 'right', 'front', 'rear'];

export type DamageType = 'scratch' | 'dent' | 'crack' | 'broken' | 'missing' | 'rust';
export const DAMAGE_TYPES: readonly DamageType[] = ['scratch', 'dent', 'crack', 'broken', 'missing', 'rust'];

export interface DamageRow extends ResultRow {
  readonly id: string;
  readonly view: string;
  readonly x_pm: number;
  readonly y_pm: number;
  readonly type: string;
  readonly note: string;
}

export function viewName(view: CarView): string {
  switch (view) {
    case 'top':
      return msg('Arriba');
    case 'left':
      return msg('Izquierda');
    case 'right':
      return msg('Derecha');
    case 'front':
      return msg('Delante');
    case 'rear':
      return msg('Detrás');
  }
}

export function typeName(type: DamageType): string {
  switch (type) {
    case 'scratch':
      return msg('Arañazo');
    case 'dent':
      return msg('Abolladura');
    case 'crack':
      return msg('Grieta');
    case 'broken':
      return msg('Roto');
    case 'missing':
      return msg('Falta');
    case 'rust':
      return msg('Óxido');
  }
}

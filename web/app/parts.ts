/** The way of a part of an order in the words of the page: needed → requested → ordered → arrived → installed. */
import { msg } from '@lit/localize';
import type { WoLine } from '../../shared/taller/tables/orders.ts';
import type { IconName } from './icons.ts';

export type PartState = NonNullable<WoLine['part_state']>;

const WAY: readonly PartState[] = ['needed', 'requested', 'ordered', 'arrived', 'installed'];

/** States that a part may go to from this one, its own included: only what was fitted comes off again. */
export function statesAfter(state: PartState): readonly PartState[] {
  return state === 'installed' || state === 'returned' ? [...WAY, 'returned'] : WAY;
}

/** What a technician does with a part that is awaited: takes it in, then fits it. */
export function nextState(state: PartState): PartState {
  return state === 'arrived' ? 'installed' : 'arrived';
}

export function partStateIcon(state: PartState): IconName {
  switch (state) {
    case 'needed':
      return 'hand';
    case 'requested':
    case 'ordered':
      return 'hourglass';
    case 'arrived':
      return 'parts';
    case 'installed':
      return 'check';
    case 'returned':
      return 'undo';
  }
}

export function partStateName(state: PartState): string {
  switch (state) {
    case 'needed':
      return msg('Hace falta');
    case 'requested':
      return msg('Pedida');
    case 'ordered':
      return msg('Encargada');
    case 'arrived':
      return msg('Ha llegado');
    case 'installed':
      return msg('Montada');
    case 'returned':
      return msg('Devuelta');
  }
}

/** "Ha llegado: Junta de culata". */
export function partSentence(state: PartState, part: string): string {
  return `${partStateName(state)}: ${part}`;
}

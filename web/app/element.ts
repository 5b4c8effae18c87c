/** What every element of the application that shows words starts from: it follows the language, and has the shared styles. */
import { updateWhenLocaleChanges } from '@lit/localize';
import { type CSSResultGroup, LitElement } from 'lit';
import { shared } from './styles/shared.ts';

export class TallerElement extends LitElement {
  static override styles: CSSResultGroup = shared;

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }
}

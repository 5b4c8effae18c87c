/** What every page starts from: its place in the address, and all that an element needs to read and write. */
import { property } from 'lit/decorators.js';
import { ConnectedElement } from './connected-element.ts';

export class TallerPage extends ConnectedElement {
  /** From the path: `/ordenes/:id` -> { id }. */
  @property({ attribute: false }) accessor params: Readonly<Record<string, string>> = {};
  @property({ attribute: false }) accessor search = new URLSearchParams();
}

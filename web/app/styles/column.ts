/** A page that is one column, no wider than is pleasant to read, and what it has to say above its list. */
import { css } from 'lit';

export const columnStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-4);
    max-inline-size: 980px;
  }
  .notice {
    padding: var(--space-3) var(--space-4);
    border-inline-start: 4px solid var(--ink);
    border-radius: var(--radius-s);
    background: var(--surface-sunken);
  }
`;

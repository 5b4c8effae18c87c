/** Keys of a keyboard, and what each does, beside each other. */
import { css } from 'lit';

export const keyStyle = css`
  dl.keys {
    display: grid;
    grid-template-columns: 11rem minmax(0, 1fr);
    align-items: center;
    gap: var(--space-3) var(--space-5);
    margin: 0;
  }
  dl.keys dd {
    margin: 0;
  }
  kbd {
    display: inline-block;
    min-inline-size: 2.2em;
    padding: 0.25em 0.6em;
    border: var(--line) solid var(--rule-strong);
    border-block-end-width: 3px;
    border-radius: var(--radius-s);
    background: var(--surface);
    font: 600 var(--text-s) / 1.2 var(--font-text);
    text-align: center;
  }
  @media (max-width: 699px) {
    dl.keys {
      grid-template-columns: minmax(0, 1fr);
      gap: var(--space-1);
    }
    dl.keys dd {
      margin-block-end: var(--space-3);
    }
  }
`;

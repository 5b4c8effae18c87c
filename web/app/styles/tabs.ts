/** A row of places of one thing, of which one is open. Scrolls sideways where it is too long. */
import { css } from 'lit';

export const tabStyle = css`
  nav {
    display: flex;
    gap: var(--space-2);
    overflow-x: auto;
    border-block-end: var(--line) solid var(--rule);
  }
  nav a {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: var(--target);
    padding-inline: var(--space-3);
    border-block-end: 4px solid transparent;
    color: var(--ink-quiet);
    font-weight: 600;
    text-decoration: none;
    white-space: nowrap;
  }
  nav a[aria-current='page'] {
    border-color: var(--ink);
    color: var(--ink);
    scroll-initial-target: nearest;
    scroll-margin-inline: 6rem;
  }
`;

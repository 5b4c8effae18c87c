/** How the board looks: columns of cards, and the lanes across them. */
import { css } from 'lit';

export const boardStyle = css`
  .board {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: minmax(236px, 1fr);
    gap: var(--space-3);
    padding-block-end: var(--space-3);
    overflow-x: auto;
    scroll-snap-type: x proximity;
    overscroll-behavior-x: contain;
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto 1fr;
    gap: var(--space-2);
    min-block-size: 60dvh;
    padding: var(--space-2);
    border-radius: var(--radius-l);
    background: var(--surface-sunken);
    scroll-snap-align: start;
  }
  section.closed {
    opacity: 0.5;
  }
  h2 {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-2) 0;
    font-size: var(--text-m);
  }
  .count {
    margin-inline-start: auto;
    color: var(--ink-quiet);
  }
  ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    gap: var(--space-2);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    position: relative;
    display: grid;
    gap: var(--space-1);
    padding: var(--space-3);
    border: var(--line) solid var(--rule);
    border-radius: var(--radius-m);
    background: var(--surface-raised);
    cursor: grab;
    content-visibility: auto;
    contain-intrinsic-size: auto 138px;
  }
  li.dragged {
    opacity: 0.4;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2);
  }
  a {
    display: grid;
    gap: 2px;
    text-decoration: none;
  }
  a strong {
    font-weight: 650;
  }
  a::after {
    content: '';
    position: absolute;
    inset: 0;
  }
  .foot {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: 26px;
    font-size: var(--text-s);
  }
  .technician {
    margin-inline-start: auto;
    padding: 2px 8px;
    border-radius: 12px;
    background: var(--surface-sunken);
    font: 650 0.8125rem / 1.4 var(--font-display);
  }
  .move {
    position: relative;
    z-index: 1;
    margin: calc(-1 * var(--space-2));
    color: var(--ink-quiet);
  }
  .hold {
    display: inline-flex;
    align-items: center;
    gap: 4px;
  }
  .board.lanes {
    grid-template-columns: 8.5rem;
    grid-auto-columns: minmax(216px, 1fr);
    scroll-padding-inline-start: calc(8.5rem + var(--space-2));
    column-gap: var(--space-2);
    row-gap: 0;
  }
  .lanes section {
    grid-row: 1 / -1;
    grid-template-rows: subgrid;
    min-block-size: 0;
    padding-block: 0 var(--space-2);
  }
  .lanes ul,
  .names > * {
    min-block-size: 5.5rem;
    padding-block: var(--space-3);
    border-block-start: var(--line) solid var(--rule-strong);
  }
  .names {
    position: sticky;
    inset-inline-start: 0;
    z-index: 2;
    display: grid;
    grid-row: 1 / -1;
    grid-template-rows: subgrid;
    gap: 0;
    background: var(--surface);
  }
  .names > * {
    display: flex;
    align-items: start;
    gap: var(--space-2);
    font-weight: 650;
  }
  .names > .corner {
    min-block-size: 0;
    border: 0;
  }
  ul.over {
    outline: 3px dashed var(--ink);
    outline-offset: -3px;
  }
  .more {
    inline-size: 100%;
  }
  @media (max-width: 699px) {
    .board {
      grid-auto-columns: min(82vw, 320px);
      scroll-snap-type: x mandatory;
      margin-inline: calc(-1 * var(--space-4));
      padding-inline: var(--space-4);
      scroll-padding-inline: var(--space-4);
    }
  }
`;

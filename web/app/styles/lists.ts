/** Lists of rows. What stands in a row is the element's. */
import { css } from 'lit';

const plain = css`
  ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    margin: 0;
    padding: 0;
    list-style: none;
  }
`;

/** Each row a card of its own. */
export const cardListStyle = [
  plain,
  css`
    ul {
      gap: var(--space-2);
    }
    li {
      border: var(--line) solid var(--rule);
      border-radius: var(--radius-m);
      background: var(--surface-raised);
    }
  `,
];

/** Rows of one panel, with a rule between them. */
export const dividedListStyle = [
  plain,
  css`
    li + li {
      border-block-start: var(--line) solid var(--rule);
    }
  `,
];

/** What a search found, below its field: a button each. */
export const hitListStyle = [
  plain,
  css`
    :host {
      display: grid;
      gap: var(--space-3);
    }
    ul {
      gap: var(--space-2);
    }
    .button {
      inline-size: 100%;
      justify-content: space-between;
      font-weight: 500;
      text-align: start;
    }
  `,
];

/** What a search found: a wide button each, with a mark before its words. */
export const markedHitStyle = css`
  .hits {
    display: grid;
    gap: var(--space-2);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .hit {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-3) var(--space-4);
    inline-size: 100%;
    block-size: auto;
    padding: var(--space-3);
    text-align: start;
    line-height: var(--leading);
    font-weight: 400;
  }
  .hit strong {
    display: block;
  }
`;

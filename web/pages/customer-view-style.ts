/** How a customer sees an estimate: large, calm, with two answers to each job. */
import { css } from 'lit';

export const customerViewStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-5);
    max-inline-size: 900px;
    margin-inline: auto;
    font-size: var(--text-l);
  }
  .head {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-3) var(--space-4);
  }
  .head number-plate {
    --plate-size: 1.75rem;
  }
  .job {
    display: grid;
    gap: var(--space-4);
  }
  .job header {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: baseline;
    gap: var(--space-1) var(--space-4);
  }
  .job h2,
  .job .figure.price {
    font-size: var(--text-xl);
  }
  fieldset {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: var(--space-3);
    margin: 0;
    padding: 0;
    border: 0;
  }
  .choice {
    position: relative;
    min-block-size: 68px;
    padding: var(--space-2) var(--space-3);
    border-width: var(--line-strong);
    font-size: var(--text-l);
    line-height: 1.2;
  }
  .choice input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: inherit;
  }
  .choice:focus-within {
    outline: var(--focus-ring);
    outline-offset: 2px;
  }
  .choice.on {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--on-ink);
  }
  .options {
    grid-template-columns: minmax(0, 1fr);
  }
  .option {
    display: grid;
    grid-template-columns: 1.5rem minmax(0, 1fr) auto;
    align-items: center;
    justify-items: start;
    gap: var(--space-1) var(--space-4);
    padding-inline: var(--space-4);
    text-align: start;
  }
  .ring {
    justify-self: center;
    inline-size: 1.25rem;
    block-size: 1.25rem;
    border: var(--line-strong) solid var(--rule-strong);
    border-radius: 50%;
  }
  .hint {
    display: block;
    font-weight: 400;
  }
  summary {
    display: flex;
    align-items: center;
    min-block-size: var(--target);
    cursor: pointer;
    font-size: var(--text-m);
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  dl {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: var(--space-2) var(--space-4);
    margin: 0;
    font-size: var(--text-m);
  }
  dd {
    margin: 0;
    text-align: end;
  }
  .foot {
    inset-block-end: 0;
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-3) var(--space-4);
    padding: var(--space-4) var(--space-5);
    border: var(--line) solid var(--rule);
    border-radius: var(--radius-l);
    background: var(--surface-raised);
    box-shadow: var(--shadow-raised);
  }
  .sum {
    display: grid;
  }
  .sum .figure {
    font-size: var(--text-2xl);
    line-height: 1.1;
  }
  .big {
    min-block-size: 64px;
    padding-inline: var(--space-5);
    font-size: var(--text-l);
  }
  .answers {
    display: grid;
    gap: var(--space-3);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .answers li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-3);
  }
  .no {
    color: var(--ink-quiet);
  }
  .no .figure {
    text-decoration: line-through;
  }
  .terms {
    white-space: pre-line;
    font-size: var(--text-m);
  }
  .thanks {
    display: grid;
    justify-items: center;
    gap: var(--space-4);
    padding-block: var(--space-7);
    text-align: center;
  }
  .thanks > ui-icon {
    font-size: 4rem;
  }
  @media (max-width: 699px) {
    .head {
      grid-template-columns: auto minmax(0, 1fr);
    }
    .head > div {
      grid-row: 2;
      grid-column: 1 / -1;
    }
    take-back {
      justify-self: end;
    }
    .foot {
      padding: var(--space-3) var(--space-4);
      margin-inline: calc(-1 * var(--space-2));
    }
    .choice {
      padding-inline: var(--space-1);
      font-size: var(--text-m);
    }
    .option {
      padding-inline: var(--space-3);
      column-gap: var(--space-3);
    }
  }
`;

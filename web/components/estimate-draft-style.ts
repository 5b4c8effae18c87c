/** How the next version of an estimate looks while it is made. */
import { css } from 'lit';

export const estimateDraftStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-4);
  }
  .found {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2) var(--space-4);
    padding-block: var(--space-3);
    border-block-start: var(--line) solid var(--rule);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .option {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-2);
    padding-inline-start: var(--space-4);
    border-inline-start: var(--line-strong) solid var(--rule-strong);
  }
  .place {
    font-weight: 600;
  }
  .stepper {
    display: grid;
    gap: 6px;
  }
  .stepper .row {
    flex-wrap: nowrap;
  }
  .percent {
    display: grid;
    align-content: start;
    gap: 6px;
    font-weight: 600;
    font-size: var(--text-s);
  }
  .percent span {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }
  input {
    inline-size: 6rem;
    min-block-size: var(--target);
    padding: 0 var(--space-3);
    border: var(--line) solid var(--rule-strong);
    border-radius: var(--radius-m);
    background: var(--surface-raised);
    color: var(--ink);
    font: inherit;
    text-align: end;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-3) var(--space-5);
    margin-inline: calc(-1 * var(--space-2));
    padding: var(--space-3) var(--space-5);
    border: var(--line) solid var(--rule);
    border-radius: var(--radius-l);
    background: var(--surface-raised);
    box-shadow: var(--shadow-raised);
  }
  .sum {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: var(--space-1) var(--space-4);
  }
  .sum strong {
    font-size: var(--text-xl);
  }
  @media (orientation: portrait), (max-width: 699px) {
    .foot {
      margin-inline: 0;
      padding-inline: var(--space-4);
    }
    .foot .row {
      flex-wrap: nowrap;
      inline-size: 100%;
    }
    .foot .button {
      flex: 1;
      padding-inline: var(--space-2);
      font-size: var(--text-s);
    }
  }
`;

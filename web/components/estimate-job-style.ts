/** How a job of an estimate looks while it is made: a table that becomes cards on a phone. */
import { css } from 'lit';

export const estimateJobStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-3);
    padding: var(--space-4) var(--space-5);
    border: var(--line) solid var(--rule);
    border-radius: var(--radius-l);
    background: var(--surface-raised);
  }
  header {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto auto;
    align-items: end;
    gap: var(--space-3) var(--space-4);
  }
  .total {
    font-size: var(--text-l);
    line-height: var(--target);
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  th {
    padding: var(--space-1) var(--space-2);
    text-align: end;
  }
  th:first-child {
    padding-inline-start: 0;
    text-align: start;
  }
  td {
    padding: var(--space-1) var(--space-2);
    border-block-start: var(--line) solid var(--rule);
  }
  td:first-child {
    padding-inline-start: 0;
    inline-size: 45%;
  }
  .amount {
    text-align: end;
    white-space: nowrap;
  }
  .number {
    display: flex;
    align-items: center;
    justify-content: end;
    gap: var(--space-1);
  }
  input {
    inline-size: 6rem;
    min-block-size: var(--target);
    padding: 0 var(--space-2);
    border: var(--line) solid var(--rule-strong);
    border-radius: var(--radius-m);
    background: var(--surface-raised);
    color: var(--ink);
    font: 650 var(--text-m) var(--font-display);
    font-stretch: var(--width-display);
    font-variant-numeric: tabular-nums;
    text-align: end;
  }
  input:read-only {
    border-color: transparent;
  }
  input.short {
    inline-size: 4.25rem;
  }
  .none {
    padding-block: var(--space-2);
  }
  @media (max-width: 699px) {
    :host {
      padding-inline: var(--space-4);
    }
    header {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    header cell-field {
      grid-column: 1 / -1;
    }
    thead {
      position: absolute;
      clip-path: inset(50%);
    }
    tr {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr)) auto;
      align-items: center;
      gap: var(--space-1) var(--space-2);
      padding-block: var(--space-3);
      border-block-start: var(--line) solid var(--rule);
    }
    td,
    td:first-child {
      padding: 0;
      border: 0;
      inline-size: auto;
    }
    td:first-child,
    td.amount {
      grid-column: 1 / 4;
    }
    td:first-child {
      order: -2;
    }
    td.remove {
      order: -1;
    }
    td.amount {
      grid-column: 1 / -1;
    }
    .number,
    input,
    input.short {
      inline-size: 100%;
      min-inline-size: 0;
    }
  }
`;

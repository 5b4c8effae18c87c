/** How the day of a technician looks: for dirty hands. */
import { css } from 'lit';

export const myJobsStyle = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--space-4);
    max-inline-size: 1080px;
  }
  .big {
    min-block-size: 64px;
    padding-inline: var(--space-5);
    font-size: var(--text-l);
  }
  .clock {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-3) var(--space-5);
    padding: var(--space-4) var(--space-5);
    border-radius: var(--radius-l);
    background: var(--ink);
    color: var(--on-ink);
  }
  .clock running-time {
    color: inherit;
    font-size: 3rem;
    line-height: 1;
  }
  .clock .what {
    display: grid;
    gap: var(--space-1);
    justify-items: start;
  }
  .clock strong {
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .clock .button {
    border-color: var(--on-ink);
    background: var(--on-ink);
    color: var(--ink);
  }
  .clock :focus-visible {
    outline-color: var(--on-ink);
  }
  .idle {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-block-size: 64px;
    padding: var(--space-3) var(--space-5);
    border: var(--line-strong) dashed var(--rule-strong);
    border-radius: var(--radius-l);
  }
  .order {
    display: grid;
    gap: var(--space-3);
    padding: var(--space-4) var(--space-5);
  }
  .order > header {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-2) var(--space-4);
  }
  h2 a {
    text-decoration-color: var(--rule-strong);
    text-underline-offset: 0.2em;
  }
  .facts {
    justify-items: end;
    display: grid;
    gap: var(--space-1);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-2) var(--space-4);
    padding-block: var(--space-3);
    border-block-start: var(--line) solid var(--rule);
  }
  li.on {
    margin-inline: calc(-1 * var(--space-3));
    padding-inline: var(--space-3);
    border-radius: var(--radius-m);
    box-shadow: inset 0 0 0 2px var(--ink);
    border-color: transparent;
  }
  li .title {
    font-size: var(--text-l);
    font-weight: 600;
    line-height: 1.25;
  }
  li.done .title {
    color: var(--ink-quiet);
    font-weight: 400;
  }
  .look {
    justify-self: start;
  }
  .complaint {
    white-space: pre-line;
  }
  .marks {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-1) var(--space-4);
  }
  .marks span {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
  }
  .actions,
  .extras {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
  }
  .extras,
  .parts {
    grid-column: 1 / -1;
  }
  .parts {
    display: grid;
    gap: var(--space-2);
  }
  .part {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--space-2) var(--space-4);
    padding: var(--space-2) var(--space-2) var(--space-2) var(--space-3);
    border-radius: var(--radius-m);
    background: var(--surface-sunken);
  }
  .part > span {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    overflow-wrap: anywhere;
  }
  @media (max-width: 699px) {
    .clock,
    .order > header {
      grid-template-columns: auto minmax(0, 1fr);
    }
    .clock .button,
    .facts {
      grid-column: 1 / -1;
    }
    .clock running-time {
      font-size: 2.25rem;
    }
    .order {
      padding-inline: var(--space-4);
    }
    .facts {
      justify-items: start;
    }
    li {
      grid-template-columns: minmax(0, 1fr);
    }
    .actions .button {
      flex: 1;
      padding-inline: var(--space-3);
    }
    .extras .button {
      flex: 1 1 auto;
      padding-inline: var(--space-2);
    }
  }
`;

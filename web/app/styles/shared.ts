/** Rules that every shadow root needs: boxes, headings, panels, rows, fields. Colours come from tokens.css. */
import { css } from 'lit';

export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    min-inline-size: 0;
    color: var(--ink);
    font-family: var(--font-text);
  }
  :host([hidden]) {
    display: none;
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  h1,
  h2,
  h3 {
    font-family: var(--font-display);
    font-stretch: var(--width-display);
    font-weight: 650;
    line-height: var(--leading-tight);
    text-wrap: balance;
  }
  h1 {
    font-size: var(--text-2xl);
  }
  h2 {
    font-size: var(--text-l);
  }
  h3 {
    font-size: var(--text-m);
  }
  a {
    color: inherit;
  }
  :focus-visible {
    outline: var(--focus-ring);
    outline-offset: 2px;
    border-radius: var(--radius-s);
  }
  .quiet {
    color: var(--ink-quiet);
  }
  .small {
    font-size: var(--text-s);
  }
  .label {
    font-family: var(--font-display);
    font-stretch: var(--width-display);
    font-size: var(--text-xs);
    font-weight: 600;
    letter-spacing: 0.06em;
    text-transform: uppercase;
    color: var(--ink-quiet);
  }
  .figure {
    font-family: var(--font-display);
    font-stretch: var(--width-display);
    font-weight: 650;
    font-variant-numeric: tabular-nums;
  }
  .signal {
    color: var(--signal-text);
    font-weight: 650;
  }
  .panel {
    background: var(--surface-raised);
    border: var(--line) solid var(--rule);
    border-radius: var(--radius-l);
    padding: var(--space-5);
  }
  @media (max-width: 699px) {
    .panel {
      padding: var(--space-4);
    }
  }
  .stack {
    display: grid;
    gap: var(--space-4);
    align-content: start;
    min-inline-size: 0;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-3);
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
    gap: var(--space-4);
  }
  .spread {
    justify-content: space-between;
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    min-block-size: var(--target);
    min-inline-size: var(--target);
    padding: 0 var(--space-4);
    border: var(--line) solid var(--rule-strong);
    border-radius: var(--radius-m);
    background: var(--surface-raised);
    color: var(--ink);
    font: 650 var(--text-m) / var(--leading-tight) var(--font-text);
    text-decoration: none;
    cursor: pointer;
    transition: background var(--motion-quick) var(--ease);
    touch-action: manipulation;
  }
  .button:hover {
    background: linear-gradient(var(--hover), var(--hover)) var(--surface-raised);
  }
  .button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  .button.main {
    background: var(--ink);
    border-color: var(--ink);
    color: var(--on-ink);
  }
  .button.bare {
    border-color: transparent;
    background: transparent;
  }
  .button.act {
    background: var(--signal);
    border-color: var(--signal);
    color: var(--on-signal);
  }
  /* Icons from a sprite have no size of their own: 300 px of nothing that would take the taps of what stands beside. */
  wa-dialog:not(:defined) {
    display: none;
  }
  /* Names above fields are of one size, whoever draws the field. */
  wa-input::part(form-control-label),
  wa-textarea::part(form-control-label) {
    font-size: var(--text-s);
  }
  wa-dialog::part(title) {
    padding-block: var(--space-2);
    font-family: var(--font-display);
    font-stretch: var(--width-display);
    font-weight: 650;
    line-height: var(--leading-tight);
    text-wrap: balance;
  }
  /* Its ring lies inside: around it the dialog would cut it off. */
  wa-dialog::part(body):focus-visible {
    outline-offset: calc(-1 * var(--space-1));
  }
  wa-input::part(clear-button),
  wa-input::part(password-toggle-button) {
    overflow: clip;
  }
  @media print {
    .no-print,
    .button,
    .foot {
      display: none !important;
    }
  }
`;

/** How the shell lies: a rail beside the page on a desktop, a bar below it on a tablet held upright; none on paper. */
import { css } from 'lit';

export const shellStyle = css`
  :host {
    display: block;
    background: var(--surface);
  }
  .frame {
    display: grid;
    min-block-size: 100dvh;
    grid-template: 'rail top' auto 'rail main' 1fr / var(--rail) minmax(0, 1fr);
  }
  app-navigation {
    grid-area: rail;
    position: sticky;
    inset-block-start: 0;
    block-size: 100dvh;
    z-index: 3;
  }
  header {
    grid-area: top;
    position: sticky;
    inset-block-start: 0;
    z-index: 2;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: var(--top-bar);
    padding: var(--space-2) var(--space-5);
    background: var(--surface);
    border-block-end: var(--line) solid var(--rule);
  }
  global-search {
    flex: 1;
    min-inline-size: 0;
    margin-inline-end: auto;
  }
  main {
    grid-area: main;
    min-inline-size: 0;
    padding: var(--space-5);
  }
  /* Where the keyboard begins on a page that was just opened; nothing to act on. */
  main:focus-visible {
    outline: none;
  }
  .skip {
    position: absolute;
    inset-block-start: -100px;
    inset-inline-start: var(--space-2);
    z-index: 9;
  }
  .skip:focus {
    inset-block-start: var(--space-2);
  }
  @media (orientation: portrait), (max-width: 699px) {
    .frame {
      grid-template: 'top' auto 'main' 1fr 'rail' auto / minmax(0, 1fr);
    }
    app-navigation {
      position: sticky;
      inset-block: auto 0;
      block-size: auto;
    }
    header {
      padding-inline: var(--space-4);
    }
    main {
      padding: var(--space-4);
    }
  }
  /* A screen as low as one at 200 %: the bar goes with the page. */
  @media (max-height: 480px) {
    header {
      position: static;
    }
  }
  @media print {
    .frame {
      display: block;
    }
    header,
    app-navigation,
    toast-stack {
      display: none;
    }
    main {
      padding: 0;
    }
  }
`;

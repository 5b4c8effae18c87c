/** What can be done next on a page, at hand while the page scrolls. A low screen, as one at 200 %, has no room for that. */
import { css } from 'lit';

export const footStyle = css`
  .foot {
    position: sticky;
    inset-block-end: 0;
    z-index: 1;
  }
  @media (orientation: portrait), (max-width: 699px) {
    .foot {
      inset-block-end: var(--bottom-bar);
    }
  }
  @media (max-height: 480px) {
    .foot {
      position: static;
    }
  }
`;

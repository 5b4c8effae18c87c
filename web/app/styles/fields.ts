/** Fields that the browser draws, in the look of the others. */
import { css } from 'lit';

/** Its name above a field. */
export const fieldLabelStyle = css`
  label {
    display: grid;
    gap: 6px;
    font-weight: 600;
    font-size: var(--text-s);
  }
`;

export const inputStyle = css`
  input {
    inline-size: 100%;
    min-block-size: var(--target);
    padding: 0 var(--space-3);
    border: var(--line) solid var(--rule-strong);
    border-radius: var(--radius-m);
    background: var(--surface-raised);
    color: var(--ink);
    font: 400 var(--text-m) / 1 var(--font-text);
  }
`;

/** The arrow is two strokes of ours: the browser's stands at the very edge. */
export const selectStyle = css`
  select {
    appearance: none;
    max-inline-size: 100%;
    min-block-size: var(--target);
    padding: 0 40px 0 var(--space-3);
    border: var(--line) solid var(--rule-strong);
    border-radius: var(--radius-m);
    background:
      linear-gradient(45deg, transparent 42%, currentcolor 42% 58%, transparent 58%) right 20px center / 7px 7px,
      linear-gradient(-45deg, transparent 42%, currentcolor 42% 58%, transparent 58%) right 14px center / 7px 7px,
      var(--surface-raised);
    background-repeat: no-repeat;
    color: var(--ink);
    font: 400 var(--text-m) / 1 var(--font-text);
    text-overflow: ellipsis;
    cursor: pointer;
  }
`;

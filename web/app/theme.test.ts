import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shownTheme } from './theme.ts';

const tokens = readFileSync(join(import.meta.dirname, 'styles/tokens.css'), 'utf8');

test('[THEME-1] what was chosen is shown, whatever the system says', () => {
  for (const isDark of [true, false]) {
    assert.is(shownTheme('light', { isDark, isContrast: true }), 'light');
    assert.is(shownTheme('contrast', { isDark, isContrast: false }), 'contrast');
  }
  assert.is(shownTheme('dark', { isDark: false, isContrast: false }), 'dark');
});

test('[THEME-1] the system chooses between light, dark and high contrast', () => {
  assert.is(shownTheme('system', { isDark: false, isContrast: false }), 'light');
  assert.is(shownTheme('system', { isDark: true, isContrast: false }), 'dark');
  assert.is(shownTheme('system', { isDark: false, isContrast: true }), 'contrast');
  assert.is(shownTheme('system', { isDark: true, isContrast: true }), 'dark');
});

test('[THEME-2] each theme stands once, and dark and contrast say every colour that light says of surfaces and letters', () => {
  for (const theme of ['dark', 'contrast']) {
    const blocks = tokens.split(`[data-theme="${theme}"] {`);
    assert.is(blocks.length, 2, `${theme} stands ${blocks.length - 1} times`);
    const block = blocks[1]?.split('\n}')[0] ?? '';
    for (const name of [
      'surface',
      'surface-raised',
      'surface-sunken',
      'ink',
      'ink-quiet',
      'on-ink',
      'rule',
      'signal',
      'focus',
    ]) {
      assert.match(block, `--${name}: `, `${theme} has no --${name}`);
    }
  }
  assert.not.match(tokens, /:not\(\[data-theme/);
});

test.run();

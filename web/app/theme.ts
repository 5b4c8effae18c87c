/**
 * Light, dark, high contrast, or what the system says. Kept on this device. What is shown stands in `data-theme`, also when
 * the system chose it, so tokens.css has each theme once.
 */
export type Theme = 'system' | 'light' | 'dark' | 'contrast';
const STORAGE_KEY = 'taller.theme';
const DARK = '(prefers-color-scheme: dark)';
const CONTRAST = '(prefers-contrast: more)';

export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' || stored === 'contrast' ? stored : 'system';
}

export function applyTheme(theme: Theme): void {
  localStorage.setItem(STORAGE_KEY, theme);
  document.documentElement.dataset.theme = shownTheme(theme, {
    isDark: matchMedia(DARK).matches,
    isContrast: matchMedia(CONTRAST).matches,
  });
}

/** Follows the system while the page is open: tablets turn dark in the evening. Call once. */
export function followSystemTheme(): void {
  for (const query of [DARK, CONTRAST]) {
    matchMedia(query).addEventListener('change', () => applyTheme(storedTheme()));
  }
}

/** Dark with more contrast stays dark: its lines become heavier, which tokens.css does by itself. */
export function shownTheme(
  theme: Theme,
  system: { readonly isDark: boolean; readonly isContrast: boolean },
): 'light' | 'dark' | 'contrast' {
  if (theme !== 'system') return theme;
  if (system.isDark) return 'dark';
  return system.isContrast ? 'contrast' : 'light';
}

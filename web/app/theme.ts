/** Light, dark, high contrast, or what the system says. Kept on this device; tokens.css does the rest. */
export type Theme = 'system' | 'light' | 'dark' | 'contrast';
const STORAGE_KEY = 'taller.theme';

export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'light' || stored === 'dark' || stored === 'contrast' ? stored : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  localStorage.setItem(STORAGE_KEY, theme);
}

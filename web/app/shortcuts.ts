/**
 * Keys that work on every page: `?` shows all of them, F2 begins a reception. A letter alone can be switched off, for who
 * speaks to the computer or types by touch (WCAG 2.1.4); in a field it is a letter.
 */
const KEY = 'taller.single-keys';

export function hasSingleKeys(storage: Storage = localStorage): boolean {
  return storage.getItem(KEY) !== 'off';
}

export function setSingleKeys(on: boolean, storage: Storage = localStorage): void {
  if (on) storage.removeItem(KEY);
  else storage.setItem(KEY, 'off');
}

export type ShortcutAction = 'show-keys' | 'new-reception';

/** What a key asks for, or undefined when it is somebody else's. */
export function shortcutOf(
  event: KeyboardEvent,
  storage: Storage = localStorage,
): ShortcutAction | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key === 'F2' && !event.shiftKey) return 'new-reception';
  if (event.key === '?' && hasSingleKeys(storage) && !isTyping(event)) return 'show-keys';
  return undefined;
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  const { isContentEditable, localName } = (target ?? {}) as Partial<HTMLElement>;
  return isContentEditable === true || ['input', 'textarea', 'select'].includes(localName ?? '');
}

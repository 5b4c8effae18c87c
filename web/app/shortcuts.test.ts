import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { setSingleKeys, shortcutOf } from './shortcuts.ts';

test('[KEY-2] a letter alone can be switched off, F2 stays', () => {
  const storage = fakeStorage();
  assert.is(shortcutOf(key('?'), storage), 'show-keys');

  setSingleKeys(false, storage);

  assert.is(shortcutOf(key('?'), storage), undefined);
  assert.is(shortcutOf(key('F2'), storage), 'new-reception');
});

test('[KEY-2] with Ctrl, Alt or ⌘ a key is the browser’s', () => {
  for (const held of ['ctrlKey', 'altKey', 'metaKey']) {
    assert.is(shortcutOf(key('?', { [held]: true }), fakeStorage()), undefined, held);
    assert.is(shortcutOf(key('F2', { [held]: true }), fakeStorage()), undefined, held);
  }
});

test('[KEY-2] in a field it is a letter', () => {
  for (const localName of ['input', 'textarea', 'select']) {
    const target = { localName } as unknown as EventTarget;
    assert.is(shortcutOf(key('?', { composedPath: () => [target] }), fakeStorage()), undefined, localName);
  }
});

test.run();

function key(name: string, more: Partial<KeyboardEvent> = {}): KeyboardEvent {
  return { key: name, composedPath: () => [], ...more } as unknown as KeyboardEvent;
}

function fakeStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  } as unknown as Storage;
}

/**
 * Web Awesome's fields, with their icons from our own origin: its default fetches them from a CDN, which the CSP forbids.
 * For the pages that show a field at once; dialogs and menus are in overlay-controls.ts, which the first page need not wait
 * for. These two files are all of Web Awesome that is in the bundle.
 */
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import '@awesome.me/webawesome/dist/translations/es.js';

// With the elements, because every page that draws one needs it: a sprite that the service worker keeps.
for (const name of ['system', 'default']) {
  registerIconLibrary(name, {
    resolver: (icon) => `/icons/system.svg#${icon}`,
    spriteSheet: true,
  });
}

/**
 * The generic controls that are used, and their icons from our own origin: Web Awesome's default fetches them from
 * a CDN, which the CSP forbids. Import what a page needs here, so that one place shows what is in the bundle.
 */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import '@awesome.me/webawesome/dist/components/textarea/textarea.js';
import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import '@awesome.me/webawesome/dist/translations/es.js';

/** A sprite that the service worker keeps: `public/icons/system.svg`. */
export function registerIcons(): void {
  for (const name of ['system', 'default']) {
    registerIconLibrary(name, {
      resolver: (icon) => `/icons/system.svg#${icon}`,
      spriteSheet: true,
    });
  }
}

/**
 * Web Awesome's dialog and menu. Loaded by main.ts once the first page stands: an element that is opened before is hidden
 * until then (shared.ts), and opens by itself.
 */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import './field-controls.ts';

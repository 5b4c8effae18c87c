/** Somebody without a pointer: goes from place to place with Tab, by the names that a screen reader would say. */
import type { Page } from 'playwright-core';

/** More places than any page has on the way to what is looked for. */
const MAX_TABS = 120;
/** A page may still be waiting for its rows. */
const PATIENCE_MS = 30_000;

/** Presses Tab until the focus is on something of this name. Throws with the names that it passed last. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (passed.length < MAX_TABS || performance.now() < deadlineMs) {
    await page.keyboard.press('Tab');
    const focused = await focusedName(page);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    passed.push(focused);
  }
  throw new Error(`Tab came to no ${name}, but to ${passed.slice(-MAX_TABS).join(' | ')}`);
}

/** Goes there and types, instead of what stands there. */
export async function typeInto(page: Page, name: string | RegExp, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

/** Goes there and presses it. */
export async function press(page: Page, name: string | RegExp, key = 'Enter'): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element) return '';
    const { labels } = element as HTMLInputElement;
    const text = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent ?? '';
    return text.replace(/\s+/g, ' ').trim();
  });
}

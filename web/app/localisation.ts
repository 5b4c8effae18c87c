/**
 * The language of the page. Spanish is what the source says; English is a dictionary from Spanish to English
 * (locales/en.ts), loaded when asked for. `.tools` checks that no text is missing there.
 */
import { configureLocalization, type StrResult } from '@lit/localize';
import { generateMsgId } from '@lit/localize/internal/id-generation.js';

export type Locale = 'es' | 'en';
const STORAGE_KEY = 'taller.locale';

const localization = configureLocalization({
  sourceLocale: 'es',
  targetLocales: ['en'],
  loadLocale: async () => ({ templates: templatesOf((await import('./locales/en.ts')).english) }),
});

export function locale(): Locale {
  return localization.getLocale() as Locale;
}

/** Changes the language of every element and of the document, and remembers it on this device. */
export async function setLocale(next: Locale): Promise<void> {
  await localization.setLocale(next);
  document.documentElement.lang = next;
  localStorage.setItem(STORAGE_KEY, next);
}

/** The language chosen on this device, else the browser's, else Spanish. */
export function preferredLocale(): Locale {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (stored === 'es' || stored === 'en') return stored;
  return navigator.language.startsWith('en') ? 'en' : 'es';
}

/**
 * `{ 'Pendientes: {0}': 'Pending: {0}' }` as @lit/localize wants it: by the id of the source's pieces, with the
 * places of the values as numbers.
 */
export function templatesOf(
  dictionary: Readonly<Record<string, string>>,
): Record<string, string | StrResult> {
  const templates: Record<string, string | StrResult> = {};
  for (const [source, target] of Object.entries(dictionary)) {
    const id = generateMsgId(pieces(source).strings, false);
    const { strings, values } = pieces(target);
    templates[id] =
      values.length === 0
        ? target
        : ({ strTag: true, strings: asTemplateStrings(strings), values } as unknown as StrResult);
  }
  return templates;
}

/** 'a {0} b' -> { strings: ['a ', ' b'], values: [0] }. */
function pieces(text: string): { readonly strings: string[]; readonly values: number[] } {
  const strings: string[] = [];
  const values: number[] = [];
  for (const [index, part] of text.split(/\{(\d)\}/).entries()) {
    if (index % 2 === 0) strings.push(part);
    else values.push(Number(part));
  }
  return { strings, values };
}

function asTemplateStrings(strings: string[]): TemplateStringsArray {
  return Object.assign(strings, { raw: strings });
}

/**
 * Every text of the page in both languages: what the source says inside `msg(…)` against the keys of the English
 * dictionary (web/app/locales/en.ts), both ways. A value inside a text counts as `{0}`, `{1}`, as it does there.
 */
import type { SourceFile } from './check.ts';

const DICTIONARY = 'web/app/locales/en.ts';

export function translationFindings(files: readonly SourceFile[]): string[] {
  const dictionary = files.find(({ path }) => path === DICTIONARY);
  const translated = new Map(dictionary ? dictionaryOf(dictionary.text) : []);
  const used = new Map<string, string>();
  const findings: string[] = [];
  for (const { path, text } of files) {
    if (!path.startsWith('web/') || path.endsWith('.test.ts') || path.startsWith('web/e2e/')) continue;
    for (const source of messagesOf(text)) {
      if (source === undefined) findings.push(`${path}: msg() takes a literal or str\`…\`, nothing else`);
      else used.set(source, path);
    }
  }
  for (const [source, path] of used) {
    const english = translated.get(source);
    if (english === undefined) findings.push(`${path}: "${source}" is not in ${DICTIONARY}`);
    else if (placesOf(english) !== placesOf(source))
      findings.push(`${DICTIONARY}: "${source}" and its translation differ in their {n}`);
  }
  for (const source of translated.keys()) {
    if (!used.has(source)) findings.push(`${DICTIONARY}: "${source}" is in no msg()`);
  }
  return findings;
}

const placesOf = (text: string): string => [...text.matchAll(/\{\d\}/g)].map(String).sort().join();

/** The texts given to `msg(`; undefined for a call whose text is not a literal. */
function messagesOf(code: string): (string | undefined)[] {
  return [...code.matchAll(/(?<![\w.#])msg\(\s*(str)?\s*(['"`])?/g)].map((match) => {
    const quote = match[2];
    if (quote === undefined) return undefined;
    return readLiteral(code, match.index + match[0].length, quote)?.text;
  });
}

function dictionaryOf(code: string): [string, string][] {
  const entries: [string, string][] = [];
  // A key needs no quotes when it is one word.
  const key = /(?:^|[{,])\s*(?:([\p{L}_$][\p{L}\d_$]*)|(['"]))/gmu;
  const start = code.indexOf('{', code.indexOf('='));
  key.lastIndex = start;
  for (let match = key.exec(code); match; match = key.exec(code)) {
    const name = match[2] === undefined ? undefined : readLiteral(code, key.lastIndex, match[2]);
    const after = name?.end ?? key.lastIndex;
    const value = /^\s*:\s*(['"`])/.exec(code.slice(after, after + 200));
    if (!value) continue;
    const text = readLiteral(code, after + value[0].length, value[1] ?? '');
    if (!text) break;
    entries.push([name?.text ?? match[1] ?? '', text.text]);
    key.lastIndex = text.end;
  }
  return entries;
}

/** From behind the opening quote: the text with `${…}` as {0}, {1} …, and the place behind the closing quote. */
function readLiteral(code: string, from: number, quote: string): { text: string; end: number } | undefined {
  let text = '';
  let values = 0;
  for (let at = from; at < code.length; at++) {
    const letter = code[at] ?? '';
    if (letter === quote) return { text, end: at + 1 };
    if (letter === '\\') {
      text += code[++at] === 'n' ? '\n' : (code[at] ?? '');
    } else if (quote === '`' && letter === '$' && code[at + 1] === '{') {
      at = endOfValue(code, at + 2);
      text += `{${values++}}`;
    } else text += letter;
  }
  return undefined;
}

function endOfValue(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '{') depth++;
    if (code[at] === '}' && --depth === 0) return at;
  }
  return code.length;
}

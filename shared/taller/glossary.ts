/**
 * The words of the country. Texts are written in the Spanish of Spain; where the setting `glossary` names another
 * country, its words replace them when a text is shown, with the article where the gender changes.
 */

interface Word {
  /** Singular and plural. */
  readonly forms: readonly [string, string];
  readonly gender: 'm' | 'f';
}

const word = (gender: 'm' | 'f', singular: string, plural: string): Word => ({
  forms: [singular, plural],
  gender,
});

/** Word of Spain, word of Mexico. */
const MEXICAN: readonly (readonly [Word, Word])[] = [
  [word('f', 'matrícula', 'matrículas'), word('f', 'placa', 'placas')],
  [word('m', 'presupuesto', 'presupuestos'), word('f', 'cotización', 'cotizaciones')],
  [word('f', 'factura', 'facturas'), word('f', 'nota', 'notas')],
  [word('m', 'repuesto', 'repuestos'), word('f', 'refacción', 'refacciones')],
  [word('m', 'recambio', 'recambios'), word('f', 'refacción', 'refacciones')],
  [word('m', 'neumático', 'neumáticos'), word('f', 'llanta', 'llantas')],
  [word('m', 'coche', 'coches'), word('m', 'auto', 'autos')],
  [word('m', 'móvil', 'móviles'), word('m', 'celular', 'celulares')],
  [word('m', 'ordenador', 'ordenadores'), word('f', 'computadora', 'computadoras')],
];

/** Masculine and feminine of what stands before a word: singular forms, then plural ones. */
const BEFORE: readonly (readonly (readonly [m: string, f: string])[])[] = [
  [
    ['del', 'de la'],
    ['al', 'a la'],
    ['el', 'la'],
    ['un', 'una'],
    ['este', 'esta'],
    ['nuevo', 'nueva'],
    ['ningún', 'ninguna'],
  ],
  [
    ['los', 'las'],
    ['unos', 'unas'],
    ['estos', 'estas'],
    ['nuevos', 'nuevas'],
  ],
];

/** `inWordsOf('es-MX', 'Enviar el presupuesto')` -> `Enviar la cotización`. Capitals stay where they were. */
export function inWordsOf(glossary: string, text: string): string {
  if (glossary !== 'es-MX') return text;
  return MEXICAN.reduce((done, [from, to]) => replaceWord(done, from, to), text);
}

function replaceWord(text: string, from: Word, to: Word): string {
  let done = text;
  for (const number of [0, 1] as const) {
    if (from.gender !== to.gender) {
      for (const [masculine, feminine] of BEFORE[number] ?? []) {
        const [old, fresh] = from.gender === 'm' ? [masculine, feminine] : [feminine, masculine];
        done = replacePhrase(done, `${old} ${from.forms[number]}`, `${fresh} ${to.forms[number]}`);
      }
    }
    done = replacePhrase(done, from.forms[number], to.forms[number]);
  }
  return done;
}

/** Whole words only; `\b` knows no accents. */
function replacePhrase(text: string, from: string, to: string): string {
  return text.replace(new RegExp(`(?<!\\p{L})${from}(?!\\p{L})`, 'giu'), (found) =>
    found[0] === found[0]?.toUpperCase() ? to[0]?.toUpperCase() + to.slice(1) : to,
  );
}

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_SETTINGS } from '../../shared/taller/settings.ts';
import {
  answerOf,
  type DocumentSource,
  estimateDocument,
  estimateMessage,
  estimateText,
  signedText,
  termsOf,
} from './estimate-document.ts';

test('[EST-1] an estimate says what the law asks for: who, which vehicle, work and parts one by one, dates', () => {
  const text = estimateText(estimateDocument(source()));

  for (const said of [
    'Talleres Espejo S.L.',
    'B50123458',
    'N.º de registro: Z-01234',
    'Ana Núñez',
    '1234 BCD · Seat León',
    '81.250 km',
    'Fecha: 20 nov 2026',
    'Válido hasta: 11 dic 2026',
    'Mano de obra\t1,5 h',
    'Pastillas\t2',
    'Total:',
  ])
    assert.ok(text.includes(said), `${said} in ${text}`);
});

test('[EST-1] the total is the one that was sealed, and the jobs with their tax come to it', () => {
  const { jobs, total, totals } = estimateDocument(source());

  assert.is(plain(total.text), '200,38 €');
  assert.equal(
    jobs.map((job) => plain(job.total)),
    ['189,49 €', '10,89 €'],
  );
  assert.equal(
    totals.map(({ label, text }) => `${label} ${plain(text)}`),
    ['Suma 184,00 €', 'Descuento -18,40 €', 'Base 165,60 €', 'Impuestos 21 % 34,78 €'],
  );
});

test('[EST-1] what is signed names the answer to each job and what the approved ones come to', () => {
  const document = estimateDocument(source());
  const answer = answerOf(
    source(),
    new Map([
      ['brakes', 'approved'],
      ['bulb', 'declined'],
    ]),
  );
  const other = answerOf(
    source(),
    new Map([
      ['brakes', 'approved'],
      ['bulb', 'approved'],
    ]),
  );

  assert.equal(
    answer.jobs.map(({ title, word }) => `${title}: ${word}`),
    ['Frenos: Aprobado', 'Lámpara: Rechazado'],
  );
  assert.is(answer.approvedMinor, 18_949);
  assert.ok(signedText(document, answer).startsWith(estimateText(document)));
  assert.is.not(signedText(document, answer), signedText(document, other));
});

test('[EST-2] options stand in what is shown, signed and sent as options, each with its price', () => {
  const document = estimateDocument(withOptions());
  const text = plain(estimateText(document));

  for (const said of [
    'Frenos: elija una opción\nOpción 1, recomendada: Originales: 189,49 €',
    'Opción 2: Económicas: 98,01 €',
    'Total con lo recomendado: 200,38 €',
    'Según las opciones: 108,90 € a 200,38 €',
  ])
    assert.ok(text.includes(said), `${said} in ${text}`);
  assert.match(
    plain(estimateMessage(document)),
    /elija una opción\nOpción 1, recomendada: Originales: 189,49 €\n/,
  );
});

test('[EST-2] what is signed says which options were shown and which one was taken', () => {
  const options = withOptions();
  const decisions = new Map([
    ['brakes', 'declined'],
    ['cheap', 'approved'],
    ['bulb', 'declined'],
  ] as const);
  const answer = answerOf(options, decisions);

  assert.equal(
    answer.jobs.map(({ title, word }) => `${title}: ${word}`),
    ['Frenos: Originales: Otra opción', 'Frenos: Económicas: Aprobado', 'Lámpara: Rechazado'],
  );
  assert.is(answer.approvedMinor, 9_801);
  const apart = { ...options, lines: options.lines.map((line) => ({ ...line, option_group: '' })) };
  assert.is.not(
    signedText(estimateDocument(options), answer),
    signedText(estimateDocument(apart), answerOf(apart, decisions)),
    'the same jobs, not as options',
  );
});

test('the conditions begin with what the adviser wrote, and say until when', () => {
  const given = { validUntilMs: Date.UTC(2026, 11, 11, 12), locale: 'es' as const };

  assert.match(
    termsOf(DEFAULT_SETTINGS, { ...given, note: ' Pieza reconstruida. ' }),
    /^Pieza reconstruida\.\n\nEste/,
  );
  assert.match(
    termsOf(DEFAULT_SETTINGS, { ...given, note: '' }),
    /^Este presupuesto es válido hasta el 11 dic 2026/,
  );
});

test.run();

/** The brakes in two ways; the first is what the estimate comes to. */
function withOptions(): DocumentSource {
  const one = source();
  const option = (job_id: string, job_title: string) => ({ job_id, job_title, option_group: 'Frenos' });
  const [labour, pads, bulb] = one.lines;
  const lines = [
    { ...labour, ...option('brakes', 'Originales') },
    { ...pads, ...option('brakes', 'Originales') },
    { ...pads, ...option('cheap', 'Económicas'), unit_price_minor: 4_500, total_minor: 9_000 },
    bulb,
  ];
  return { ...one, lines } as DocumentSource;
}

/** Brakes by the hour and with two parts, a bulb; 10 % off everything, as it was sealed. */
function source(): DocumentSource {
  const line = (
    job_id: string,
    job_title: string,
    kind: string,
    description: string,
    qty_milli: number,
    price: number,
  ) => ({
    estimate_id: 'e',
    job_id,
    job_title,
    kind,
    description,
    qty_milli,
    unit_price_minor: price,
    discount_bp: 0,
    tax_rate_bp: 2100,
    total_minor: (qty_milli * price) / 1000,
    option_group: '',
  });
  return {
    locale: 'es',
    settings: {
      ...DEFAULT_SETTINGS,
      legal_name: 'Talleres Espejo S.L.',
      tax_id: 'B50123458',
      registry_no: 'Z-01234',
    },
    order: {
      number: 'OR26-R1-000001',
      plate: '1234 BCD',
      vehicle: 'Seat León',
      vin: '',
      odometer_in: 81_250,
      odometer_unit: 'km',
      promised_at: null,
      customer: 'Ana Núñez',
      tax_id: '',
      address: '',
      phone: '612 34 56 78',
    },
    estimate: {
      id: 'e',
      number: 'P26-R1-000001',
      version: 1,
      sent_at: Date.UTC(2026, 10, 20, 10),
      valid_until: Date.UTC(2026, 11, 11, 12),
      subtotal_minor: 18_400,
      tax_minor: 3_478,
      total_minor: 20_038,
      terms: '',
    },
    lines: [
      line('brakes', 'Frenos', 'labour', 'Mano de obra', 1500, 4_800),
      line('brakes', 'Frenos', 'part', 'Pastillas', 2000, 5_100),
      line('bulb', 'Lámpara', 'part', 'Lámpara H7', 1000, 1_000),
    ],
  } as unknown as DocumentSource;
}

/** Amounts have spaces that do not break. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-');
}

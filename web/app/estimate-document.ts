/**
 * An estimate as what stands on it: what is shown on screen, what a hash is taken of, and what the PDF prints. One
 * function makes it, so the three cannot differ. It says what RD 1457/1986 (article 14) asks for: the workshop with
 * its tax id and registry number, customer, vehicle with its reading, work and parts one by one, dates, validity.
 */
import { msg, str } from '@lit/localize';
import {
  type EstimatedJob,
  estimatedJobs,
  rangeOfJobs,
  totalsOfJobs,
} from '../../shared/taller/estimate-content.ts';
import { lineNetMinor } from '../../shared/taller/money.ts';
import { groupedOptions } from '../../shared/taller/options.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import {
  answerTo,
  decisionMark,
  discountOf,
  type EstimateOrder,
  type SentEstimate,
  type SentLine,
} from './estimates.ts';
import { formatDate, formatMoney, formatNumber, formatQuantity } from './format.ts';
import type { Locale } from './localisation.ts';

/** Version of the legal text under an estimate; a signature names it with its language. */
export const ESTIMATE_TEXT_VERSION = '2026-1';

export interface DocumentLine {
  readonly description: string;
  readonly quantity: string;
  readonly price: string;
  readonly discount: string;
  readonly amount: string;
}

export interface DocumentJob {
  readonly id: string | null;
  readonly title: string;
  /** What it is an option of; empty: it is none. */
  readonly option_group: string;
  /** "Opción 1, recomendada"; empty: it is none. */
  readonly option: string;
  readonly lines: readonly DocumentLine[];
  /** With tax. */
  readonly total: string;
  /** The same in minor units. */
  readonly totalMinor: number;
}

export interface Labelled {
  readonly label: string;
  readonly text: string;
}

export interface EstimateDocument {
  readonly title: string;
  readonly number: string;
  readonly parties: readonly { readonly heading: string; readonly lines: readonly string[] }[];
  readonly columns: DocumentLine;
  readonly jobs: readonly DocumentJob[];
  readonly totals: readonly Labelled[];
  readonly total: Labelled;
  /** What it can come to, where there are options; the total is with those that are recommended. */
  readonly range: Labelled | undefined;
  readonly terms: string;
  /** Over the place for a signature, on paper that nobody has signed yet. */
  readonly acceptance: string;
}

export interface DocumentSource {
  readonly order: EstimateOrder;
  readonly estimate: SentEstimate;
  /** Its own lines, in their order. */
  readonly lines: readonly SentLine[];
  readonly settings: WorkshopSettings;
  readonly locale: Locale;
}

export function jobsOf({
  estimate,
  lines,
}: Pick<DocumentSource, 'estimate' | 'lines'>): readonly EstimatedJob[] {
  return estimatedJobs(lines, discountOf(estimate));
}

export function estimateDocument(source: DocumentSource): EstimateDocument {
  const { estimate, settings, locale } = source;
  const money = (minor: number): string => formatMoney(minor, settings.currency, locale);
  const jobs = jobsOf(source);
  const totals = totalsOfJobs(jobs.filter(({ isCounted }) => isCounted));
  const range = rangeOfJobs(jobs);
  const groups = groupedOptions(jobs);
  return {
    title: msg('Presupuesto'),
    number: msg(str`${estimate.number} · versión ${estimate.version}`),
    parties: parties(source),
    columns: {
      description: msg('Concepto'),
      quantity: msg('Cantidad'),
      price: msg('Precio'),
      discount: msg('Dto.'),
      amount: msg('Importe'),
    },
    jobs: jobs.map((job) => ({
      id: job.id,
      title: job.title,
      option_group: job.option_group,
      option: optionName(job, groups.find((group) => group.includes(job)) ?? []),
      lines: job.lines.map((line) => ({
        description: line.description,
        quantity: `${formatQuantity(line.qty_milli, locale)}${line.kind === 'labour' ? ' h' : ''}`,
        // The price of one unit explains the amount, except where a lump price was shared out.
        price: lineNetMinor(line) === line.total_minor ? money(line.unit_price_minor) : '',
        discount: line.discount_bp === 0 ? '' : `${formatQuantity(line.discount_bp * 10, locale)} %`,
        amount: money(line.total_minor),
      })),
      total: money(job.totals.totalMinor),
      totalMinor: job.totals.totalMinor,
    })),
    totals: [
      ...(totals.discountMinor === 0
        ? []
        : [
            { label: msg('Suma'), text: money(totals.subtotalMinor) },
            { label: msg('Descuento'), text: money(-totals.discountMinor) },
          ]),
      { label: msg('Base'), text: money(totals.netMinor) },
      ...totals.taxes.map(({ rateBp, taxMinor }) => ({
        label: msg(str`Impuestos ${formatQuantity(rateBp * 10, locale)} %`),
        text: money(taxMinor),
      })),
    ],
    total: {
      label: range ? msg('Total con lo recomendado') : msg('Total'),
      text: money(estimate.total_minor),
    },
    range: range && {
      label: msg('Según las opciones'),
      text: msg(str`${money(range.leastMinor)} a ${money(range.mostMinor)}`),
    },
    terms: estimate.terms,
    acceptance: msg('Acepto este presupuesto. Fecha y firma:'),
  };
}

function optionName(job: EstimatedJob, group: readonly EstimatedJob[]): string {
  if (job.option_group === '') return '';
  const place = group.indexOf(job) + 1;
  return job.isCounted ? msg(str`Opción ${place}, recomendada`) : msg(str`Opción ${place}`);
}

/** Over the options of a group. */
export function choiceHeading(group: string): string {
  return msg(str`${group}: elija una opción`);
}

function parties({ order, estimate, settings, locale }: DocumentSource) {
  const date = (ms: number | null): string => (ms === null ? '' : formatDate(ms, locale));
  return [
    {
      heading: msg('Taller'),
      lines: [
        settings.legal_name || settings.trade_name,
        settings.tax_id,
        settings.registry_no === '' ? '' : msg(str`N.º de registro: ${settings.registry_no}`),
        settings.address,
        [settings.phone, settings.email].filter(Boolean).join(' · '),
      ],
    },
    { heading: msg('Cliente'), lines: [order.customer, order.tax_id, order.address, order.phone] },
    {
      heading: msg('Vehículo'),
      lines: [
        [order.plate, order.vehicle].filter(Boolean).join(' · '),
        order.vin === '' ? '' : `VIN ${order.vin}`,
        order.odometer_in === null ? '' : `${formatNumber(order.odometer_in, locale)} ${order.odometer_unit}`,
      ],
    },
    {
      heading: msg('Fechas'),
      lines: [
        msg(str`Fecha: ${date(estimate.sent_at)}`),
        msg(str`Válido hasta: ${date(estimate.valid_until)}`),
        order.promised_at === null ? '' : msg(str`Entrega prevista: ${date(order.promised_at)}`),
        msg(str`Orden: ${order.number}`),
      ],
    },
  ].map(({ heading, lines }) => ({ heading, lines: lines.filter((line) => line.trim() !== '') }));
}

/** The conditions under a new estimate, after what the adviser wrote for the customer. */
export function termsOf(
  settings: WorkshopSettings,
  {
    note,
    validUntilMs,
    locale,
  }: { readonly note: string; readonly validUntilMs: number; readonly locale: Locale },
): string {
  const until = formatDate(validUntilMs, locale);
  const km = formatNumber(settings.warranty_km, locale);
  const terms = msg(
    str`Este presupuesto es válido hasta el ${until}. Ningún trabajo empieza sin su aceptación firmada. Las reparaciones tienen una garantía de ${settings.warranty_days} días o ${km} km, y las piezas son nuevas salvo que se acepte otra cosa por escrito.`,
  );
  return note.trim() === '' ? terms : `${note.trim()}\n\n${terms}`;
}

/** What goes beside the file when it is shared: each job with its price, options as such, and what they come to. */
export function estimateMessage({ title, number, jobs, total, range }: EstimateDocument): string {
  return [
    `${title} ${number}`,
    ...groupedOptions(jobs).map((group) =>
      [
        ...(group[0]?.option_group ? [choiceHeading(group[0].option_group)] : []),
        ...group.map((job) => `${titleOf(job)}: ${job.total}`),
      ].join('\n'),
    ),
    [total, ...(range ? [range] : [])].map(({ label, text }) => `${label}: ${text}`).join('\n'),
  ].join('\n\n');
}

/** The whole estimate as one text: what hashes are taken of. */
export function estimateText(document: EstimateDocument): string {
  const { title, number, jobs, totals, total, range, terms } = document;
  return [
    `${title} ${number}`,
    ...document.parties.map(({ heading, lines }) => [heading, ...lines].join('\n')),
    ...jobs.map((job, index) =>
      [
        ...(job.option_group === '' || job.option_group === jobs[index - 1]?.option_group
          ? []
          : [choiceHeading(job.option_group)]),
        `${titleOf(job)}: ${job.total}`,
        ...job.lines.map(({ description, quantity, price, discount, amount }) =>
          [description, quantity, price, discount, amount].join('\t'),
        ),
      ].join('\n'),
    ),
    [...totals, total, ...(range ? [range] : [])].map(({ label, text }) => `${label}: ${text}`).join('\n'),
    terms,
  ].join('\n\n');
}

/** "Opción 1, recomendada: Con pieza original". */
export function titleOf({ option, title }: Pick<DocumentJob, 'option' | 'title'>): string {
  return option === '' ? title : `${option}: ${title}`;
}

/** What was answered, job by job, and what the approved ones come to. */
export interface Answer {
  readonly jobs: readonly { readonly title: string; readonly word: string; readonly total: string }[];
  readonly approved: Labelled;
  readonly approvedMinor: number;
}

export function answerOf(
  source: DocumentSource,
  decisions: ReadonlyMap<string, Approval['decision']>,
): Answer {
  const { settings, locale } = source;
  const money = (minor: number): string => formatMoney(minor, settings.currency, locale);
  const jobs = jobsOf(source);
  const decisionOn = ({ id }: EstimatedJob) => decisions.get(id ?? '');
  const approvedMinor = totalsOfJobs(jobs.filter((job) => decisionOn(job) === 'approved')).totalMinor;
  return {
    jobs: jobs.map((job) => ({
      title: job.option_group === '' ? job.title : `${job.option_group}: ${job.title}`,
      word: decisionMark(answerTo(job, jobs, decisions))[1],
      total: money(job.totals.totalMinor),
    })),
    approved: { label: msg('Total aprobado'), text: money(approvedMinor) },
    approvedMinor,
  };
}

/** What a customer signs: the estimate as it was shown, and the answer to each job of it. */
export function signedText(document: EstimateDocument, answer: Answer): string {
  return [
    estimateText(document),
    ...answer.jobs.map(({ title, word }) => `${title}: ${word}`),
    `${answer.approved.label}: ${answer.approved.text}`,
  ].join('\n');
}

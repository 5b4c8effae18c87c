/** An order of the demo workshop is priced: causes, lines, the estimate that is sent, what the customer says to it. */
import { estimateContent } from '../estimate-content.ts';
import { estimateValidUntil } from '../estimates.ts';
import { decideEstimate, sendEstimate } from '../flows/estimate-flow.ts';
import { addJob, addLine, updateJob } from '../flows/order-flow.ts';
import { type Statement, statements, update } from '../flows/statement.ts';
import { documentTotals } from '../money.ts';
import { DEFAULT_CALENDAR, dateOfMs } from '../working-days.ts';
import { DEMO_ITEMS } from './jobs-data.ts';
import { fakeHash, type OrderScript, type ScriptJob, type ScriptOption } from './order-script.ts';
import { DEMO_DEVICES } from './people-data.ts';
import { randomFrom } from './random.ts';
import { actorAt } from './script.ts';

const COMPANY_DISCOUNT_BP = 1000;
const SECOND_DISCOUNT_BP = 500;

/** Of the estimates of open orders, how many are sent a second time with a discount. */
const SECOND_VERSIONS = 0.3;

/** The job itself is the first and recommended option. */
const FIRST_OPTION = 'Con pieza original';
const OTHER_OPTIONS = [
  { title: 'Con pieza de marca equivalente', priceShare: 0.7 },
  { title: 'Con pieza reforzada', priceShare: 1.35 },
] as const;

export function estimate(script: OrderScript): void {
  script.step(script.hours(1, 4), script.technician, 'wo.cause', () =>
    script.jobs.flatMap(({ id, job }) => updateJob(id, { cause: job.cause })),
  );
  script.step(script.hours(0.5, 2), 'recepcion', 'estimate.send', (atMs) => {
    const actor = script.actor('recepcion', atMs);
    const lines = script.jobs.flatMap((entry) => linesOf(script, entry));
    const added = lines.flatMap(({ entry, ...line }) => {
      const made = addLine(actor, script.orderId, line);
      if (line.kind === 'part')
        entry.partLines.push({ id: made.id, sku: line.sku ?? '', qtyMilli: line.qty_milli });
      return made.statements;
    });
    const offered = script.order.offersOptions ? offerOptions(script, atMs) : [];
    return [...added, ...offered, ...send(script, atMs, 1)];
  });
  if (script.order.isBrief || !script.random.chance(SECOND_VERSIONS)) return;
  script.step(script.hours(0.5, 3), 'recepcion', 'estimate.send', (atMs) => [
    ...statements(update('work_orders', script.orderId, { discount_bp: SECOND_DISCOUNT_BP })),
    ...send(script, atMs, 2),
  ]);
}

/** The first job becomes one option of its kind, beside copies of it with other parts. */
function offerOptions(script: OrderScript, atMs: number): Statement[] {
  const [first] = script.jobs;
  if (!first) return [];
  // A chance of its own: what others draw stays as it was.
  const actor = actorAt(randomFrom(atMs), 'recepcion', DEMO_DEVICES[0].id, atMs);
  script.options = OTHER_OPTIONS.map((option) => ({ ...option, id: '' }));
  return [
    ...updateJob(first.id, { title: FIRST_OPTION, option_group: first.job.es }),
    ...script.options.flatMap((option, index) => {
      const { job } = first;
      const cells = {
        title: option.title,
        concern: job.concern,
        cause: job.cause,
        option_group: job.es,
        sort: script.jobs.length + index + 1,
      };
      const added = addJob(actor, script.orderId, { ...cells, technician_id: script.technician });
      option.id = added.id;
      return [
        ...added.statements,
        ...optionLines(script, first, option).flatMap(
          ({ entry: _, ...line }) => addLine(actor, script.orderId, line).statements,
        ),
      ];
    }),
  ];
}

function optionLines(script: OrderScript, first: ScriptJob, { id, priceShare }: ScriptOption) {
  return linesOf(script, { ...first, id }).map((line) => ({
    ...line,
    unit_price_minor:
      line.kind === 'part' ? Math.round(line.unit_price_minor * priceShare) : line.unit_price_minor,
  }));
}

/** What is proposed, with the options beside the first job. */
function proposed(script: OrderScript) {
  const { options } = script;
  return script.jobs.flatMap((entry, index) => {
    const offers = index === 0 && options.length > 0;
    const option_group = offers ? entry.job.es : '';
    const { id, job, approved } = entry;
    const own = {
      id,
      title: offers ? FIRST_OPTION : job.es,
      option_group,
      approved,
      lines: linesOf(script, entry),
    };
    const others = (offers ? options : []).map((option) => ({
      id: option.id,
      title: option.title,
      option_group,
      approved: false,
      lines: optionLines(script, entry, option),
    }));
    return [own, ...others];
  });
}

/** A version over all jobs of the order; the second one with a discount. */
function send(script: OrderScript, atMs: number, version: 1 | 2): Statement[] {
  const { vehicle } = script.order;
  const jobs = proposed(script).map((job) => ({ ...job, lump_price_minor: null }));
  const lines = jobs.flatMap((job) => job.lines);
  const { lines: copies, totals } = estimateContent(jobs, lines, {
    discount: { discount_bp: version === 2 ? SECOND_DISCOUNT_BP : 0, discount_minor: 0 },
    defaultTaxBp: script.catalog.taxRateBp,
  });
  const validUntilMs = estimateValidUntil(atMs, 15, DEFAULT_CALENDAR);
  const sent = sendEstimate(
    script.actor('recepcion', atMs),
    {
      work_order_id: script.orderId,
      customer_id: vehicle.ownerId,
      vehicle_id: vehicle.id,
      version,
      ...(version === 2 ? { supersedes_id: script.estimateId } : {}),
      valid_until: validUntilMs,
      sent_via: script.random.pick(['whatsapp', 'in_person', 'email']),
      subtotal_minor: totals.subtotalMinor,
      tax_minor: totals.taxMinor,
      total_minor: totals.totalMinor,
      terms: `Este presupuesto es válido hasta el ${dateOfMs(validUntilMs, DEFAULT_CALENDAR.timeZone).split('-').reverse().join('/')}. Garantía: 3 meses o 2.000 km.`,
      doc_hash: fakeHash(script.random),
      lines: copies,
    },
    script.series('estimate', atMs),
  );
  script.estimateId = sent.id;
  return sent.statements;
}

function linesOf(script: OrderScript, entry: ScriptJob) {
  const { taxRateId, taxRateBp, labourMinorH, itemIdBySku } = script.catalog;
  const common = {
    entry,
    job_id: entry.id,
    discount_bp: 0,
    tax_rate_id: taxRateId,
    tax_rate_bp: taxRateBp,
  };
  const labour = {
    ...common,
    kind: 'labour' as const,
    // Companies have an agreement about labour.
    discount_bp: / S\./.test(script.order.vehicle.ownerName) ? COMPANY_DISCOUNT_BP : 0,
    description: `Mano de obra: ${entry.job.es.toLowerCase()}`,
    sku: '',
    qty_milli: Math.round((entry.job.minutes * 1000) / 60),
    unit: 'h',
    unit_price_minor: labourMinorH,
    billed_minutes: entry.job.minutes,
    technician_id: script.technician,
    sort: 1,
  };
  const parts = entry.job.parts.map(([sku, qty_milli], index) => {
    const item = DEMO_ITEMS.find((candidate) => candidate.sku === sku);
    return {
      ...common,
      kind: 'part' as const,
      description: item?.es ?? sku,
      sku,
      item_id: itemIdBySku.get(sku) ?? null,
      qty_milli,
      unit: item?.unit ?? 'ud',
      unit_price_minor: item?.priceMinor ?? 0,
      unit_cost_minor: item?.costMinor ?? 0,
      part_state: 'needed' as const,
      sort: index + 2,
    };
  });
  return [labour, ...parts];
}

export function approve(script: OrderScript): void {
  const { vehicle } = script.order;
  script.step(script.hours(1, 7), 'recepcion', 'estimate.decide', (atMs) => {
    const channel = script.random.pick(['phone', 'whatsapp', 'in_person'] as const);
    return decideEstimate(
      script.actor('recepcion', atMs),
      { id: script.estimateId, work_order_id: script.orderId, vehicle_id: vehicle.id },
      proposed(script).map(({ id, title, option_group, approved, lines }) => ({
        id,
        title,
        option_group,
        decision: {
          decision: approved ? 'approved' : 'declined',
          amount_minor: documentTotals(lines).totalMinor,
          by_name: vehicle.ownerName,
          channel,
          note: approved || option_group !== '' ? '' : 'De momento no',
        },
      })),
      channel === 'in_person'
        ? {
            signature: {
              signer_name: vehicle.ownerName,
              method: 'typed',
              doc_hash: fakeHash(script.random),
              accepted_text_version: 'es-2026-1',
            },
          }
        : {},
    );
  });
}

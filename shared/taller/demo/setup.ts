/** The first commits of the demo workspace: how the workshop is set up, what it sells, what is on the shelves. */
import { insert, type Statement } from '../flows/statement.ts';
import { starterStatements } from '../starter.ts';
import { DEMO_ITEMS, DEMO_JOBS, DEMO_TEMPLATE, SECTIONS_IN_ENGLISH } from './jobs-data.ts';
import { DEMO_ACCOUNTS, DEMO_DEVICES, DEMO_PIN_HASH } from './people-data.ts';
import type { Random } from './random.ts';
import { type DemoCommit, WorkingHours } from './script.ts';

/** What later parts of the script refer to. */
export interface DemoCatalog {
  readonly hours: WorkingHours;
  readonly taxRateId: string;
  readonly taxRateBp: number;
  readonly labourMinorH: number;
  readonly locationId: string;
  readonly templateId: string;
  readonly templateItems: readonly { readonly id: string; readonly index: number }[];
  readonly itemIdBySku: ReadonlyMap<string, string>;
  readonly cannedJobIdByCode: ReadonlyMap<string, string>;
}

const TAX_BP = 2100;
const LABOUR_MINOR_H = 4800;

export function setupCommits(random: Random, atMs: number): { commits: DemoCommit[]; catalog: DemoCatalog } {
  const by = { atMs, user: 'admin', device: DEMO_DEVICES[2].id };
  const { statements, catalog } = catalogRows(random, atMs);
  return {
    commits: [
      { ...by, label: 'setup.workshop', statements: adminRows(atMs) },
      { ...by, label: 'setup.catalog', statements },
      { ...by, label: 'setup.stock', statements: openingStock(random, atMs, catalog) },
    ],
    catalog,
  };
}

function adminRows(atMs: number): Statement[] {
  const year = new Date(atMs).getUTCFullYear();
  return [
    ...starterStatements(),
    ...DEMO_ACCOUNTS.map((account) =>
      insert('users', account.name, {
        display_name: account.displayName,
        email: `${account.name}@taller.example`,
        role_id: account.role,
        is_technician: account.isTechnician ? 1 : 0,
        labour_cost_minor_h: account.isTechnician ? 2100 : 0,
        skills_json: JSON.stringify(account.skills),
        color: account.color,
        pin_hash: DEMO_PIN_HASH.hash,
        pin_salt: DEMO_PIN_HASH.salt,
      }),
    ),
    ...DEMO_DEVICES.map((device) =>
      insert('devices', device.id, {
        name: device.name,
        kind: device.kind,
        series_code: device.seriesCode,
        registered_by: 'admin',
        storage_persisted: 1,
      }),
    ),
    ...DEMO_DEVICES.flatMap((device) =>
      [
        ['work_order', 'OR'],
        ['reception', 'RD'],
        ['estimate', 'P'],
      ].flatMap(([docType, prefix]) =>
        [year, year + 1].map((seriesYear) =>
          insert('document_series', `${docType}:${seriesYear}:${device.id}`, {
            doc_type: docType,
            prefix,
            year: seriesYear,
            device_id: device.id,
            country_rule: 'ES',
          }),
        ),
      ),
    ),
    ...workshopSettings(),
  ];
}

function workshopSettings(): Statement[] {
  const values = {
    legal_name: 'Talleres Espejo S.L.',
    trade_name: 'Taller Espejo',
    tax_id: 'B50123458',
    registry_no: 'Z-01234',
    address: 'Calle de la Fragua 14, 50014 Zaragoza',
    phone: '+34 976 000 123',
    email: 'hola@taller.example',
    estimate_validity_workdays: 15,
    storage_fee_minor_day: 800,
    holidays: ['2026-10-13', '2026-12-07', '2027-01-29'],
  };
  return Object.entries(values).map(([key, value]) =>
    insert('settings', `workshop:${key}`, { key, value_json: JSON.stringify(value), scope: 'workshop' }),
  );
}

const CATEGORY_NAMES: Readonly<Record<string, readonly [es: string, en: string]>> = {
  lubricantes: ['Lubricantes y líquidos', 'Oils and fluids'],
  filtros: ['Filtros', 'Filters'],
  frenos: ['Frenos', 'Brakes'],
  neumaticos: ['Neumáticos', 'Tyres'],
  electricidad: ['Electricidad', 'Electrics'],
  motor: ['Motor', 'Engine'],
  transmision: ['Transmisión', 'Transmission'],
  suspension: ['Suspensión y dirección', 'Suspension and steering'],
  carroceria: ['Carrocería', 'Body'],
  climatizacion: ['Climatización', 'Air conditioning'],
  consumibles: ['Consumibles', 'Consumables'],
};

function catalogRows(random: Random, atMs: number): { statements: Statement[]; catalog: DemoCatalog } {
  const id = (): string => random.newId(atMs);
  const [taxRateId, labourRateId, locationId, supplierId, templateId] = [id(), id(), id(), id(), id()];
  const itemIdBySku = new Map(DEMO_ITEMS.map(({ sku }) => [sku, id()]));
  const cannedJobIdByCode = new Map(DEMO_JOBS.map(({ code }) => [code, id()]));
  const templateItems = DEMO_TEMPLATE.map((_, index) => ({ id: id(), index }));
  const statements = [
    insert('tax_rates', taxRateId, {
      name: 'IVA general',
      code: 'IVA21',
      rate_bp: TAX_BP,
      kind: 'vat',
      is_default: 1,
    }),
    insert('tax_rates', id(), { name: 'IVA reducido', code: 'IVA10', rate_bp: 1000, kind: 'vat' }),
    insert('tax_rates', id(), { name: 'Exento', code: 'EX', rate_bp: 0, kind: 'exempt' }),
    insert('labour_rates', labourRateId, {
      name: 'Mecánica general',
      amount_minor_h: LABOUR_MINOR_H,
      tax_rate_id: taxRateId,
    }),
    insert('labour_rates', id(), {
      name: 'Diagnosis y electrónica',
      amount_minor_h: 5600,
      tax_rate_id: taxRateId,
    }),
    insert('stock_locations', locationId, { name: 'Almacén', kind: 'shelf' }),
    insert('stock_locations', id(), { name: 'Furgoneta de asistencia', kind: 'van' }),
    insert('suppliers', supplierId, {
      name: 'Recambios del Ebro S.A.',
      tax_id: 'A50987652',
      phone: '+34 976 000 456',
      email: 'pedidos@recambios.example',
      terms_days: 30,
      lead_days: 1,
    }),
    ...Object.entries(CATEGORY_NAMES).map(([key, [name_es, name_en]], index) =>
      insert('categories', `item:${key}`, { kind: 'item', name_es, name_en, sort: index + 1 }),
    ),
    ...DEMO_ITEMS.flatMap((item, index) => [
      insert('items', itemIdBySku.get(item.sku) ?? id(), {
        sku: item.sku,
        name_es: item.es,
        name_en: item.en,
        kind: item.kind,
        category_id: `item:${item.category}`,
        brand: item.brand,
        unit: item.unit,
        qty_decimals: item.unit === 'ud' ? 0 : 1,
        price_minor: item.priceMinor,
        last_cost_minor: item.costMinor,
        tax_rate_id: taxRateId,
        min_milli: item.min * 1000,
        max_milli: item.min * 3000,
        reorder_milli: item.min * 2000,
        supplier_id: supplierId,
        location_id: locationId,
        bin: item.bin,
        tracked: item.stock > 0 ? 1 : 0,
      }),
      insert('item_barcodes', id(), {
        item_id: itemIdBySku.get(item.sku) ?? '',
        code: ean13(8_410_000_000_00 + index),
      }),
    ]),
    ...DEMO_JOBS.flatMap((job) => {
      const jobId = cannedJobIdByCode.get(job.code) ?? id();
      return [
        insert('canned_jobs', jobId, {
          code: job.code,
          name_es: job.es,
          name_en: job.en,
          est_minutes: job.minutes,
        }),
        insert('canned_job_lines', id(), {
          canned_job_id: jobId,
          kind: 'labour',
          description: `Mano de obra: ${job.es.toLowerCase()}`,
          qty_milli: Math.round((job.minutes * 1000) / 60),
          minutes: job.minutes,
          sort: 1,
        }),
        ...job.parts.map(([sku, qty_milli], index) =>
          insert('canned_job_lines', id(), {
            canned_job_id: jobId,
            kind: 'part',
            item_id: itemIdBySku.get(sku),
            description: DEMO_ITEMS.find((item) => item.sku === sku)?.es ?? sku,
            qty_milli,
            sort: index + 2,
          }),
        ),
      ];
    }),
    insert('inspection_templates', templateId, {
      name_es: 'Inspección general',
      name_en: 'General inspection',
    }),
    ...DEMO_TEMPLATE.map((point, index) =>
      insert('inspection_template_items', templateItems[index]?.id ?? id(), {
        template_id: templateId,
        section: point.section,
        section_en: SECTIONS_IN_ENGLISH[point.section] ?? '',
        label_es: point.es,
        label_en: point.en,
        kind: point.kind,
        unit: point.unit,
        warn_below: point.warnBelow,
        fail_below: point.failBelow,
        canned_job_id: point.job === null ? null : cannedJobIdByCode.get(point.job),
        sort: index + 1,
      }),
    ),
  ];
  return {
    statements,
    catalog: {
      hours: new WorkingHours(),
      taxRateId,
      taxRateBp: TAX_BP,
      labourMinorH: LABOUR_MINOR_H,
      locationId,
      templateId,
      templateItems,
      itemIdBySku,
      cannedJobIdByCode,
    },
  };
}

function openingStock(random: Random, atMs: number, catalog: DemoCatalog): Statement[] {
  return DEMO_ITEMS.filter((item) => item.stock > 0).map((item) =>
    insert('stock_movements', random.newId(atMs), {
      at: atMs,
      item_id: catalog.itemIdBySku.get(item.sku),
      location_id: catalog.locationId,
      qty_milli: item.stock * 1000,
      unit_cost_minor: item.costMinor,
      kind: 'initial',
      note: 'Existencias iniciales',
    }),
  );
}

/** Twelve digits with their check digit. */
function ean13(twelveDigits: number): string {
  const digits = String(twelveDigits).padStart(12, '0');
  const sum = [...digits].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return digits + String((10 - (sum % 10)) % 10);
}

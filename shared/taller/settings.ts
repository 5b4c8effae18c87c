/** The settings of the workshop, typed, with what holds until someone sets them. Changes apply to new documents only [TALLER-28]. */

import { MIN_VALIDITY_WORKDAYS } from './estimates.ts';
import { DEFAULT_RECEPTION_POLICY, RECEPTION_DEMANDS, type ReceptionDemand } from './reception.ts';
import type { Setting } from './tables/admin.ts';

export interface WorkshopSettings {
  readonly legal_name: string;
  readonly trade_name: string;
  readonly tax_id: string;
  readonly registry_no: string;
  readonly address: string;
  readonly phone: string;
  readonly email: string;
  readonly logo_sha: string;
  readonly country: string;
  readonly currency: string;
  /** Decimals of the currency. */
  readonly exponent: number;
  readonly locale: string;
  readonly tz: string;
  readonly prices_include_tax: boolean;
  readonly stock_policy: 'block' | 'warn' | 'allow';
  readonly warranty_days: number;
  readonly warranty_km: number;
  readonly estimate_validity_workdays: number;
  readonly storage_fee_minor_day: number;
  readonly storage_grace_workdays: number;
  readonly idle_lock_min: number;
  readonly odometer_unit: 'km' | 'mi';
  /** Words of the country: `es-ES` or `es-MX`. */
  readonly glossary: string;
  /** Days off beside the national ones, ISO dates. */
  readonly holidays: readonly string[];
  readonly reception_photos_required: number;
  readonly reception_waived: readonly ReceptionDemand[];
  /** Entries of the belongings checklist. */
  readonly reception_checklist: readonly { readonly key: string; readonly es: string; readonly en: string }[];
  /** Concerns offered as chips. */
  readonly concern_chips: readonly { readonly es: string; readonly en: string }[];
  /** Work up to this total needs no approval; 0: all work does. */
  readonly tolerated_minor: number;
}

export const DEFAULT_SETTINGS: WorkshopSettings = {
  legal_name: '',
  trade_name: '',
  tax_id: '',
  registry_no: '',
  address: '',
  phone: '',
  email: '',
  logo_sha: '',
  country: 'ES',
  currency: 'EUR',
  exponent: 2,
  locale: 'es-ES',
  tz: 'Europe/Madrid',
  prices_include_tax: false,
  stock_policy: 'warn',
  warranty_days: 90,
  warranty_km: 2000,
  estimate_validity_workdays: MIN_VALIDITY_WORKDAYS,
  storage_fee_minor_day: 0,
  storage_grace_workdays: 3,
  idle_lock_min: 15,
  odometer_unit: 'km',
  glossary: 'es-ES',
  holidays: [],
  reception_photos_required: DEFAULT_RECEPTION_POLICY.photosRequired,
  reception_waived: [],
  reception_checklist: [
    { key: 'documentacion', es: 'Documentación del vehículo', en: 'Vehicle papers' },
    { key: 'rueda_repuesto', es: 'Rueda de repuesto o kit', en: 'Spare wheel or kit' },
    { key: 'gato', es: 'Gato y herramientas', en: 'Jack and tools' },
    { key: 'triangulos', es: 'Triángulos o luz V16', en: 'Warning triangles or V16 light' },
    { key: 'chaleco', es: 'Chaleco reflectante', en: 'High-visibility vest' },
    { key: 'antena', es: 'Antena', en: 'Aerial' },
    { key: 'radio', es: 'Radio o pantalla', en: 'Radio or screen' },
    { key: 'tapacubos', es: 'Tapacubos', en: 'Wheel covers' },
    { key: 'alfombrillas', es: 'Alfombrillas', en: 'Floor mats' },
    { key: 'silla_infantil', es: 'Silla infantil', en: 'Child seat' },
    { key: 'telepeaje', es: 'Dispositivo de telepeaje', en: 'Toll tag' },
    { key: 'llave_tuerca', es: 'Llave antirrobo de ruedas', en: 'Locking wheel nut key' },
  ],
  concern_chips: [
    { es: 'Revisión periódica', en: 'Periodic service' },
    { es: 'Cambio de aceite', en: 'Oil change' },
    { es: 'Ruido al frenar', en: 'Noise when braking' },
    { es: 'Testigo de motor encendido', en: 'Engine warning light on' },
    { es: 'No arranca', en: 'Does not start' },
    { es: 'Pierde líquido', en: 'Leaks fluid' },
    { es: 'Vibración en el volante', en: 'Vibration in the steering wheel' },
    { es: 'Aire acondicionado no enfría', en: 'Air conditioning does not cool' },
    { es: 'Neumáticos', en: 'Tyres' },
    { es: 'Preparar ITV', en: 'Prepare for inspection' },
  ],
  tolerated_minor: 0,
};

/**
 * Settings for one user on one device: user over device over workshop over what the application comes with.
 * A value that is no JSON or of another kind is ignored.
 */
export function readSettings(
  rows: readonly Pick<Setting, 'key' | 'value_json' | 'scope' | 'scope_id'>[],
  who: { readonly user?: string; readonly device?: string } = {},
): WorkshopSettings {
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const scope of ['workshop', 'device', 'user'] as const) {
    for (const row of rows) {
      if (row.scope !== scope || !(row.key in DEFAULT_SETTINGS)) continue;
      if (scope !== 'workshop' && row.scope_id !== who[scope]) continue;
      const value = parse(row.value_json);
      if (isLike(value, DEFAULT_SETTINGS[row.key as keyof WorkshopSettings])) settings[row.key] = value;
    }
  }
  return {
    ...(settings as unknown as WorkshopSettings),
    reception_waived: (settings.reception_waived as ReceptionDemand[]).filter((demand) =>
      RECEPTION_DEMANDS.includes(demand),
    ),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SyntaxError: the value is ignored.
    return undefined;
  }
}

function isLike(value: unknown, example: unknown): boolean {
  return Array.isArray(example) ? Array.isArray(value) : typeof value === typeof example;
}

/**
 * The deposit receipt as lines of text: what is shown before signing, what the hash is taken of, and what the PDF
 * prints. One function makes it, so the three cannot differ.
 */
import { msg, str } from '@lit/localize';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import { type DamageType, typeName } from './damage.ts';
import { formatDateTime, formatNumber } from './format.ts';
import type { Locale } from './localisation.ts';
import type { CheckRow, ReceptionView } from './receptions.ts';

export interface ReceiptSection {
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface Receipt {
  readonly title: string;
  readonly sections: readonly ReceiptSection[];
  readonly terms: string;
}

export interface ReceiptSource {
  readonly reception: ReceptionView;
  readonly checks: readonly CheckRow[];
  readonly damages: readonly string[];
  readonly settings: WorkshopSettings;
  readonly photoCount: number;
  readonly nowMs: number;
  readonly locale: Locale;
}

export function receiptOf(source: ReceiptSource): Receipt {
  const { reception, checks, damages, settings, locale, nowMs } = source;
  const stays = [
    ...settings.reception_checklist
      .filter(({ key }) => checks.some((check) => check.item_key === key && check.present === 'yes'))
      .map((entry) => entry[locale]),
    ...reception.belongings.split('\n'),
  ].filter((line) => line.trim() !== '');
  return {
    title: msg('Resguardo de depósito'),
    sections: [
      { heading: msg('Taller'), lines: workshopLines(settings) },
      { heading: msg('Cliente'), lines: [reception.customer, reception.phone] },
      {
        heading: msg('Vehículo'),
        lines: [
          `${reception.plate} · ${reception.vehicle}`,
          reception.vin === '' ? '' : `VIN ${reception.vin}`,
          reception.odometer === null
            ? ''
            : `${formatNumber(reception.odometer, locale)} ${reception.odometer_unit}`,
          reception.fuel_eighths === null ? '' : msg(str`Combustible: ${reception.fuel_eighths}/8`),
          msg(str`Llaves: ${reception.keys_count}`),
        ],
      },
      { heading: msg('Motivos de la visita'), lines: reception.concerns.split('\n') },
      {
        heading: msg('Encargo'),
        lines: [
          reception.purpose === 'estimate' ? msg('Solo presupuesto') : msg('Reparar'),
          reception.promised_at === null
            ? ''
            : msg(str`Prometido para: ${formatDateTime(reception.promised_at, nowMs, locale)}`),
          ...consents(reception),
        ],
      },
      {
        heading: msg('Qué queda en el vehículo'),
        lines: stays.length === 0 ? [msg('Nada apuntado')] : stays,
      },
      { heading: msg('Daños'), lines: damages.length === 0 ? [msg('Ninguno apuntado')] : damages },
      { heading: msg('Fotos'), lines: [String(source.photoCount)] },
    ].map(({ heading, lines }) => ({ heading, lines: lines.filter((line) => line.trim() !== '') })),
    terms: msg(
      'El taller custodia el vehículo y los objetos apuntados desde ahora y hasta su entrega. Ningún trabajo empieza sin presupuesto aceptado, salvo renuncia por escrito. Las reparaciones tienen una garantía de 3 meses o 2.000 km.',
    ),
  };
}

/** Line of one damage: "1. Arañazo: puerta". */
export function damageLine(number: number, type: string, note: string): string {
  return `${number}. ${typeName(type as DamageType)}${note === '' ? '' : `: ${note}`}`;
}

/** The receipt that a `receiptText` says; undefined for a text that is none. */
export function receiptOfText(text: string): Receipt | undefined {
  const [title, ...parts] = text.split('\n\n');
  const terms = parts.pop();
  if (title === undefined || terms === undefined) return undefined;
  const sections = parts.map((part) => {
    const [heading = '', ...lines] = part.split('\n');
    return { heading, lines };
  });
  return { title, sections, terms };
}

/** The whole receipt as one text: what the signature's hash is taken of. */
export function receiptText(receipt: Receipt): string {
  const sections = receipt.sections.map(({ heading, lines }) => [heading, ...lines].join('\n'));
  return [receipt.title, ...sections, receipt.terms].join('\n\n');
}

export function workshopLines(settings: WorkshopSettings): string[] {
  return [
    settings.trade_name || settings.legal_name,
    settings.tax_id,
    settings.address,
    [settings.phone, settings.email].filter(Boolean).join(' · '),
  ];
}

function consents(reception: ReceptionView): string[] {
  return [
    reception.estimate_waived === 1 ? msg('Renuncia al presupuesto por escrito') : '',
    reception.accepts_used_parts === 1 ? msg('Acepta piezas usadas o reconstruidas') : '',
    reception.wants_old_parts === 1 ? msg('Quiere que se le entreguen las piezas sustituidas') : '',
    reception.allows_test_drive === 1 ? msg('Autoriza a probar el vehículo en la calle') : '',
    reception.privacy_ack === 1 ? msg('Ha leído la información sobre sus datos personales') : '',
  ];
}

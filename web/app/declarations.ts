/**
 * What a customer declares about an order, in the words that are shown, hashed, printed and kept: a waiver of the estimate,
 * a refusal of repairs that were urged, consents.
 */
import { msg, str } from '@lit/localize';
import type { DeclarationKind } from '../../shared/taller/flows/declaration-flow.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { formatDate, formatNumber } from './format.ts';
import type { IconName } from './icons.ts';
import type { Locale } from './localisation.ts';
import type { OrderView } from './order-view.ts';
import { sameIds } from './people.ts';
import { type Receipt, workshopLines } from './receipt.ts';

/** Version of the legal text of a declaration; a signature names it with its language. */
export const DECLARATION_TEXT_VERSION = '2026-1';

export const DECLARATIONS: readonly DeclarationKind[] = ['refusal', 'waiver', 'consent'];

export interface DeclarationSource {
  readonly kind: DeclarationKind;
  readonly order: OrderView;
  /** What it is about, a line each: findings, jobs, consents. */
  readonly points: readonly string[];
  readonly settings: WorkshopSettings;
  readonly nowMs: number;
  readonly locale: Locale;
}

export function declarationOf({ kind, order, points, settings, nowMs, locale }: DeclarationSource): Receipt {
  const { odometer_in: odometer } = order;
  return {
    title: declarationName(kind),
    sections: [
      { heading: msg('Taller'), lines: workshopLines(settings) },
      { heading: msg('Cliente'), lines: [order.customer, order.phone] },
      {
        heading: msg('Vehículo'),
        lines: [
          [order.plate, order.vehicle].filter(Boolean).join(' · '),
          odometer === null ? '' : `${formatNumber(odometer, locale)} ${order.odometer_unit}`,
        ],
      },
      {
        heading: msg('Fechas'),
        lines: [msg(str`Fecha: ${formatDate(nowMs, locale)}`), msg(str`Orden: ${order.number}`)],
      },
      { heading: pointsName(kind), lines: points },
    ].map(({ heading, lines }) => ({
      heading,
      // The text is read back by its lines [DECL-1].
      lines: lines.flatMap((line) => line.split('\n')).filter((line) => line.trim() !== ''),
    })),
    terms: wordsOf(kind),
  };
}

function wordsOf(kind: DeclarationKind): string {
  switch (kind) {
    case 'waiver':
      return msg(
        'Renuncio al presupuesto escrito previo al que tengo derecho y autorizo los trabajos de esta lista. Antes de hacer cualquier otro, el taller me pedirá permiso.',
      );
    case 'refusal':
      return msg(
        'El taller me ha enseñado estos puntos, me ha explicado su riesgo y me ha recomendado repararlos. Decido no hacerlo ahora y me llevo el vehículo bajo mi responsabilidad, sabiendo que circular así puede ser peligroso.',
      );
    case 'consent':
      return msg('Doy mi consentimiento para lo que dice esta lista, en los trabajos de esta orden.');
  }
}

export function declarationName(kind: DeclarationKind): string {
  switch (kind) {
    case 'waiver':
      return msg('Renuncia al presupuesto');
    case 'refusal':
      return msg('Reparaciones que no se hacen');
    case 'consent':
      return msg('Autorizaciones del cliente');
  }
}

export function declarationIcon(kind: DeclarationKind): IconName {
  switch (kind) {
    case 'waiver':
      return 'invoiced';
    case 'refusal':
      return 'alert';
    case 'consent':
      return 'hand';
  }
}

function pointsName(kind: DeclarationKind): string {
  switch (kind) {
    case 'waiver':
      return msg('Trabajos');
    case 'refusal':
      return msg('Sin reparar');
    case 'consent':
      return msg('Consiente');
  }
}

/** What may be consented to, by its key. */
export function consentNames(): readonly { readonly id: string; readonly text: string }[] {
  return [
    { id: 'used-parts', text: msg('Acepta piezas usadas o reconstruidas') },
    { id: 'old-parts', text: msg('Quiere que se le entreguen las piezas sustituidas') },
    { id: 'test-drive', text: msg('Autoriza a probar el vehículo en la calle') },
  ];
}

export interface RefusableFinding extends ResultRow {
  readonly id: string;
  readonly description: string;
  readonly severity: string;
}

/** Findings of the vehicle that nobody mends in this visit, the urgent first. */
export const refusableQuery = (order: Pick<OrderView, 'id' | 'vehicle_id'>): SqlQuery => sql`
  select f.id, f.description, f.severity from findings f
  where f.vehicle_id in (${sameIds('vehicles', order.vehicle_id ?? '')}) and f.status in ('open', 'declined')
    and not exists (select 1 from wo_jobs j
      where j.finding_id = f.id and j.work_order_id = ${order.id} and j.approval <> 'declined')
  order by f.severity = 'urgent' desc, f.created_at desc, f.id limit 50`;

export interface SignedDeclaration extends ResultRow {
  readonly id: string;
  readonly purpose: DeclarationKind;
  readonly signer_name: string;
  readonly strokes_json: string;
  readonly doc_hash: string;
  readonly created_at: number;
  /** The words that were signed. */
  readonly text: string;
}

/** Of one order, the latest first. */
export const signedDeclarationsQuery = (orderId: string): SqlQuery => sql`
  select s.id, s.purpose, s.signer_name, s.strokes_json, s.doc_hash, s.created_at, c.text from signatures s
  join comments c on c.entity = 'signatures' and c.entity_id = s.id
  where s.entity = 'work_orders' and s.entity_id = ${orderId} and s.purpose in ('waiver', 'refusal', 'consent')
  order by s.created_at desc, s.id desc`;

/** `urgent`: findings that make the vehicle unsafe, as long as no refusal was signed in this order. */
export const unsignedUrgentQuery = (order: Pick<OrderView, 'id' | 'vehicle_id'>): SqlQuery => sql`
  select count(*) as urgent from (${refusableQuery(order)}) f where f.severity = 'urgent' and not exists (
    select 1 from signatures s where s.entity = 'work_orders' and s.entity_id = ${order.id} and s.purpose = 'refusal')`;

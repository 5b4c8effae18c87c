/** What a reception needs before it can be signed [TALLER-18]. Each demand can be switched off in the settings. */
import { lacksReason } from './odometer.ts';
import type { Attachment, Reception } from './tables/reception.ts';

export const RECEPTION_DEMANDS = [
  'vehicle',
  'customer',
  'odometer',
  'odometer-reason',
  'photos',
  'purpose',
  'promised',
] as const;
export type ReceptionDemand = (typeof RECEPTION_DEMANDS)[number];

export interface ReceptionPolicy {
  /** Demands that are not made; `photos` is also off at zero. */
  readonly waived: readonly ReceptionDemand[];
  readonly photosRequired: number;
}

export const DEFAULT_RECEPTION_POLICY: ReceptionPolicy = { waived: [], photosRequired: 4 };

/** The four sides that the guided photos begin with. */
export const GUIDED_SLOTS = ['front', 'rear', 'left', 'right'] as const;

/** What is missing, in the order of the wizard; empty when it can be signed. */
export function missingForSignature(
  reception: Pick<Reception, 'customer_id' | 'odometer' | 'odometer_note' | 'purpose' | 'promised_at'>,
  vehicle:
    | { readonly plate_norm: string; readonly vin: string; readonly odometer_last?: number | null }
    | undefined,
  photos: readonly Pick<Attachment, 'kind' | 'slot'>[],
  policy: ReceptionPolicy = DEFAULT_RECEPTION_POLICY,
): ReceptionDemand[] {
  const missing: Readonly<Record<ReceptionDemand, boolean>> = {
    vehicle: vehicle === undefined || (vehicle.plate_norm === '' && vehicle.vin === ''),
    customer: reception.customer_id === null,
    odometer: reception.odometer === null && reception.odometer_note.trim() === '', // why there is none counts as one
    'odometer-reason': lacksReason(
      reception.odometer,
      vehicle?.odometer_last ?? null,
      reception.odometer_note,
    ),
    photos: photos.filter(({ kind }) => kind === 'photo').length < policy.photosRequired,
    purpose: reception.purpose === null,
    promised: reception.promised_at === null,
  };
  return RECEPTION_DEMANDS.filter((demand) => missing[demand] && !policy.waived.includes(demand));
}

/** What a reception needs before it can be signed [TALLER-18]. Each demand can be switched off in the settings. */
import type { Attachment, Reception } from './tables/reception.ts';

export const RECEPTION_DEMANDS = [
  'vehicle',
  'customer',
  'odometer',
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
  reception: Pick<Reception, 'customer_id' | 'odometer' | 'purpose' | 'promised_at'> & {
    /** Why there is no reading; counts as one. */
    readonly odometerNote?: string;
  },
  vehicle: { readonly plate_norm: string; readonly vin: string } | undefined,
  photos: readonly Pick<Attachment, 'kind' | 'slot'>[],
  policy: ReceptionPolicy = DEFAULT_RECEPTION_POLICY,
): ReceptionDemand[] {
  const missing: Readonly<Record<ReceptionDemand, boolean>> = {
    vehicle: vehicle === undefined || (vehicle.plate_norm === '' && vehicle.vin === ''),
    customer: reception.customer_id === null,
    odometer: reception.odometer === null && (reception.odometerNote ?? '').trim() === '',
    photos: photos.filter(({ kind }) => kind === 'photo').length < policy.photosRequired,
    purpose: reception.purpose === null,
    promised: reception.promised_at === null,
  };
  return RECEPTION_DEMANDS.filter((demand) => missing[demand] && !policy.waived.includes(demand));
}

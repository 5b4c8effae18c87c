/** An order of the demo workshop arrives: gate, reception with its checks and photos, order and jobs, inspection. */
import { passGate } from '../flows/gate-flow.ts';
import {
  addFinding,
  completeInspection,
  setInspectionItem,
  startInspection,
} from '../flows/inspection-flow.ts';
import { addJob } from '../flows/order-flow.ts';
import { addDamageMark, setReceptionCheck, startReception } from '../flows/reception-draft.ts';
import { signReception } from '../flows/reception-flow.ts';
import { insert, type Statement } from '../flows/statement.ts';
import { GUIDED_SLOTS } from '../reception.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { DEMO_JOBS, DEMO_TEMPLATE, SECTIONS_IN_ENGLISH } from './jobs-data.ts';
import { fakeHash, type OrderScript } from './order-script.ts';
import type { Random } from './random.ts';

export function receive(script: OrderScript): void {
  const { vehicle, isBrief } = script.order;
  const random = script.random;
  const jobs = [random.pick(DEMO_JOBS)];
  if (random.chance(0.35)) jobs.push(random.pick(DEMO_JOBS.filter((job) => job !== jobs[0])));
  // The first job is what the vehicle came for; others may be declined.
  script.jobs = jobs.map((job, index) => ({
    id: '',
    job,
    approved: index === 0 || random.chance(0.6),
    partLines: [],
  }));
  const concerns = jobs.map(({ concern }) => concern).join('\n');
  vehicle.odometer += random.between(300, 9000);
  const odometer = vehicle.odometer;

  if (!isBrief) {
    script.step(
      0,
      'recepcion',
      'gate.in',
      (atMs) =>
        passGate(script.actor('recepcion', atMs), {
          direction: 'in',
          plate: vehicle.plate,
          person: vehicle.ownerName,
          vehicleId: vehicle.id,
        }).statements,
    );
  }
  script.step(0.1, 'recepcion', 'reception.start', (atMs) => {
    const actor = script.actor('recepcion', atMs);
    const started = startReception(actor, {
      vehicle_id: vehicle.id,
      customer_id: vehicle.ownerId,
      odometer,
      fuel_eighths: random.between(1, 8),
      keys_count: 1,
      key_tag: String(random.between(1, 40)),
      purpose: 'estimate',
      concerns,
      promised_at: script.promisedMs,
      allows_test_drive: 1,
      privacy_ack: 1,
      wants_old_parts: random.chance(0.2) ? 1 : 0,
    });
    script.receptionId = started.id;
    if (isBrief) return started.statements;
    return [
      ...started.statements,
      ...DEFAULT_SETTINGS.reception_checklist.slice(0, 6).flatMap(({ key, es }) =>
        setReceptionCheck(started.id, {
          item_key: key,
          label: es,
          present: random.chance(0.8) ? 'yes' : 'no',
        }),
      ),
      ...(random.chance(0.5)
        ? addDamageMark(actor, started.id, {
            view: random.pick(['left', 'right', 'front', 'rear'] as const),
            x_pm: random.between(100, 900),
            y_pm: random.between(200, 800),
            type: random.pick(['scratch', 'dent', 'rust'] as const),
            note: 'Ya estaba al llegar',
          }).statements
        : []),
      ...guidedPhotos(script, started.id, atMs),
    ];
  });
  script.step(0.15, 'recepcion', 'reception.sign', (atMs) => {
    const signed = signReception(
      script.actor('recepcion', atMs),
      {
        id: script.receptionId,
        vehicle_id: vehicle.id,
        customer_id: vehicle.ownerId,
        odometer,
        odometer_unit: 'km',
        // The jobs are made below, with what the workshop calls them.
        concerns: '',
        promised_at: script.promisedMs,
        estimate_waived: 0,
        purpose: 'estimate',
      },
      {
        signer_name: vehicle.ownerName,
        method: 'typed',
        doc_hash: fakeHash(random),
        accepted_text_version: 'es-2026-1',
      },
      {
        workOrder: script.series('work_order', atMs),
        reception: script.series('reception', atMs),
      },
    );
    script.orderId = signed.workOrderId;
    return [
      ...signed.statements,
      {
        sql: 'update work_orders set complaint = ?, technician_id = ?, priority = ? where id = ?',
        params: [concerns, script.technician, random.chance(0.1) ? 2 : 0, script.orderId],
      },
      ...script.jobs.flatMap((entry, index) => {
        const added = addJob(script.actor('recepcion', atMs), script.orderId, {
          title: entry.job.es,
          concern: entry.job.concern,
          canned_job_id: script.catalog.cannedJobIdByCode.get(entry.job.code),
          technician_id: script.technician,
          est_minutes: entry.job.minutes,
          warranty_days: 90,
          warranty_km: 2000,
          sort: index + 1,
        });
        entry.id = added.id;
        return added.statements;
      }),
    ];
  });
}

function guidedPhotos(script: OrderScript, receptionId: string, atMs: number): Statement[] {
  const { photoOf, vehicle } = script.order;
  if (!photoOf) return [];
  return GUIDED_SLOTS.map((slot) => {
    const photo = photoOf({ slot, bodyType: vehicle.bodyType, color: vehicle.color });
    return insert('attachments', script.random.newId(atMs), {
      entity: 'receptions',
      entity_id: receptionId,
      kind: 'photo',
      slot,
      mime: photo.mime,
      bytes: photo.bytes,
      width: photo.width,
      height: photo.height,
      sha256: photo.sha256,
      thumb_sha256: photo.thumbSha256,
      taken_at: atMs,
    });
  });
}

/** A measure that earns its light, in tenths. A battery in order is little above its limit, a tyre may be far above. */
function measured(
  random: Random,
  point: (typeof DEMO_TEMPLATE)[number],
  light: 'ok' | 'attention' | 'urgent',
): number {
  const limit = (light === 'urgent' ? point.failBelow : point.warnBelow) ?? 0;
  const most = point.unit === 'V' ? 1.04 : 2.2;
  const factor = light === 'ok' ? 1.02 + random.next() * (most - 1.02) : 1 - random.next() * 0.06;
  const tenths = (limit * factor) / 100;
  return (light === 'ok' ? Math.ceil(tenths) : Math.floor(tenths - 0.5)) * 100;
}

export function inspect(script: OrderScript, stopsHalfway: boolean): void {
  const { vehicle } = script.order;
  const random = script.random;
  script.step(0.3, script.technician, 'inspection.run', (atMs) => {
    const actor = script.actor(script.technician, atMs);
    const started = startInspection(actor, {
      workOrderId: script.orderId,
      vehicleId: vehicle.id,
      template: { id: script.catalog.templateId, version: 1 },
      items: DEMO_TEMPLATE.map((point, index) => ({
        section: point.section,
        section_en: SECTIONS_IN_ENGLISH[point.section] ?? '',
        label_es: point.es,
        label_en: point.en,
        unit: point.unit,
        sort: index + 1,
      })),
      odometer: vehicle.odometer,
    });
    const itemIds = started.statements.slice(1).map((statement) => String(statement.params[0]));
    const seen = stopsHalfway ? 9 : DEMO_TEMPLATE.length;
    const results = DEMO_TEMPLATE.slice(0, seen).flatMap((point, index) => {
      const itemId = itemIds[index] ?? '';
      const light = random.chance(0.12) ? 'urgent' : random.chance(0.2) ? 'attention' : 'ok';
      const value = point.kind === 'measure' ? measured(random, point, light) : null;
      return [
        ...setInspectionItem(itemId, { status: light, ...(value === null ? {} : { value_milli: value }) }),
        ...(light === 'ok' || !random.chance(0.5)
          ? []
          : addFinding(actor, {
              vehicle_id: vehicle.id,
              work_order_id: script.orderId,
              inspection_item_id: itemId,
              description: `${point.es}: ${light === 'urgent' ? 'sustituir cuanto antes' : 'revisar en la próxima visita'}`,
              severity: light === 'urgent' ? 'urgent' : 'soon',
            }).statements),
      ];
    });
    return [
      ...started.statements,
      ...results,
      ...(stopsHalfway ? [] : completeInspection(actor, started.id)),
    ];
  });
}

/**
 * The life of one order of the demo workshop, as the people who had it in hand wrote it: reception, diagnosis,
 * estimate, parts, work, quality, delivery. An order that is still open stops on its way.
 */
import { inspect, receive } from './order-arrival.ts';
import { approve, estimate } from './order-estimate.ts';
import { type DemoOrder, OrderScript } from './order-script.ts';
import { confirm, deliver, orderParts, work } from './order-work.ts';
import type { Random } from './random.ts';
import type { DemoCommit } from './script.ts';
import type { DemoCatalog } from './setup.ts';

export function orderCommits(random: Random, catalog: DemoCatalog, order: DemoOrder): DemoCommit[] {
  const script = new OrderScript(random, catalog, order);
  plan(script);
  return script.write();
}

function plan(script: OrderScript): void {
  const { target, isBrief } = script.order;
  receive(script);
  if (target === 'received') return;
  if (target === 'cancelled') {
    script.move('cancelled', 3, 'recepcion', 'El cliente no acepta el presupuesto');
    return;
  }
  script.move('diagnosis', script.hours(1, 3), script.technician);
  if (!isBrief && script.random.chance(0.45)) inspect(script, target === 'diagnosis');
  if (target === 'diagnosis') return;
  estimate(script);
  script.move('waiting_approval', 0.2, 'recepcion');
  if (target === 'waiting_approval') return;
  approve(script);
  if (target === 'waiting_parts' || script.random.chance(0.35)) {
    orderParts(script);
    if (target === 'waiting_parts') return;
  }
  work(script, target === 'in_progress');
  if (target === 'in_progress') return;
  script.move('quality', 0.3, script.technician);
  if (target === 'quality') return;
  confirm(script);
  script.move('ready', 0.5, script.technician);
  if (target === 'ready') return;
  deliver(script);
}

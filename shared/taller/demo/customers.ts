/** Customers and vehicles of the demo workshop. */

import { addContact, createCustomer, createVehicle } from '../flows/people-flow.ts';
import type { Statement } from '../flows/statement.ts';
import {
  COLORS,
  COMPANY_NAMES,
  DEMO_DEVICES,
  FIRST_NAMES,
  LAST_NAMES,
  STREETS,
  VEHICLE_MODELS,
} from './people-data.ts';
import type { Random } from './random.ts';
import { actorAt, type DemoCommit } from './script.ts';

export interface DemoVehicle {
  readonly id: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly plate: string;
  readonly label: string;
  readonly bodyType: string;
  readonly color: string;
  /** Reading at the next visit; grows from one to the next. */
  odometer: number;
}

/** Letters of Spanish plates: no vowels, no Ñ, no Q. */
const PLATE_LETTERS = 'BCDFGHJKLMNPRSTVWXYZ';
const VIN_CHARACTERS = '0123456789ABCDEFGHJKLMNPRSTUVWXYZ';
const NIF_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
/** Rows in one commit, as an import would write them. */
const ROWS_PER_COMMIT = 500;

export function customerCommits(
  random: Random,
  atMs: number,
  counts: { readonly customers: number; readonly vehicles: number },
): { commits: DemoCommit[]; vehicles: DemoVehicle[] } {
  const actor = actorAt(random, 'recepcion', DEMO_DEVICES[0].id, atMs);
  const statements: Statement[] = [];
  const owners: { id: string; name: string }[] = [];
  const plates = new Set<string>();
  let firstPhone = '';

  for (let index = 0; index < counts.customers; index++) {
    const isCompany = index % 7 === 6;
    // The last one is the first again, written down in a hurry by somebody who did not look: for the merge screen.
    const isTwin = index === counts.customers - 1;
    const name = isCompany
      ? companyName(index)
      : isTwin
        ? inAHurry(owners[0]?.name ?? '')
        : personName(random);
    const phone = `6${random.between(10, 99)} ${random.between(100, 999)} ${random.between(100, 999)}`;
    if (index === 0) firstPhone = phone;
    const customer = createCustomer(actor, {
      kind: isCompany ? 'company' : 'person',
      name,
      phone: isTwin ? firstPhone.replaceAll(' ', '') : phone,
      email: random.chance(0.7) ? `cliente${index + 1}@correo.example` : '',
      tax_id: isCompany ? cif(50_000_00 + index) : nif(random.between(10_000_000, 79_999_999)),
      address: `${random.pick(STREETS)} ${random.between(1, 120)}`,
      city: 'Zaragoza',
      postal: `500${String(random.between(1, 20)).padStart(2, '0')}`,
    });
    owners.push({ id: customer.id, name });
    statements.push(...customer.statements);
    if (isCompany) {
      statements.push(
        ...addContact(actor, customer.id, {
          name: personName(random),
          phone: '',
          may_authorize: 1,
          may_pick_up: 1,
        }).statements,
      );
    }
  }

  const vehicles: DemoVehicle[] = [];
  for (let index = 0; index < counts.vehicles; index++) {
    // Everyone has one; the rest goes to whoever comes, companies among them.
    const owner = owners[index] ?? random.pick(owners);
    const model = random.pick(VEHICLE_MODELS);
    const fuel = random.pick(model.fuels);
    const color = random.pick(COLORS);
    const isTwin = index === counts.vehicles - 1;
    const plate = isTwin ? (vehicles[0]?.plate.replace(' ', '-') ?? '') : newPlate(random, plates);
    const vehicle = createVehicle(
      actor,
      {
        plate,
        vin: random.chance(0.8) ? model.wmi + text(random, VIN_CHARACTERS, 14) : '',
        make: model.make,
        model: model.model,
        year: random.between(2009, 2024),
        fuel,
        color,
      },
      owner.id,
    );
    statements.push(...vehicle.statements);
    statements.push({
      sql: 'update vehicles set body_type = ?, tyre_size = ?, displacement_cc = ? where id = ?',
      params: [
        model.bodyType,
        model.tyreSize,
        fuel === 'electrico' ? null : model.displacementCc,
        vehicle.id,
      ],
    });
    vehicles.push({
      id: vehicle.id,
      ownerId: owner.id,
      ownerName: owner.name,
      plate,
      label: `${model.make} ${model.model}`,
      bodyType: model.bodyType,
      color,
      odometer: random.between(12_000, 210_000),
    });
  }

  const commits: DemoCommit[] = [];
  for (let from = 0; from < statements.length; from += ROWS_PER_COMMIT) {
    commits.push({
      atMs,
      user: actor.user,
      device: actor.device,
      label: 'import.people',
      statements: statements.slice(from, from + ROWS_PER_COMMIT),
    });
  }
  return { commits, vehicles };
}

/** `María Carmen Gil Ruiz` -> `M. Gil`. */
function inAHurry(name: string): string {
  const [first = '', last = ''] = name.split(' ');
  return `${first[0] ?? ''}. ${last}`;
}

function personName(random: Random): string {
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)} ${random.pick(LAST_NAMES)}`;
}

function companyName(index: number): string {
  const turn = Math.floor(index / 7);
  const name = COMPANY_NAMES[turn % COMPANY_NAMES.length] ?? 'Empresa S.L.';
  const branch = Math.floor(turn / COMPANY_NAMES.length);
  return branch === 0 ? name : name.replace(/ S\./, ` ${branch + 1} S.`);
}

function newPlate(random: Random, taken: Set<string>): string {
  for (;;) {
    const plate = `${String(random.between(0, 9999)).padStart(4, '0')} ${text(random, PLATE_LETTERS, 3)}`;
    if (taken.has(plate)) continue;
    taken.add(plate);
    return plate;
  }
}

function text(random: Random, characters: string, length: number): string {
  return Array.from({ length }, () => random.pick([...characters])).join('');
}

function nif(number: number): string {
  return `${number}${NIF_LETTERS[number % 23]}`;
}

function cif(number: number): string {
  const digits = String(number).padStart(7, '0').slice(0, 7);
  const sum = [...digits].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return `B${digits}${(10 - (sum % 10)) % 10}`;
}

/** Who works in the demo workshop, and the names its customers and vehicles are made of. All of them invented. */
import type { RoleId } from '../roles.ts';

export interface DemoAccount {
  /** Account at the relay and users.id; its password is the same word. */
  readonly name: string;
  readonly displayName: string;
  readonly role: RoleId;
  readonly isTechnician: boolean;
  readonly color: string;
  readonly skills: readonly string[];
}

export const DEMO_ACCOUNTS: readonly DemoAccount[] = [
  {
    name: 'admin',
    displayName: 'Elena Robles',
    role: 'admin',
    isTechnician: false,
    color: '#5b5fc7',
    skills: [],
  },
  {
    name: 'recepcion',
    displayName: 'Marta Ibáñez',
    role: 'recepcion',
    isTechnician: false,
    color: '#0f7b6c',
    skills: [],
  },
  {
    name: 'mecanico',
    displayName: 'Javier Núñez',
    role: 'mecanico',
    isTechnician: true,
    color: '#c77700',
    skills: ['mecánica', 'frenos'],
  },
  {
    name: 'caja',
    displayName: 'Lucía Prieto',
    role: 'caja',
    isTechnician: false,
    color: '#455a64',
    skills: [],
  },
  {
    name: 'mecanico2',
    displayName: 'Óscar Peña',
    role: 'mecanico',
    isTechnician: true,
    color: '#3d6fb6',
    skills: ['electricidad', 'diagnosis'],
  },
  {
    name: 'mecanico3',
    displayName: 'Nerea Solís',
    role: 'mecanico',
    isTechnician: true,
    color: '#9e3b3b',
    skills: ['neumáticos', 'climatización'],
  },
];

/** Switches to any of them on a shared tablet. */
export const DEMO_PIN = '1234';
/** Of DEMO_PIN (pin.ts); written down because the script is synchronous and hashing is not. */
export const DEMO_PIN_HASH = {
  hash: '7RUl6d8EwFb1zJ+o7MmL/p+BDKeKSscjs/YajmN1fw0=',
  salt: 'ZXNwZWpvLWRlbW8tc2FsdA==',
};

export const DEMO_TECHNICIANS = DEMO_ACCOUNTS.filter((account) => account.isTechnician).map(
  ({ name }) => name,
);

/** Devices of the demo workshop: id, name, code in its document numbers. */
export const DEMO_DEVICES = [
  { id: 'DemoRec1', name: 'Tablet de recepción', kind: 'tablet', seriesCode: 'R1' },
  { id: 'DemoTal1', name: 'Tablet del taller', kind: 'tablet', seriesCode: 'T1' },
  { id: 'DemoOfi1', name: 'Ordenador de oficina', kind: 'desktop', seriesCode: 'O1' },
] as const;

export const FIRST_NAMES = [
  'María',
  'Carmen',
  'Lucía',
  'Ana',
  'Laura',
  'Elena',
  'Pilar',
  'Rosa',
  'Teresa',
  'Beatriz',
  'Inés',
  'Nuria',
  'Antonio',
  'José',
  'Manuel',
  'Francisco',
  'David',
  'Javier',
  'Daniel',
  'Carlos',
  'Miguel',
  'Ángel',
  'Rubén',
  'Sergio',
  'Íñigo',
  'Álvaro',
  'Raúl',
  'Iván',
  'Joaquín',
  'Andrés',
];
export const LAST_NAMES = [
  'García',
  'Rodríguez',
  'González',
  'Fernández',
  'López',
  'Martínez',
  'Sánchez',
  'Pérez',
  'Gómez',
  'Martín',
  'Jiménez',
  'Ruiz',
  'Hernández',
  'Díaz',
  'Moreno',
  'Muñoz',
  'Álvarez',
  'Romero',
  'Alonso',
  'Gutiérrez',
  'Navarro',
  'Torres',
  'Domínguez',
  'Vázquez',
  'Ramos',
  'Gil',
  'Ramírez',
  'Serrano',
  'Blanco',
  'Molina',
  'Castaño',
  'Ibarra',
];
export const COMPANY_NAMES = [
  'Panadería La Espiga S.L.',
  'Reformas Castaño S.L.',
  'Autoescuela Ruta 66 S.L.',
  'Fontanería Ebro S.L.',
  'Mensajería Cierzo S.A.',
  'Viveros El Soto S.L.',
  'Clínica Dental Coso S.L.P.',
  'Instalaciones Moncayo S.A.',
];
export const STREETS = [
  'Calle Mayor',
  'Avenida de Navarra',
  'Calle del Coso',
  'Paseo de la Constitución',
  'Calle San Miguel',
  'Avenida de Goya',
  'Calle Delicias',
  'Camino de las Torres',
  'Calle Predicadores',
  'Plaza de los Sitios',
];

export interface VehicleModel {
  readonly make: string;
  readonly model: string;
  readonly fuels: readonly string[];
  readonly bodyType: string;
  readonly tyreSize: string;
  readonly displacementCc: number | null;
  /** First three letters of its VINs. */
  readonly wmi: string;
}

export const VEHICLE_MODELS: readonly VehicleModel[] = [
  {
    make: 'Seat',
    model: 'León',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '205/55 R16 91V',
    displacementCc: 1598,
    wmi: 'VSS',
  },
  {
    make: 'Seat',
    model: 'Ibiza',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '195/55 R16 87H',
    displacementCc: 1390,
    wmi: 'VSS',
  },
  {
    make: 'Renault',
    model: 'Clio',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '185/65 R15 88T',
    displacementCc: 1461,
    wmi: 'VF1',
  },
  {
    make: 'Renault',
    model: 'Kangoo',
    fuels: ['diesel'],
    bodyType: 'furgoneta',
    tyreSize: '195/65 R15 95T',
    displacementCc: 1461,
    wmi: 'VF1',
  },
  {
    make: 'Peugeot',
    model: '308',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '205/55 R16 91V',
    displacementCc: 1560,
    wmi: 'VF3',
  },
  {
    make: 'Citroën',
    model: 'Berlingo',
    fuels: ['diesel'],
    bodyType: 'furgoneta',
    tyreSize: '205/65 R15 94H',
    displacementCc: 1560,
    wmi: 'VF7',
  },
  {
    make: 'Volkswagen',
    model: 'Golf',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '205/55 R16 91V',
    displacementCc: 1968,
    wmi: 'WVW',
  },
  {
    make: 'Volkswagen',
    model: 'Transporter',
    fuels: ['diesel'],
    bodyType: 'furgoneta',
    tyreSize: '215/65 R16 102H',
    displacementCc: 1968,
    wmi: 'WV2',
  },
  {
    make: 'Ford',
    model: 'Focus',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'turismo',
    tyreSize: '205/55 R16 91V',
    displacementCc: 1499,
    wmi: 'WF0',
  },
  {
    make: 'Opel',
    model: 'Corsa',
    fuels: ['gasolina'],
    bodyType: 'turismo',
    tyreSize: '185/65 R15 88T',
    displacementCc: 1229,
    wmi: 'W0L',
  },
  {
    make: 'Toyota',
    model: 'Corolla',
    fuels: ['hibrido'],
    bodyType: 'turismo',
    tyreSize: '205/55 R16 91V',
    displacementCc: 1798,
    wmi: 'SB1',
  },
  {
    make: 'Toyota',
    model: 'Yaris',
    fuels: ['hibrido', 'gasolina'],
    bodyType: 'turismo',
    tyreSize: '175/65 R15 84H',
    displacementCc: 1490,
    wmi: 'VNK',
  },
  {
    make: 'Kia',
    model: 'Niro',
    fuels: ['hibrido', 'electrico'],
    bodyType: 'suv',
    tyreSize: '205/60 R16 92H',
    displacementCc: 1580,
    wmi: 'KNA',
  },
  {
    make: 'Hyundai',
    model: 'Tucson',
    fuels: ['gasolina', 'diesel', 'hibrido'],
    bodyType: 'suv',
    tyreSize: '225/60 R17 99V',
    displacementCc: 1598,
    wmi: 'TMA',
  },
  {
    make: 'Nissan',
    model: 'Qashqai',
    fuels: ['gasolina', 'diesel'],
    bodyType: 'suv',
    tyreSize: '215/65 R16 98H',
    displacementCc: 1461,
    wmi: 'SJN',
  },
  {
    make: 'Dacia',
    model: 'Sandero',
    fuels: ['gasolina', 'glp'],
    bodyType: 'turismo',
    tyreSize: '185/65 R15 88T',
    displacementCc: 898,
    wmi: 'UU1',
  },
  {
    make: 'Fiat',
    model: 'Ducato',
    fuels: ['diesel'],
    bodyType: 'furgoneta',
    tyreSize: '215/70 R15 109S',
    displacementCc: 2287,
    wmi: 'ZFA',
  },
  {
    make: 'BMW',
    model: 'Serie 3',
    fuels: ['diesel'],
    bodyType: 'turismo',
    tyreSize: '225/50 R17 98Y',
    displacementCc: 1995,
    wmi: 'WBA',
  },
];
export const COLORS = ['blanco', 'gris', 'negro', 'rojo', 'azul', 'plata', 'verde'];

/** What the demo workshop sells: parts with their prices, and jobs with what they take. Amounts are net, in cents. */

export interface DemoItem {
  readonly sku: string;
  readonly es: string;
  readonly en: string;
  readonly kind: 'part' | 'consumable' | 'service';
  readonly category: string;
  readonly brand: string;
  readonly unit: string;
  readonly priceMinor: number;
  readonly costMinor: number;
  /** Units at the beginning of the history, and again with every purchase. */
  readonly stock: number;
  readonly min: number;
  readonly bin: string;
}

const item = (
  sku: string,
  es: string,
  en: string,
  category: string,
  brand: string,
  priceMinor: number,
  costMinor: number,
  stock: number,
  min: number,
  bin: string,
  unit = 'ud',
): DemoItem => ({
  sku,
  es,
  en,
  kind: category === 'lubricantes' ? 'consumable' : 'part',
  category,
  brand,
  unit,
  priceMinor,
  costMinor,
  stock,
  min,
  bin,
});

export const DEMO_ITEMS: readonly DemoItem[] = [
  item(
    'ACE-5W30',
    'Aceite 5W-30 sintético',
    'Synthetic oil 5W-30',
    'lubricantes',
    'Repsol',
    1150,
    540,
    208,
    40,
    'A-01',
    'l',
  ),
  item(
    'ACE-0W20',
    'Aceite 0W-20 híbridos',
    'Oil 0W-20 for hybrids',
    'lubricantes',
    'Castrol',
    1390,
    680,
    60,
    20,
    'A-02',
    'l',
  ),
  item('REF-G12', 'Refrigerante G12', 'Coolant G12', 'lubricantes', 'Motul', 690, 290, 40, 10, 'A-03', 'l'),
  item(
    'LIQ-DOT4',
    'Líquido de frenos DOT 4',
    'Brake fluid DOT 4',
    'lubricantes',
    'ATE',
    980,
    420,
    30,
    8,
    'A-04',
    'l',
  ),
  item('FIL-AC-01', 'Filtro de aceite', 'Oil filter', 'filtros', 'Mann', 1240, 560, 40, 12, 'B-01'),
  item('FIL-AI-01', 'Filtro de aire', 'Air filter', 'filtros', 'Mann', 1890, 830, 24, 6, 'B-02'),
  item('FIL-HA-01', 'Filtro de habitáculo', 'Cabin filter', 'filtros', 'Bosch', 2150, 940, 24, 6, 'B-03'),
  item('FIL-GO-01', 'Filtro de gasóleo', 'Diesel filter', 'filtros', 'Purflux', 3290, 1560, 12, 4, 'B-04'),
  item(
    'PAS-DEL-01',
    'Pastillas de freno delanteras (juego)',
    'Front brake pads (set)',
    'frenos',
    'Brembo',
    5890,
    2790,
    14,
    6,
    'C-01',
  ),
  item(
    'PAS-TRA-01',
    'Pastillas de freno traseras (juego)',
    'Rear brake pads (set)',
    'frenos',
    'Brembo',
    4690,
    2180,
    10,
    4,
    'C-02',
  ),
  item(
    'DIS-DEL-01',
    'Disco de freno delantero',
    'Front brake disc',
    'frenos',
    'Brembo',
    6790,
    3450,
    12,
    4,
    'C-03',
  ),
  item(
    'NEU-20555',
    'Neumático 205/55 R16',
    'Tyre 205/55 R16',
    'neumaticos',
    'Michelin',
    8990,
    6320,
    24,
    8,
    'D-01',
  ),
  item(
    'NEU-18565',
    'Neumático 185/65 R15',
    'Tyre 185/65 R15',
    'neumaticos',
    'Continental',
    7290,
    5010,
    16,
    8,
    'D-02',
  ),
  item('BAT-70', 'Batería 70 Ah', 'Battery 70 Ah', 'electricidad', 'Varta', 11900, 7450, 8, 3, 'E-01'),
  item('BOM-H7', 'Lámpara H7', 'Bulb H7', 'electricidad', 'Osram', 1190, 430, 30, 10, 'E-02'),
  item('BUJ-01', 'Bujía de encendido', 'Spark plug', 'motor', 'NGK', 1450, 690, 32, 12, 'F-01'),
  item(
    'KIT-DIS-01',
    'Kit de distribución con bomba',
    'Timing belt kit with pump',
    'motor',
    'Gates',
    24900,
    15800,
    5,
    2,
    'F-02',
  ),
  item('EMB-01', 'Kit de embrague', 'Clutch kit', 'transmision', 'LuK', 28900, 18700, 14, 2, 'F-03'),
  item(
    'AMO-DEL-01',
    'Amortiguador delantero',
    'Front shock absorber',
    'suspension',
    'Sachs',
    9800,
    5900,
    6,
    6,
    'G-01',
  ),
  item('ROT-01', 'Rótula de dirección', 'Tie rod end', 'suspension', 'Lemförder', 3490, 1730, 8, 2, 'G-02'),
  item(
    'ESC-01',
    'Escobillas limpiaparabrisas (par)',
    'Wiper blades (pair)',
    'carroceria',
    'Valeo',
    2790,
    1240,
    18,
    6,
    'H-01',
  ),
  item(
    'GAS-R134',
    'Gas R134a',
    'Refrigerant R134a',
    'climatizacion',
    'Honeywell',
    8900,
    4300,
    9,
    3,
    'H-02',
    'kg',
  ),
  item('SEN-NOX', 'Sonda lambda', 'Lambda probe', 'motor', 'Bosch', 11490, 6980, 4, 2, 'F-04'),
  item('CON-MAT', 'Material de taller', 'Workshop consumables', 'consumibles', '', 350, 120, 0, 0, ''),
];

export interface DemoJob {
  readonly code: string;
  readonly es: string;
  readonly en: string;
  /** What the customer says at the desk. */
  readonly concern: string;
  readonly cause: string;
  readonly correction: string;
  readonly minutes: number;
  /** sku and quantity in thousandths. */
  readonly parts: readonly (readonly [sku: string, qtyMilli: number])[];
}

export const DEMO_JOBS: readonly DemoJob[] = [
  {
    code: 'ACEITE',
    es: 'Cambio de aceite y filtro',
    en: 'Oil and filter change',
    concern: 'Toca el cambio de aceite',
    cause: 'Aceite degradado, 14.500 km desde el último cambio',
    correction: 'Aceite y filtro sustituidos, nivel comprobado, testigo de servicio a cero',
    minutes: 45,
    parts: [
      ['ACE-5W30', 4500],
      ['FIL-AC-01', 1000],
    ],
  },
  {
    code: 'REVISION',
    es: 'Revisión de mantenimiento completa',
    en: 'Full service',
    concern: 'Revisión anual',
    cause: 'Mantenimiento según plan del fabricante',
    correction: 'Filtros y aceite sustituidos, niveles y frenos comprobados',
    minutes: 120,
    parts: [
      ['ACE-5W30', 4500],
      ['FIL-AC-01', 1000],
      ['FIL-AI-01', 1000],
      ['FIL-HA-01', 1000],
    ],
  },
  {
    code: 'FRENOS-DEL',
    es: 'Frenos delanteros: pastillas y discos',
    en: 'Front brakes: pads and discs',
    concern: 'Ruido al frenar',
    cause: 'Pastillas a 2 mm y discos con reborde',
    correction: 'Pastillas y discos delanteros sustituidos, circuito comprobado',
    minutes: 110,
    parts: [
      ['PAS-DEL-01', 1000],
      ['DIS-DEL-01', 2000],
    ],
  },
  {
    code: 'FRENOS-TRA',
    es: 'Pastillas traseras',
    en: 'Rear brake pads',
    concern: 'El freno de mano no agarra bien',
    cause: 'Pastillas traseras a 3 mm',
    correction: 'Pastillas traseras sustituidas y freno de mano ajustado',
    minutes: 75,
    parts: [['PAS-TRA-01', 1000]],
  },
  {
    code: 'NEUM-2',
    es: 'Dos neumáticos delanteros y equilibrado',
    en: 'Two front tyres and balancing',
    concern: 'Vibración en el volante',
    cause: 'Neumáticos delanteros con desgaste irregular',
    correction: 'Dos neumáticos montados y equilibrados, presiones ajustadas',
    minutes: 50,
    parts: [['NEU-20555', 2000]],
  },
  {
    code: 'NEUM-4',
    es: 'Cuatro neumáticos y alineación',
    en: 'Four tyres and alignment',
    concern: 'Cambiar los cuatro neumáticos',
    cause: 'Dibujo por debajo de 2 mm',
    correction: 'Cuatro neumáticos montados, equilibrados y dirección alineada',
    minutes: 110,
    parts: [['NEU-18565', 4000]],
  },
  {
    code: 'BATERIA',
    es: 'Sustitución de batería',
    en: 'Battery replacement',
    concern: 'No arranca por las mañanas',
    cause: 'Batería al 32 % de capacidad, alternador correcto',
    correction: 'Batería sustituida y registrada en la centralita',
    minutes: 35,
    parts: [['BAT-70', 1000]],
  },
  {
    code: 'DISTRIB',
    es: 'Kit de distribución y bomba de agua',
    en: 'Timing belt kit and water pump',
    concern: 'Toca la distribución por kilómetros',
    cause: 'Correa con 118.000 km',
    correction: 'Kit de distribución y bomba sustituidos, circuito purgado',
    minutes: 270,
    parts: [
      ['KIT-DIS-01', 1000],
      ['REF-G12', 5000],
    ],
  },
  {
    code: 'EMBRAGUE',
    es: 'Sustitución de embrague',
    en: 'Clutch replacement',
    concern: 'El embrague patina en las cuestas',
    cause: 'Disco de embrague al límite',
    correction: 'Kit de embrague sustituido, prueba en carretera correcta',
    minutes: 360,
    parts: [['EMB-01', 1000]],
  },
  {
    code: 'CLIMA',
    es: 'Carga de aire acondicionado',
    en: 'Air conditioning recharge',
    concern: 'El aire no enfría',
    cause: 'Circuito al 40 % de carga, sin fugas',
    correction: 'Circuito vaciado y cargado, filtro de habitáculo nuevo',
    minutes: 70,
    parts: [
      ['GAS-R134', 500],
      ['FIL-HA-01', 1000],
    ],
  },
  {
    code: 'DIAG',
    es: 'Diagnosis electrónica',
    en: 'Electronic diagnosis',
    concern: 'Testigo de motor encendido',
    cause: 'Avería P0136: sonda lambda posterior',
    correction: 'Sonda lambda sustituida y averías borradas',
    minutes: 90,
    parts: [['SEN-NOX', 1000]],
  },
  {
    code: 'BUJIAS',
    es: 'Sustitución de bujías',
    en: 'Spark plug replacement',
    concern: 'Tirones al acelerar',
    cause: 'Bujías con electrodo gastado',
    correction: 'Cuatro bujías sustituidas',
    minutes: 60,
    parts: [['BUJ-01', 4000]],
  },
  {
    code: 'AMORT',
    es: 'Amortiguadores delanteros',
    en: 'Front shock absorbers',
    concern: 'El coche rebota en los badenes',
    cause: 'Amortiguador derecho con fuga',
    correction: 'Amortiguadores delanteros sustituidos y dirección alineada',
    minutes: 150,
    parts: [['AMO-DEL-01', 2000]],
  },
  {
    code: 'ITV',
    es: 'Revisión previa a la ITV',
    en: 'Pre-inspection check',
    concern: 'Preparar la ITV',
    cause: 'Lámpara de cruce fundida y escobillas gastadas',
    correction: 'Lámparas y escobillas sustituidas, gases comprobados',
    minutes: 60,
    parts: [
      ['BOM-H7', 2000],
      ['ESC-01', 1000],
    ],
  },
];

export interface DemoTemplateItem {
  readonly section: string;
  readonly es: string;
  readonly en: string;
  readonly kind: 'status' | 'measure' | 'yesno' | 'text';
  readonly unit: string;
  readonly warnBelow: number | null;
  readonly failBelow: number | null;
  /** Job offered when it fails. */
  readonly job: string | null;
}

const point = (section: string, es: string, en: string, job: string | null = null): DemoTemplateItem => ({
  section,
  es,
  en,
  kind: 'status',
  unit: '',
  warnBelow: null,
  failBelow: null,
  job,
});
const measure = (
  section: string,
  es: string,
  en: string,
  unit: string,
  warnBelow: number,
  failBelow: number,
  job: string | null = null,
): DemoTemplateItem => ({ section, es, en, kind: 'measure', unit, warnBelow, failBelow, job });

/** Headings of the inspection. */
export const SECTIONS_IN_ENGLISH: Readonly<Record<string, string>> = {
  Neumáticos: 'Tyres',
  Frenos: 'Brakes',
  Niveles: 'Fluids',
  Electricidad: 'Electrics',
  Suspensión: 'Suspension',
  Motor: 'Engine',
  Climatización: 'Climate',
  General: 'General',
};

/** The general inspection of 20 points. Limits in thousandths of the unit. */
export const DEMO_TEMPLATE: readonly DemoTemplateItem[] = [
  measure('Neumáticos', 'Dibujo delantero izquierdo', 'Tread front left', 'mm', 3000, 1600, 'NEUM-2'),
  measure('Neumáticos', 'Dibujo delantero derecho', 'Tread front right', 'mm', 3000, 1600, 'NEUM-2'),
  measure('Neumáticos', 'Dibujo trasero izquierdo', 'Tread rear left', 'mm', 3000, 1600, 'NEUM-2'),
  measure('Neumáticos', 'Dibujo trasero derecho', 'Tread rear right', 'mm', 3000, 1600, 'NEUM-2'),
  measure('Frenos', 'Pastillas delanteras', 'Front pads', 'mm', 4000, 2000, 'FRENOS-DEL'),
  measure('Frenos', 'Pastillas traseras', 'Rear pads', 'mm', 4000, 2000, 'FRENOS-TRA'),
  point('Frenos', 'Discos', 'Discs', 'FRENOS-DEL'),
  point('Frenos', 'Líquido de frenos', 'Brake fluid'),
  point('Niveles', 'Aceite motor', 'Engine oil', 'ACEITE'),
  point('Niveles', 'Refrigerante', 'Coolant'),
  measure('Electricidad', 'Batería', 'Battery', 'V', 12400, 12000, 'BATERIA'),
  point('Electricidad', 'Luces', 'Lights', 'ITV'),
  point('Electricidad', 'Escobillas', 'Wipers', 'ITV'),
  point('Suspensión', 'Amortiguadores', 'Shock absorbers', 'AMORT'),
  point('Suspensión', 'Rótulas y brazos', 'Joints and arms'),
  point('Motor', 'Correas', 'Belts', 'DISTRIB'),
  point('Motor', 'Fugas', 'Leaks'),
  point('Motor', 'Escape', 'Exhaust'),
  point('Climatización', 'Aire acondicionado', 'Air conditioning', 'CLIMA'),
  point('General', 'Prueba en carretera', 'Road test'),
];

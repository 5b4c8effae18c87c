/** What the help page says: guides of a few steps, keys, and the words of the workshop in both languages. */
import { msg } from '@lit/localize';
import type { IconName } from './icons.ts';

export interface Guide {
  readonly id: string;
  readonly icon: IconName;
  readonly title: string;
  readonly steps: readonly string[];
  /** Where it begins. */
  readonly path: string;
}

export const guides = (): readonly Guide[] => [
  {
    id: 'recepcion',
    icon: 'reception',
    title: msg('Recibir un vehículo'),
    path: '/recepcion/nueva',
    steps: [
      msg('Escribe la matrícula. Si ya vino, tócalo en la lista; si no, elige «Vehículo nuevo».'),
      msg('Marca los motivos y la hora prometida. Con «Crear orden» ya está en el tablero.'),
      msg('Con «Seguir con fotos y firma» apuntas daños, objetos y fotos, y el cliente firma.'),
    ],
  },
  {
    id: 'tablero',
    icon: 'orders',
    title: msg('Mover una orden'),
    path: '/ordenes',
    steps: [
      msg('Arrastra la tarjeta a otra columna, o toca «Mover a…» y elige el estado.'),
      msg('En naranja está lo que necesita a alguien: va tarde o espera una aprobación.'),
    ],
  },
  {
    id: 'trabajos',
    icon: 'wrench',
    title: msg('Apuntar el tiempo'),
    path: '/mis-trabajos',
    steps: [
      msg('Toca «Empezar» en el trabajo. Si tenías otro reloj en marcha, se para solo.'),
      msg('Toca «Hecho» al terminar. Durante unos segundos puedes deshacerlo.'),
    ],
  },
  {
    id: 'inspeccion',
    icon: 'quality',
    title: msg('Inspeccionar un vehículo'),
    path: '/ordenes',
    steps: [
      msg('Abre la orden y toca «Inspección». Elige una plantilla.'),
      msg('Da a cada punto su luz. Una medida la pone sola según sus límites.'),
      msg('Lo que no está bien se apunta como hallazgo y de ahí pasa al presupuesto.'),
    ],
  },
  {
    id: 'presupuesto',
    icon: 'note',
    title: msg('Presupuestar y que lo firmen'),
    path: '/ordenes',
    steps: [
      msg(
        'Abre la orden y toca «Presupuesto». Añade trabajos del catálogo, piezas, mano de obra y hallazgos.',
      ),
      msg(
        '«Mostrar al cliente» cierra la versión: el cliente decide trabajo por trabajo y firma en la tableta.',
      ),
      msg('Para recuperar la tableta, toca «Taller» y escribe tu PIN.'),
      msg('Si responde por teléfono, toca «Apuntar respuesta». El PDF se comparte o se imprime.'),
    ],
  },
  {
    id: 'porton',
    icon: 'gate',
    title: msg('Apuntar quién pasa por el portón'),
    path: '/porteria',
    steps: [
      msg('Escribe la matrícula y toca «Entra» o «Sale». La orden sabe así si el vehículo está aquí.'),
      msg(
        '¿Te has equivocado? Toca la flecha del paso: se corrige o se anula, y queda apuntado quién y por qué.',
      ),
    ],
  },
  {
    id: 'sin-conexion',
    icon: 'offline',
    title: msg('Trabajar sin conexión'),
    path: '/pendientes',
    steps: [
      msg(
        'Todo sigue funcionando. Lo que apuntas queda en esta tableta y se envía solo al volver la conexión.',
      ),
      msg(
        'En «Pendientes» ves lo que falta por enviar. No borres los datos del navegador mientras haya algo.',
      ),
      msg('Si dos tabletas cambiaron lo mismo, se guarda todo y aparece en «Revisar» para decidir.'),
    ],
  },
];

export interface Shortcut {
  readonly keys: readonly string[];
  readonly what: string;
  /** Pattern of the page it belongs to; absent: every page. */
  readonly path?: string;
}

export const shortcuts = (): readonly Shortcut[] => [
  { keys: ['Ctrl', 'K'], what: msg('Buscar (en un Mac, ⌘ K)') },
  { keys: ['F2'], what: msg('Recibir un vehículo') },
  { keys: ['?'], what: msg('Ver estos atajos') },
  { keys: ['←', '↑', '↓', '→'], what: msg('En el tablero: ir a otra tarjeta'), path: '/ordenes' },
  { keys: ['M'], what: msg('En el tablero: mover la tarjeta'), path: '/ordenes' },
  { keys: ['↑', '↓'], what: msg('En la lista: ir a otra orden'), path: '/ordenes' },
  { keys: ['↵'], what: msg('Elegir el vehículo encontrado, o empezar uno nuevo'), path: '/recepcion/nueva' },
  { keys: ['←', '→'], what: msg('Combustible: más o menos'), path: '/recepcion/:id' },
  { keys: ['Tab'], what: msg('Ir a lo siguiente; con mayúsculas, a lo anterior') },
  { keys: ['↵'], what: msg('Abrir lo elegido; en un campo, guardarlo') },
  { keys: ['Esc'], what: msg('Cerrar lo que está abierto') },
];

export interface Term {
  readonly es: string;
  readonly en: string;
  readonly meaning: string;
}

/** Both words stand there in both languages: workshops mix them. */
export const terms = (): readonly Term[] => [
  { es: 'matrícula · placa', en: 'number plate', meaning: msg('Lo que identifica al vehículo al buscarlo.') },
  { es: 'bastidor', en: 'VIN', meaning: msg('Número de 17 letras y cifras del vehículo.') },
  {
    es: 'orden',
    en: 'work order',
    meaning: msg('Una visita de un vehículo, desde que llega hasta que se va.'),
  },
  {
    es: 'trabajo',
    en: 'job',
    meaning: msg('Algo que hay que hacer en una orden, con su causa y su solución.'),
  },
  {
    es: 'hallazgo',
    en: 'finding',
    meaning: msg('Lo que se vio y no se ha arreglado; vuelve en la próxima visita.'),
  },
  {
    es: 'presupuesto · cotización',
    en: 'estimate',
    meaning: msg('Lo que costará; el cliente aprueba cada trabajo.'),
  },
  { es: 'repuesto · recambio · refacción', en: 'part', meaning: msg('Una pieza que se monta.') },
  {
    es: 'resguardo de depósito',
    en: 'deposit receipt',
    meaning: msg('Lo que el cliente se lleva firmado al dejar el vehículo.'),
  },
];

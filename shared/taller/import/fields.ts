/** What can be imported, and under which headings people have it in their files. */
import { fold } from '../search.ts';

export type ImportEntity = 'customers' | 'vehicles' | 'work_orders';

export interface ImportField {
  /** Name in the mapping; a column of the table, or something that is resolved (customer, plate). */
  readonly key: string;
  readonly es: string;
  readonly en: string;
  readonly required: boolean;
  /** Headings it is recognised by, folded. */
  readonly aliases: readonly string[];
}

const field = (key: string, es: string, en: string, aliases: string, required = false): ImportField => ({
  key,
  es,
  en,
  required,
  aliases: [fold(es), fold(en), ...aliases.split(',').filter((alias) => alias !== '')],
});

export const IMPORT_FIELDS: Readonly<Record<ImportEntity, readonly ImportField[]>> = {
  customers: [
    field(
      'name',
      'Nombre',
      'Name',
      'cliente,nombre y apellidos,nombre completo,razon social,customer,titular',
      true,
    ),
    field('tax_id', 'NIF', 'Tax id', 'dni,cif,nie,nif/cif,cif/nif,rfc,nit,rut,vat'),
    field('phone', 'Teléfono', 'Phone', 'telefono 1,tel,movil,celular,tfno,mobile'),
    field('phone2', 'Teléfono 2', 'Phone 2', 'telefono2,otro telefono,fijo'),
    field('email', 'Correo', 'E-mail', 'email,mail,correo electronico'),
    field('address', 'Dirección', 'Address', 'domicilio,calle'),
    field('city', 'Población', 'City', 'ciudad,localidad,municipio'),
    field('region', 'Provincia', 'Region', 'estado,state'),
    field('postal', 'Código postal', 'Postal code', 'cp,zip'),
    field('notes', 'Notas', 'Notes', 'observaciones,comentarios'),
  ],
  vehicles: [
    field('plate', 'Matrícula', 'Plate', 'placa,placas,patente,registration', true),
    field('vin', 'Bastidor', 'VIN', 'numero de bastidor,chasis,vin/bastidor'),
    field('make', 'Marca', 'Make', 'fabricante,brand'),
    field('model', 'Modelo', 'Model', ''),
    field('year', 'Año', 'Year', 'ano modelo,ano matriculacion'),
    field('fuel', 'Combustible', 'Fuel', 'carburante'),
    field('color', 'Color', 'Colour', ''),
    field('odometer', 'Kilómetros', 'Odometer', 'km,kms,kilometraje'),
    field('customer', 'Cliente', 'Customer', 'propietario,titular,owner,nombre'),
    field('customer_tax_id', 'NIF del cliente', "Customer's tax id", 'dni,cif,nif,nif/cif,rfc'),
    field('customer_phone', 'Teléfono del cliente', "Customer's phone", 'telefono,movil,tel'),
  ],
  work_orders: [
    field('plate', 'Matrícula', 'Plate', 'placa,placas,vehiculo', true),
    field('complaint', 'Avería', 'Complaint', 'motivo,sintoma,descripcion,trabajo,concepto', true),
    field('opened_at', 'Fecha de entrada', 'Opened', 'fecha,entrada,fecha apertura,date'),
    field('promised_at', 'Fecha prometida', 'Promised', 'entrega,fecha entrega,prometido'),
    field('odometer_in', 'Kilómetros', 'Odometer', 'km,kms,kilometraje'),
    field('number', 'Número', 'Number', 'orden,n orden,numero de orden,or'),
  ],
};

/** Column of the file by field; a field that is absent is not imported. */
export type ImportMapping = Readonly<Record<string, number>>;

/** The mapping that the headings suggest: exact names first, then headings that begin with one; each column once. */
export function suggestMapping(entity: ImportEntity, headers: readonly string[]): ImportMapping {
  // `D.N.I.`, `Nº`, `C.P.:`
  const folded = headers.map((header) => fold(header.replace(/[.:º°ª*]/g, '')));
  const mapping: Record<string, number> = {};
  const taken = new Set<number>();
  for (const matches of [
    (header: string, alias: string) => header === alias,
    (header: string, alias: string) => alias.length > 3 && header.startsWith(alias),
  ]) {
    for (const { key, aliases } of IMPORT_FIELDS[entity]) {
      if (key in mapping) continue;
      const at = folded.findIndex(
        (header, index) => !taken.has(index) && aliases.some((alias) => matches(header, alias)),
      );
      if (at < 0) continue;
      mapping[key] = at;
      taken.add(at);
    }
  }
  return mapping;
}

/** Required fields that have no column: nothing can be imported before they do. */
export function missingFields(entity: ImportEntity, mapping: ImportMapping): string[] {
  return IMPORT_FIELDS[entity]
    .filter(({ key, required }) => required && mapping[key] === undefined)
    .map(({ key }) => key);
}

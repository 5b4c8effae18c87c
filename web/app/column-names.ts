/** Tables and columns in the words of the page, for what two devices wrote at once. */
import { msg } from '@lit/localize';

export function tableName(table: string): string {
  switch (table) {
    case 'work_orders':
      return msg('Orden');
    case 'customers':
      return msg('Cliente');
    case 'vehicles':
      return msg('Vehículo');
    case 'wo_lines':
      return msg('Piezas y mano de obra');
    case 'wo_jobs':
      return msg('Trabajo');
    case 'receptions':
      return msg('Recepción');
    case 'items':
      return msg('Artículo');
    case 'inspections':
      return msg('Inspección');
    case 'estimates':
      return msg('Presupuesto');
    case 'gate_events':
      return msg('Paso por el portón');
    default:
      return table;
  }
}

export function columnName(column: string): string {
  switch (column) {
    case 'status_key':
    case 'part_state':
      return msg('Estado');
    case 'approval':
    case 'chosen_option':
      return msg('Respuesta del cliente');
    case 'promised_at':
      return msg('Prometido para');
    case 'complaint':
      return msg('Lo que cuenta el cliente');
    case 'concerns':
      return msg('Motivos de la visita');
    case 'belongings':
      return msg('Otros objetos');
    case 'customer_note':
      return msg('Nota para el cliente');
    case 'odometer':
    case 'odometer_in':
    case 'odometer_last':
      return msg('Cuentakilómetros');
    case 'odometer_note':
      return msg('Por qué marca menos');
    case 'technician_id':
      return msg('Técnico');
    case 'name':
      return msg('Nombre');
    case 'phone':
      return msg('Teléfono');
    case 'unit_price_minor':
    case 'price_minor':
      return msg('Precio');
    case 'qty_milli':
      return msg('Cantidad');
    default:
      return column;
  }
}

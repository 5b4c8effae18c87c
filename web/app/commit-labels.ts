/** What a commit did, in the words of the page. */
import { msg } from '@lit/localize';
import { readSignedLabel } from '../../shared/protocol/signed-label.ts';

export function commitName(label: string): string {
  const { what } = readSignedLabel(label);
  switch (what) {
    case 'damage_marks.late':
    case 'reception_checks.late':
    case 'inspection_items.late':
      return msg('Llegó después de la firma');
    case 'reception.create':
      return msg('Orden nueva');
    case 'reception.start':
      return msg('Recepción empezada');
    case 'reception.discard':
      return msg('Recepción descartada');
    case 'reception.sign':
      return msg('Recepción firmada');
    case 'reception.edit':
    case 'reception.check':
    case 'reception.damage':
      return msg('Datos de la recepción');
    case 'wo.status':
      return msg('Cambio de estado');
    case 'wo.edit':
      return msg('Datos de la orden');
    case 'estimate.send':
      return msg('Presupuesto cerrado');
    case 'declaration.sign':
      return msg('Documento firmado');
    case 'estimate.decide':
      return msg('Respuesta del cliente');
    case 'job.add':
    case 'job.edit':
    case 'job.option':
    case 'job.quote':
    case 'job.remove':
    case 'job.done':
      return msg('Trabajo');
    case 'line.add':
    case 'line.edit':
    case 'line.remove':
    case 'part.request':
    case 'part.state':
      return msg('Piezas y mano de obra');
    case 'time.clock':
      return msg('Reloj');
    case 'inspection.start':
    case 'inspection.point':
    case 'inspection.finding':
    case 'inspection.quote':
    case 'inspection.complete':
      return msg('Inspección');
    case 'comment.add':
      return msg('Comentario');
    case 'view.save':
    case 'view.remove':
      return msg('Vista guardada');
    case 'violation.review':
      return msg('Revisado');
    case 'gate.pass':
    case 'gate.correct':
      return msg('Paso por el portón');
    case 'photo.add':
    case 'photo.remove':
      return msg('Foto');
    case 'customer.anonymize':
      return msg('Cliente anonimizado');
    case 'customer.edit':
      return msg('Datos del cliente');
    case 'vehicle.edit':
      return msg('Datos del vehículo');
    case 'vehicle.owner':
      return msg('Dueño del vehículo');
    case 'contact.add':
    case 'contact.edit':
    case 'contact.remove':
      return msg('Personas autorizadas');
    case 'import.customers':
    case 'import.vehicles':
    case 'import.work_orders':
    case 'import.done':
      return msg('Importación');
    case 'import.undo':
      return msg('Importación deshecha');
    case 'data.export':
      return msg('Exportación');
    case 'roles.edit':
      return msg('Permisos');
    case 'settings.edit':
      return msg('Ajustes del taller');
    case 'user.pin':
      return msg('PIN');
    case 'people.merge':
      return msg('Fichas unidas');
    case 'people.unmerge':
      return msg('Fichas separadas');
    default:
      return what === '' ? msg('Cambio') : what;
  }
}

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inWordsOf } from './glossary.ts';

test('in Mexico a matrícula is a placa and a presupuesto a cotización, with its article', () => {
  const cases = [
    ['Matrícula', 'Placa'],
    ['Enviar el presupuesto', 'Enviar la cotización'],
    ['Validez del presupuesto', 'Validez de la cotización'],
    ['Nuevo presupuesto', 'Nueva cotización'],
    ['Añadir al presupuesto', 'Añadir a la cotización'],
    ['Espera recambios', 'Espera refacciones'],
    ['Cuatro neumáticos', 'Cuatro llantas'],
    ['Facturación', 'Facturación'],
    ['Ordenadores', 'Computadoras'],
  ];
  for (const [spanish, mexican] of cases) assert.is(inWordsOf('es-MX', spanish ?? ''), mexican);
});

test('in Spain, and where no words are known, a text stays as it is', () => {
  assert.is(inWordsOf('es-ES', 'Matrícula'), 'Matrícula');
  assert.is(inWordsOf('es-AR', 'Matrícula'), 'Matrícula');
});

test.run();

/** Labels of commits that somebody else than the account made. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSignedLabel, signLabel } from './signed-label.ts';

test('who had the device in hand is read back out of the label', () => {
  for (const person of ['marta', 'marta@taller.example', 'a.b+c-1', undefined])
    assert.equal(readSignedLabel(signLabel('wo.edit', person)), {
      what: 'wo.edit',
      ...(person === undefined ? {} : { person }),
    });
});

test('a label is cut before the name, and text that only looks like one names nobody', () => {
  assert.equal(readSignedLabel(signLabel('x'.repeat(5000), 'marta')).person, 'marta');
  assert.equal(readSignedLabel('meet @ the gate'), { what: 'meet @ the gate' });
  assert.equal(readSignedLabel('sent @Marta Ruiz'), { what: 'sent @Marta Ruiz' });
});

test.run();

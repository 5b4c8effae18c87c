import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accessTo, familyOfDocument, type Grants, isDocumentName, mayRead, mayWrite } from './grants.ts';

const GRANTS: Grants = {
  role: 'mechanic',
  families: { work: 'write', people: 'read', cash: 'none' },
  other: 'none',
};

test('[PERM-1] a document has the access of its family, whatever its month', () => {
  const expected = [
    ['work', 'write'],
    ['work/2026-11', 'write'],
    ['people', 'read'],
    ['cash/2026-11', 'none'],
    ['billing', 'none'],
  ] as const;
  for (const [document, access] of expected) assert.is(accessTo(GRANTS, document), access, document);
});

test('[PERM-1] write includes read; read does not include write', () => {
  assert.ok(mayRead(GRANTS, 'work/2026-11') && mayWrite(GRANTS, 'work/2026-11'));
  assert.ok(mayRead(GRANTS, 'people') && !mayWrite(GRANTS, 'people'));
  assert.not.ok(mayRead(GRANTS, 'cash/2026-11'));
});

test('[PERM-1] a family that the grants do not name has the access given to all others', () => {
  assert.is(accessTo({ ...GRANTS, other: 'write' }, 'drawings/kitchen'), 'write');
  assert.is(accessTo({ ...GRANTS, other: 'write' }, 'cash'), 'none');
});

test('[PERM-4] a document name is lower-case words joined by slashes, and nothing a path could abuse', () => {
  for (const name of ['people', 'work/2026-11', 'a/b/c', '0']) assert.ok(isDocumentName(name), name);
  const refused = [
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    '..',
    'a/../b',
    'A',
    'a b',
    'a_b',
    'ä',
    'a%2fb',
    'a'.repeat(201),
  ];
  for (const name of refused) assert.not.ok(isDocumentName(name), name);
});

test('the family is the first word of the name', () => {
  assert.is(familyOfDocument('work/2026-11'), 'work');
  assert.is(familyOfDocument('people'), 'people');
});

test.run();

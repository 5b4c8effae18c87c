import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mayRead, mayWrite } from '../permissions/grants.ts';
import { decide } from './permissions.ts';
import { ROLE_IDS, tallerRoles } from './roles.ts';
import { tallerSchema } from './schema.ts';
import { DEFAULT_SETTINGS, readSettings } from './settings.ts';

/** Role × family: w writes, r reads, - neither. */
const TABLE = {
  //          admin catalog people work stock billing cash
  admin: /*     */ 'wwwwwww',
  recepcion: /* */ 'rwwwwwr',
  mecanico: /*  */ 'rrwww--',
  caja: /*      */ 'rrwwwww',
} as const;

test('[TALLER-24] every role against every family', () => {
  for (const role of ROLE_IDS) {
    for (const [index, { name }] of tallerSchema.families.entries()) {
      const mark = TABLE[role][index];
      assert.is(mayWrite(tallerRoles[role], name), mark === 'w', `${role} writes ${name}`);
      assert.is(mayRead(tallerRoles[role], `${name}/2026-11`), mark !== '-', `${role} reads ${name}`);
    }
  }
});

test('[TALLER-24] only the administrator writes users, roles, settings and series', () => {
  for (const table of ['users', 'roles', 'role_permissions', 'settings', 'document_series', 'devices'])
    assert.is(tallerSchema.tables.find(({ name }) => name === table)?.family, 'admin', table);
  assert.equal(
    ROLE_IDS.filter((role) => mayWrite(tallerRoles[role], 'admin')),
    ['admin'],
  );
});

test('[TALLER-24] documents outside the families are closed to everyone but the administrator', () => {
  assert.equal(
    ROLE_IDS.filter((role) => mayRead(tallerRoles[role], 'scratch')),
    ['admin'],
  );
});

test('[TALLER-24] limits travel with a permission', () => {
  assert.equal(decide('recepcion', 'discount.give', [], { discountBp: 1000 }), {
    allowed: true,
    limits: { max_discount_bp: 1000 },
  });
  assert.equal(decide('recepcion', 'discount.give', [], { discountBp: 1001 }), {
    allowed: false,
    because: 'over-limit',
  });
  assert.equal(decide('mecanico', 'price.view', []), { allowed: false, because: 'not-permitted' });
  assert.ok(decide('admin', 'invoice.void', [], { discountBp: 10_000 }).allowed);
  assert.not.ok(decide('nobody', 'price.view', []).allowed);
});

test('[TALLER-24] rows override the defaults; a limit that cannot be read allows nothing', () => {
  const row = { role_id: 'mecanico', permission: 'price.view', allowed: 1, limit_json: '{}' };

  assert.ok(decide('mecanico', 'price.view', [row]).allowed);
  assert.not.ok(decide('admin', 'price.view', [{ ...row, role_id: 'admin', allowed: 0 }]).allowed);
  assert.equal(
    decide(
      'caja',
      'discount.give',
      [{ ...row, role_id: 'caja', permission: 'discount.give', limit_json: '{' }],
      { discountBp: 1 },
    ),
    { allowed: false, because: 'over-limit' },
  );
});

test('[TALLER-28] the narrowest setting counts, and nonsense is ignored', () => {
  const row = (
    key: string,
    value_json: string,
    scope: 'workshop' | 'device' | 'user' = 'workshop',
    scope_id = '',
  ) => ({
    key,
    value_json,
    scope,
    scope_id,
  });
  const rows = [
    row('idle_lock_min', '2', 'user', 'ana'),
    row('idle_lock_min', '5', 'device', 'T2'),
    row('idle_lock_min', '30'),
    row('idle_lock_min', '1', 'user', 'otro'),
    row('currency', '42'),
    row('country', 'not json'),
    row('no_such_setting', '1'),
    row('reception_waived', '["photos", "nonsense"]'),
  ];

  assert.is(readSettings(rows, { user: 'ana', device: 'T2' }).idle_lock_min, 2);
  assert.is(readSettings(rows, { device: 'T2' }).idle_lock_min, 5);
  assert.is(readSettings(rows).idle_lock_min, 30);
  assert.is(readSettings([]).idle_lock_min, 15);
  assert.is(readSettings(rows).currency, DEFAULT_SETTINGS.currency);
  assert.is(readSettings(rows).country, 'ES');
  assert.equal(readSettings(rows).reception_waived, ['photos']);
  assert.not.ok('no_such_setting' in readSettings(rows));
});

test.run();

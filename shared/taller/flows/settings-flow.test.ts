import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs } from '../../mirror/sqljs.ts';
import { Prng } from '../../testing/prng.ts';
import { TestReplica } from '../../testing/replicas.ts';
import { decide } from '../permissions.ts';
import { tallerSchema } from '../schema.ts';
import { readSettings } from '../settings.ts';
import { setPermission, setWorkshopSetting } from './settings-flow.ts';

const sqlJs = await loadSqlJs();

test('[TALLER-28] a setting of the workshop is one row, whoever sets it, and is read back', () => {
  const office = new TestReplica({ sqlJs, schema: tallerSchema, random: new Prng(1) });

  office.write(...setWorkshopSetting('idle_lock_min', 5));
  office.write(...setWorkshopSetting('idle_lock_min', 30));

  const rows = office.query('select id, key, value_json, scope, scope_id from settings');
  assert.equal(rows, [
    { id: 'workshop:idle_lock_min', key: 'idle_lock_min', value_json: '30', scope: 'workshop', scope_id: '' },
  ]);
  assert.is(readSettings(rows as never).idle_lock_min, 30);
});

test('[TALLER-24] a permission that a role is given, limited or loses is decided by at once', () => {
  const office = new TestReplica({ sqlJs, schema: tallerSchema, random: new Prng(1) });
  office.write("insert into roles (id, name) values ('caja', 'Caja')");
  const rows = () =>
    office.query('select role_id, permission, allowed, limit_json from role_permissions') as never;

  office.write(...setPermission('caja', 'price.override', true, { max_discount_bp: 1000 }));
  assert.is(decide('caja', 'price.override', rows(), { discountBp: 1000 }).allowed, true);
  assert.is(decide('caja', 'price.override', rows(), { discountBp: 1001 }).allowed, false);

  office.write(...setPermission('caja', 'price.override', false, {}));
  assert.is(decide('caja', 'price.override', rows()).allowed, false);
});

test.run();

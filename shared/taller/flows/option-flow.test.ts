import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WoLine } from '../tables/orders.ts';
import { joinOptions, leaveOptions, offerOption, recommendOption, renameOptions } from './option-flow.ts';
import type { Statement } from './statement.ts';

const ORDER = '019a9c00-0000-7000-8000-000000000000';
const job = (id: string, option_group = '', sort = 1) => ({
  id,
  work_order_id: ORDER,
  title: `job ${id}`,
  option_group,
  lump_price_minor: null,
  finding_id: null,
  sort,
});
const actor = { user: 'u', device: 'd', nowMs: Date.UTC(2026, 10, 22) };
/** "a option_group=Frenos" for each update of a job. */
const updates = (made: readonly Statement[]) =>
  made
    .filter(({ sql }) => sql.startsWith('update wo_jobs'))
    .map(({ sql, params }) => `${params.at(-1)} ${/"(\w+)"/.exec(sql)?.[1]}=${params[0]}`);

test('[OPT-1] a job that is offered in another way is copied with its lines, and both are options of it', () => {
  const line = { id: 'l', kind: 'part', description: 'Pastillas', qty_milli: 1000, part_state: 'installed' };
  const made = offerOption(actor, job('a'), [line as WoLine], { title: 'Económica', sort: 2 });

  assert.equal(updates(made), ['a option_group=job a']);
  const [copy, copiedLine] = made.filter(({ sql }) => sql.startsWith('insert'));
  assert.ok(
    copy?.params.includes('Económica') && copy.params.includes('job a') && copy.params.includes('proposed'),
  );
  assert.ok(copiedLine?.params.includes('Pastillas'));
  assert.ok(copiedLine?.params.includes('needed'), 'nothing was done for it yet');
  assert.not.ok(copiedLine?.params.includes('l'));

  assert.equal(updates(offerOption(actor, job('b', 'Frenos'), [], { title: 'C', sort: 3 })), []);
});

test('[OPT-1] a job joins another or its group, and one that is left alone is no option', () => {
  const [a, b, c] = [job('a', 'Frenos'), job('b', 'Frenos'), job('c')];

  assert.equal(updates(joinOptions(c, a, [a, b, c])), ['c option_group=Frenos']);
  assert.equal(updates(joinOptions(a, c, [a, b, c])), [
    'a option_group=',
    'b option_group=',
    'c option_group=job c',
    'a option_group=job c',
  ]);
  assert.equal(updates(leaveOptions(c, [a, b, c])), []);
  assert.equal(updates(renameOptions([a, b], ' ')), []);
  assert.equal(updates(renameOptions([a, b], ' Discos ')), [
    'a option_group=Discos',
    'b option_group=Discos',
  ]);
});

test('[OPT-1] the option that is recommended becomes the first of its group, and the others keep their order', () => {
  const jobs = [job('oil', '', 1), job('a', 'Frenos', 2), job('b', 'Frenos', 2), job('c', 'Frenos', 9)];

  assert.equal(updates(recommendOption(jobs[3]!, jobs)), ['c sort=2', 'a sort=3', 'b sort=4']);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { versionStates } from './estimates.ts';

const version = (id: string, sent_at: number, jobIds: readonly string[]) => ({
  id,
  sent_at,
  jobIds,
  status: 'sent' as const,
  valid_until: 1000,
});
const decided = (id: string, decision: 'approved' | 'declined', created_at: number) => ({
  entity: 'job' as const,
  entity_id: id,
  decision,
  created_at,
});
const states = (...given: Parameters<typeof versionStates>) =>
  [...versionStates(...given)].map(([id, { state }]) => `${id}: ${state}`);

test('[TALLER-17] a decision belongs to the version that was the last one with its job when it was taken', () => {
  const versions = [version('v2', 20, ['b']), version('v1', 10, ['a'])];

  assert.equal(states(versions, [decided('a', 'approved', 12)], 25), ['v1: approved', 'v2: sent']);
  assert.equal(states(versions, [decided('a', 'approved', 12), decided('b', 'declined', 30)], 40), [
    'v1: approved',
    'v2: declined',
  ]);
});

test('[TALLER-17] a version that nobody answered is superseded by the next, and the last one expires', () => {
  const versions = [version('v1', 10, ['a', 'b']), version('v2', 20, ['a', 'b'])];

  assert.equal(states(versions, [], 30), ['v1: superseded', 'v2: sent']);
  assert.equal(states(versions, [], 1001), ['v1: superseded', 'v2: expired']);
  assert.equal(states(versions, [decided('a', 'approved', 25), decided('b', 'declined', 25)], 1001), [
    'v1: superseded',
    'v2: partial',
  ]);
});

test('[TALLER-17] an answer to some of the jobs is a partial one, and the latest answer to a job counts', () => {
  const versions = [version('v1', 10, ['a', 'b'])];

  assert.equal(states(versions, [decided('a', 'approved', 12)], 30), ['v1: partial']);
  const changed = [decided('a', 'declined', 12), decided('b', 'approved', 12), decided('a', 'approved', 15)];
  assert.equal(states(versions, changed, 30), ['v1: approved']);
});

test('[TALLER-17] an estimate of an earlier build, whose lines name no job, has the answer to the whole', () => {
  const whole = {
    entity: 'estimate' as const,
    entity_id: 'v1',
    decision: 'approved' as const,
    created_at: 12,
  };

  assert.equal(states([version('v1', 10, [])], [whole], 30), ['v1: approved']);
});

test('[OPT-2] the options of a group have one answer, and it says nothing of the others', () => {
  const v1 = {
    ...version('v1', 10, ['a', 'b', 'oil']),
    optionGroups: new Map([
      ['a', 'Frenos'],
      ['b', 'Frenos'],
    ]),
  };
  const takesB = [
    { ...decided('a', 'declined', 12), instead_id: 'b' },
    { ...decided('b', 'approved', 12), instead_id: null },
  ];

  assert.equal(states([v1], takesB, 30), ['v1: partial'], 'the oil is open');
  assert.equal(states([v1], [...takesB, decided('oil', 'approved', 13)], 30), ['v1: approved']);
  const none = [decided('a', 'declined', 12), { ...decided('b', 'declined', 12), instead_id: 'a' }];
  assert.equal(states([v1], [...none, decided('oil', 'declined', 13)], 30), ['v1: declined']);
});

test('[OPT-2] an option that gave way to one of a later version is answered there', () => {
  const versions = [version('v1', 10, ['a']), version('v2', 20, ['c'])];
  const first = [
    { ...decided('v1', 'approved', 12), entity: 'estimate' as const },
    decided('a', 'approved', 12),
  ];
  const second = [decided('c', 'approved', 25), { ...decided('a', 'declined', 25), instead_id: 'c' }];

  assert.equal(states(versions, first, 24), ['v1: approved', 'v2: sent']);
  assert.equal(states(versions, [...first, ...second], 30), ['v1: superseded', 'v2: approved']);
  const keeps = [{ ...decided('c', 'declined', 25), instead_id: 'a' }];
  assert.equal(states(versions, [...first, ...keeps], 30), ['v1: approved', 'v2: declined']);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_STATUSES, decideTransition, effectivePhase, isLocked, type Phase } from './status.ts';

const PHASES: readonly Phase[] = [
  'draft',
  'open',
  'waiting',
  'work',
  'quality',
  'ready',
  'invoiced',
  'delivered',
  'cancelled',
];

/** Which phases may follow which: one row per `from`, in the order of PHASES. x: yes, r: with a reason. */
const TABLE: Readonly<Record<Phase, string>> = {
  //          draft open wait work qual ready inv deliv canc
  draft: /*     */ '.x......r',
  open: /*      */ '.xxxxx..r',
  waiting: /*   */ '.xxxxx..r',
  work: /*      */ '.xxxxx..r',
  quality: /*   */ '.xxxxx..r',
  ready: /*     */ '.xxxxxxxr',
  invoiced: /*  */ '.......x.',
  delivered: /* */ '.....r...',
  cancelled: /* */ '.r.......',
};

test('[TALLER-19] every phase against every phase', () => {
  for (const from of PHASES) {
    for (const [index, to] of PHASES.entries()) {
      const mark = TABLE[from][index];
      const plain = decideTransition({ from, to, locked: false });
      const withReason = decideTransition({ from, to, locked: false, reason: 'lo pide el cliente' });
      assert.is(plain.allowed, mark === 'x', `${from} to ${to} without a reason`);
      assert.is(withReason.allowed, mark !== '.', `${from} to ${to} with a reason`);
      if (mark === 'r') assert.equal(plain, { allowed: false, because: 'needs-reason' });
    }
  }
});

test('[TALLER-19] a blank reason is none', () => {
  assert.equal(decideTransition({ from: 'open', to: 'cancelled', locked: false, reason: '  ' }), {
    allowed: false,
    because: 'needs-reason',
  });
});

test('[TALLER-19] a status may ask for a permission', () => {
  const question = {
    from: 'quality',
    to: 'ready',
    locked: false,
    needsPermission: 'order.sign_off',
  } as const;

  assert.equal(decideTransition(question), { allowed: false, because: 'needs-permission' });
  assert.equal(decideTransition({ ...question, permissions: new Set(['order.sign_off']) }), {
    allowed: true,
  });
});

test('[TALLER-19] invoiced stays, whatever a device that did not know wrote later', () => {
  const invoiced = { locked_at: 100, unlocked_at: null };

  assert.is(effectivePhase(invoiced, 'work'), 'invoiced');
  assert.is(effectivePhase(invoiced, 'cancelled'), 'invoiced');
  assert.is(effectivePhase(invoiced, 'delivered'), 'delivered');
  assert.is(effectivePhase({ locked_at: 100, unlocked_at: 200 }, 'work'), 'work');
  assert.is(
    effectivePhase({ locked_at: 300, unlocked_at: 200 }, 'work'),
    'invoiced',
    'invoiced again after an unlock',
  );
  assert.ok(isLocked(invoiced));
  assert.equal(decideTransition({ from: 'invoiced', to: 'ready', locked: true }), {
    allowed: false,
    because: 'locked',
  });
});

test('[TALLER-19] the statuses that come with the application are in the order of the machine', () => {
  assert.equal(
    DEFAULT_STATUSES.map(({ key }) => key),
    [
      'draft',
      'received',
      'diagnosis',
      'waiting_approval',
      'waiting_parts',
      'in_progress',
      'quality',
      'ready',
      'invoiced',
      'delivered',
      'cancelled',
    ],
  );
});

test.run();

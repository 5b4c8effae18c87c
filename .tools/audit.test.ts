import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAudit } from './audit.ts';

const ADVISORY = {
  title: 'Prototype pollution',
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  severity: 'high',
};

test('an advisory of high severity is found, unless DECISIONS explains it', () => {
  const output = `npm warn something\n${JSON.stringify({
    vulnerabilities: {
      left: { via: [ADVISORY, 'right'] },
      right: { via: [{ ...ADVISORY, severity: 'moderate' }] },
    },
  })}\n`;

  assert.equal(readAudit(output, ''), {
    kind: 'answered',
    unexplained: [`left: high, Prototype pollution ${ADVISORY.url}`],
  });
  assert.equal(readAudit(output, 'GHSA-aaaa-bbbb-cccc: we never parse such a text.'), {
    kind: 'answered',
    unexplained: [],
  });
});

test('a registry that offers no audit says nothing about anything', () => {
  assert.equal(readAudit('{"message": "405 Method Not Allowed", "statusCode": 405}', ''), {
    kind: 'not-offered',
    because: '405 Method Not Allowed',
  });
  assert.is(readAudit('npm error network', '').kind, 'not-offered');
  assert.is(readAudit('', '').kind, 'not-offered');
});

test.run();

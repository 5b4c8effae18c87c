import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networkOf } from './address-failures.ts';

test('[ID-6] an IPv6 customer has one count, however many addresses it uses', () => {
  for (const [address, network] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::7', '2001:db8:1:2'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::', 'fe80:0:0:0'],
    ['unknown', 'unknown'],
  ])
    assert.is(networkOf(address!), network, address);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PriceQuestion, resolvePrice } from './prices.ts';

const LIST = {
  id: 'l',
  includes_tax: 0,
  base: 'price' as const,
  adjust_bp: -1000,
  rounding_minor: 0,
  active: 1,
};
const LIST_ITEM = {
  price_list_id: 'l',
  item_id: 'i',
  price_minor: 900,
  min_qty_milli: 0,
  valid_from: null,
  valid_to: null,
};
const ASK: PriceQuestion = {
  item: { id: 'i', price_minor: 1005, last_cost_minor: 400 },
  qtyMilli: 1000,
  atMs: 50,
  taxRateBp: 2100,
};

test('[TALLER-6] typed, then fixed in the list, then by its formula, then the item', () => {
  const withList = { ...ASK, list: LIST, listItems: [LIST_ITEM] };

  assert.equal(resolvePrice(ASK), { unitPriceMinor: 1005, origin: 'item' });
  assert.equal(resolvePrice({ ...ASK, list: LIST }), { unitPriceMinor: 905, origin: 'list-formula' });
  assert.equal(resolvePrice(withList), { unitPriceMinor: 900, origin: 'list-item' });
  assert.equal(resolvePrice({ ...withList, manualMinor: 1 }), { unitPriceMinor: 1, origin: 'manual' });
});

test('[TALLER-6] quantity steps and dates choose among fixed prices', () => {
  const listItems = [
    { ...LIST_ITEM, price_minor: 600, min_qty_milli: 4000, valid_to: 50 },
    LIST_ITEM,
    { ...LIST_ITEM, price_minor: 800, min_qty_milli: 4000 },
    { ...LIST_ITEM, price_minor: 700, min_qty_milli: 4000, valid_from: 100 },
    { ...LIST_ITEM, price_minor: 1, item_id: 'other' },
    { ...LIST_ITEM, price_minor: 2, price_list_id: 'other' },
  ];
  const price = (qtyMilli: number, atMs: number) =>
    resolvePrice({ ...ASK, list: LIST, listItems, qtyMilli, atMs }).unitPriceMinor;

  assert.is(price(3999, 60), 900);
  assert.is(price(4000, 60), 800);
  assert.is(price(4000, 100), 700, 'the one valid last');
  assert.is(price(4000, 49), 600);
  assert.is(price(4000, 50), 800);
});

test('[TALLER-6] a list may add to the cost, round, include tax, or be switched off', () => {
  const cost = { ...LIST, base: 'cost' as const, adjust_bp: 3333 };

  assert.equal(resolvePrice({ ...ASK, list: cost }), { unitPriceMinor: 533, origin: 'list-formula' });
  assert.is(resolvePrice({ ...ASK, list: { ...cost, rounding_minor: 50 } }).unitPriceMinor, 550);
  assert.is(resolvePrice({ ...ASK, item: { ...ASK.item, last_cost_minor: 0 }, list: cost }).origin, 'item');
  assert.is(
    resolvePrice({
      ...ASK,
      list: { ...LIST, includes_tax: 1 },
      listItems: [{ ...LIST_ITEM, price_minor: 1210 }],
    }).unitPriceMinor,
    1000,
  );
  assert.is(resolvePrice({ ...ASK, list: { ...LIST, active: 0 } }).origin, 'item');
});

test.run();

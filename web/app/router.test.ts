import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchPath, type Route, Router } from './router.ts';

test('a named segment becomes a parameter, decoded', () => {
  assert.equal(matchPath('/ordenes/:id', '/ordenes/T2-000%2F12'), { id: 'T2-000/12' });
});

test('a path with more or fewer segments is another page', () => {
  assert.is(matchPath('/ordenes/:id', '/ordenes'), undefined);
  assert.is(matchPath('/ordenes', '/ordenes/7'), undefined);
});

test('a slash at the end changes nothing', () => {
  assert.equal(matchPath('/ordenes', '/ordenes/'), {});
});

test('broken percent-encoding is taken as it stands', () => {
  assert.equal(matchPath('/ordenes/:id', '/ordenes/%E0%A4%A'), { id: '%E0%A4%A' });
});

test('[NAV-1] the address changes with the page, once it is loaded and the field before is left', async () => {
  const { router, events, loads } = setup();

  const gone = router.go('/ordenes/7');
  events.push('asked');
  loads['/ordenes/:id']!();
  await gone;

  assert.equal(events, ['asked', 'left /', 'push /ordenes/7', 'shown /ordenes/:id']);
});

test('[NAV-1] of two pages that load, only the one asked for last is shown', async () => {
  const { router, events, loads } = setup();

  const first = router.go('/ordenes/7');
  const second = router.go('/inicio');
  loads['/inicio']!();
  await second;
  loads['/ordenes/:id']!();
  await first;

  assert.equal(events, ['left /', 'push /inicio', 'shown /inicio']);
});

test('a guard decides where a path leads, whether it is asked for or found in the address', async () => {
  let leads = '/ordenes/7';
  const { router, events, loads } = setup(() => leads);

  const gone = router.go('/inicio');
  loads['/ordenes/:id']!();
  await gone;
  leads = '/inicio';
  router.follow();
  loads['/inicio']!();
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(events, [
    'left /',
    'push /ordenes/7',
    'shown /ordenes/:id',
    'replace /inicio',
    'shown /inicio',
  ]);
});

test('an address that is only replaced does not leave the field', async () => {
  const { router, events, loads } = setup();

  const replaced = router.go('/inicio', { replace: true });
  loads['/inicio']!();
  await replaced;

  assert.equal(events, ['replace /inicio', 'shown /inicio']);
});

test.run();

/** A router over a window that only remembers its address; `loads` ends the import of a route's page. */
function setup(guard: (path: string) => string = (path) => path) {
  const events: string[] = [];
  const loads: Record<string, () => void> = {};
  const route = (pattern: string): Route => ({
    pattern,
    tag: 'any-page',
    load: () =>
      new Promise((resolve) => {
        loads[pattern] = () => resolve(undefined);
      }),
  });
  const location = { href: 'http://taller.test/' };
  const move = (how: string) => (_state: unknown, _title: string, path: string) => {
    location.href = new URL(path, location.href).href;
    events.push(`${how} ${path}`);
  };
  const router = new Router({
    routes: [route('/inicio'), route('/ordenes/:id')],
    fallback: '/inicio',
    onChange: (shown) => events.push(`shown ${shown.route.pattern}`),
    guard,
    onLeave: () => events.push(`left ${new URL(location.href).pathname}`),
    window: {
      location,
      history: { pushState: move('push'), replaceState: move('replace') },
    } as unknown as Window,
  });
  return { router, events, loads };
}

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineClient } from './engine-client.ts';
import { LiveQuery } from './live-query.ts';
import { sql } from './sql-tag.ts';

test('a query is watched from connecting to disconnecting, and again', () => {
  const { element, watched } = setup();

  element.hostConnected?.();
  element.hostUpdate?.();
  assert.is(watched.size, 1);

  element.hostDisconnected?.();
  assert.is(watched.size, 0);

  element.hostConnected?.();
  assert.is(watched.size, 1);
});

test('an element that is updated after it was left watches nothing', () => {
  const { element, watched } = setup();
  element.hostConnected?.();
  element.hostDisconnected?.();

  element.hostUpdate?.();

  assert.is(watched.size, 0);
});

test.run();

/** The query as its element drives it, and what is watched at the moment. */
function setup(): { readonly element: ReactiveController; readonly watched: ReadonlySet<object> } {
  const watched = new Set<object>();
  const engine = {
    watch: () => {
      const one = {};
      watched.add(one);
      return () => watched.delete(one);
    },
  } as unknown as EngineClient;
  const host = { addController: () => {}, requestUpdate: () => {} } as unknown as ReactiveControllerHost;
  const element = new LiveQuery(
    host,
    () => engine,
    () => sql`select 1`,
  );
  return { element, watched };
}

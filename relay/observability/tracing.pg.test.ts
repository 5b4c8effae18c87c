import { type Span, type SpanStatus, trace } from '@opentelemetry/api';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openTestServer, type TestServer } from '../testing/test-server.ts';
import { traced } from './tracing.ts';

let server: TestServer;
const ended: { name: string; attributes: Record<string, unknown>; status: SpanStatus | undefined }[] = [];
test.before(async () => {
  trace.setGlobalTracerProvider({
    getTracer: () => ({ startSpan, startActiveSpan: () => undefined as never }),
  });
  server = await openTestServer();
});
test.before.each(() => {
  ended.length = 0;
});
test.after(async () => {
  trace.disable();
  await server.close();
});

test('a request is one span, named by its route and not by what was asked for', async () => {
  const token = await server.token('writer');
  ended.length = 0;
  await server.call('GET', '/api/documents/work%2F2031-07?secret=1', { token });

  assert.equal(
    ended.map(({ name }) => name),
    ['GET /api/documents/:document'],
  );
  assert.is(ended[0]!.attributes['http.response.status_code'], 404);
  assert.not.match(JSON.stringify(ended), /2031-07|secret|eyJ/);
});

test('what fails in a span is noted by its kind and thrown on', async () => {
  const thrown = await traced('work', { rows: 2 }, async () => {
    throw new RangeError('plate ABC123');
  }).catch((error: Error) => error);

  assert.instance(thrown, RangeError);
  assert.equal(ended[0]!.attributes, { rows: 2 });
  assert.is(ended[0]!.status?.message, 'RangeError');
});

function startSpan(name: string, options: { attributes?: Record<string, unknown> } = {}): Span {
  const record = { name, attributes: { ...options.attributes }, status: undefined as SpanStatus | undefined };
  return {
    setAttribute(key: string, value: unknown) {
      record.attributes[key] = value;
      return this;
    },
    setStatus(status: SpanStatus) {
      record.status = status;
      return this;
    },
    end: () => void ended.push(record),
  } as unknown as Span;
}

test.run();

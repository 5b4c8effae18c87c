import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../client/engine-messages.ts';
import { ReconnectNotice } from './reconnect-notice.ts';

const test = suite('the notice after reconnecting');

test('[NOTICE-1] what came in while away is counted once level, with what is to be reviewed', () => {
  const { notice, told, receive } = setup();
  notice.follow(at('connected'));
  receive(3); // while connected: nobody is told
  notice.follow(at('offline'));
  notice.follow(at('connecting'));
  notice.follow(at('connected', { level: false }));
  receive(12);
  notice.follow(at('connected', { conflicts: 1 }));

  assert.equal(told, ['12 cambios recibidos, 1 por revisar.']);
});

test('[NOTICE-1] one change is one, and what was to be reviewed before is not counted again', () => {
  const { notice, told, receive } = setup();
  notice.follow(at('offline', { violations: 2 }));
  receive(1);
  notice.follow(at('connected', { violations: 2 }));

  assert.equal(told, ['1 cambio recibido.']);
});

test('[NOTICE-1] nothing is said when nothing came, nor of the first download', () => {
  const { notice, told, receive } = setup();
  notice.follow(at('offline', { firstSync: true }));
  receive(500);
  notice.follow(at('connected'));
  notice.follow(at('offline'));
  notice.follow(at('connected'));

  assert.equal(told, []);
});

test.run();

function setup() {
  const told: string[] = [];
  let received = 0;
  const notice = new ReconnectNotice({
    tell: (text) => told.push(text),
  });
  return {
    notice: { follow: (status: Status) => notice.follow({ ...status, receivedEvents: received }) },
    told,
    receive: (count: number) => {
      received += count;
    },
  };
}

function at(connection: Status['connection'], more: Partial<Status> = {}): Status {
  const rest = { level: connection === 'connected', conflicts: 0, violations: 0, firstSync: false };
  return { ...rest, connection, ...more } as Status;
}

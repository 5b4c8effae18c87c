/** The world outside as it is; tests pass their own. */
import { secureRandomBytes } from '../../shared/base/ids.ts';
import type { ReplicaDeps } from './core.ts';

export function systemDeps(): ReplicaDeps {
  return {
    nowMs: () => Date.now(),
    randomBytes: secureRandomBytes,
    random: () => Math.random(),
    setTimer: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    nextTurn: turns(),
    openSocket: (url, protocols) => new WebSocket(url, protocols) as never,
    fetch: (...request) => fetch(...request),
  };
}

/** As a message to itself: a timer would wait for milliseconds once some had followed upon each other. */
function turns(): ReplicaDeps['nextTurn'] {
  if (typeof setImmediate === 'function') return (run) => void setImmediate(run); // in Node a port keeps the process
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(undefined);
  };
}

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
    openSocket: (url, protocols) => new WebSocket(url, protocols) as never,
    fetch: (...request) => fetch(...request),
  };
}

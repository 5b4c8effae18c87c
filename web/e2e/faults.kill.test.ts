/**
 * Thirty rounds of faults against two relays, a materializer, Postgres and S3, all of them real (fleet.ts). In every
 * round a relay is killed with SIGKILL at a random moment, in every fifth Postgres, and whatever else the seed gives
 * goes wrong as well. `SEED=123 npm test -- faults.kill` plays one again, as far as processes can be made to repeat
 * themselves; `npm run test:long -- faults` plays hundreds.
 */
import { faultSuite } from './fault-suite.ts';

const test = faultSuite(30);
test.run();

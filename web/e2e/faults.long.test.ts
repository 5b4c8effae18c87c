/** Hundreds of rounds of what faults.kill.test.ts plays thirty of. */
import { faultSuite } from './fault-suite.ts';

const test = faultSuite(400);
test.run();

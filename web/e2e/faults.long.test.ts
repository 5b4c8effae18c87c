/** Hundreds of rounds of what faults.kill.test.ts plays thirty of. */
import { testFaults } from './fault-suite.ts';

testFaults(400);

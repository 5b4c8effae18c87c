import { testLogContract } from './log.contract.ts';
import { MemoryLog } from './memory-log.ts';

const test = testLogContract('memory', async () => {
  const log = new MemoryLog();
  return {
    log,
    recreate: async (workspace, document) => {
      const state = (await log.documents(workspace)).find((one) => one.document === document)!;
      log.setState(workspace, document, {
        epoch: state.epoch + 1,
        head: 1,
        trimmedSeq: 1,
        snapshotSeq: 1,
        logBytes: 0,
      });
    },
    close: async () => undefined,
  };
});

test.run();

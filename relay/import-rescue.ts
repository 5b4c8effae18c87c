/**
 * Takes the unsent commits of a rescue file into the log: for a device that will not come back. Each keeps its id and
 * its device, so nothing is stored twice when the device comes back all the same.
 */
import { ProtocolError } from '../shared/protocol/commit.ts';
import { decodeRescueFile } from '../shared/protocol/rescue-file.ts';
import { scanUpdate } from '../shared/registers/update-scan.ts';
import { EpochChangedError, type Log } from './log/log.ts';

export interface ImportedRescue {
  readonly stored: number;
  readonly alreadyKnown: number;
  /** Ids of commits that cannot be stored, and of those that were refused before, with the reason. */
  readonly left: readonly { readonly id: string; readonly because: string }[];
}

/** Throws ProtocolError when it is no rescue file. `user` absent: the one who made the commits. */
export async function importRescue(
  log: Pick<Log, 'append'>,
  file: Uint8Array,
  options: { readonly workspace: string; readonly user?: string },
): Promise<ImportedRescue> {
  const rescue = decodeRescueFile(file);
  // It waits for a person, who can only look at it where there is a screen.
  const left: { id: string; because: string }[] = rescue.setAside.map(({ id, reason }) => ({
    id,
    because: `was refused (${reason}); import the file into another device to correct, send or discard it`,
  }));
  let stored = 0;
  let alreadyKnown = 0;
  for (const { parts, ...commit } of rescue.commits) {
    try {
      for (const { update } of parts) scanUpdate(update);
      const [outcome] = await log.append([
        {
          workspace: options.workspace,
          user: options.user ?? rescue.user,
          device: commit.device,
          commit,
          parts,
        },
      ]);
      if (outcome?.kind === 'stored') stored++;
      else alreadyKnown++;
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof EpochChangedError)) throw error;
      left.push({ id: commit.id, because: error.message });
    }
  }
  return { stored, alreadyKnown, left };
}

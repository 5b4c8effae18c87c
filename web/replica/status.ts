/**
 * What a replica tells about itself, as plain data that crosses to the page.
 */
import type { Grants } from '../../shared/permissions/grants.ts';

/** Ends what was started; does nothing the second time. */
export type Stop = () => void;

export interface Status {
  readonly connection: 'connected' | 'connecting' | 'offline';
  /** How changes travel; `http` where WebSockets are blocked. */
  readonly transport: 'socket' | 'http' | 'none';
  /** Why there is no connection and none is being tried; undefined when it will come back by itself. */
  readonly stopped:
    | 'signed-out'
    | 'token-expired'
    | 'not-allowed'
    | 'update-required'
    | 'refused'
    | undefined;
  /** The relay's or the system's sentence for the last failure. */
  readonly lastError: string | undefined;
  /** When the next attempt starts, epoch ms; undefined when connected or stopped. */
  readonly nextAttemptAtMs: number | undefined;
  /** Commits that the relay has not stored yet, without the rejected. */
  readonly pending: number;
  /** Commits that the relay refused; they wait for a person. */
  readonly rejected: number;
  /** Those of policy `manual`, and of the others those of the last 30 days. */
  readonly conflicts: number;
  readonly violations: number;
  /** Changes of others that came in since the replica was opened. */
  readonly receivedEvents: number;
  /** Everything the relay had when we joined is here. */
  readonly level: boolean;
  /** The database was never filled from the relay: the first download is under way or still to come. */
  readonly firstSync: boolean;
  readonly lastSyncAtMs: number | undefined;
  /** Relay time minus device time, ms. Beyond a minute the page should say so. */
  readonly clockOffsetMs: number;
  readonly device: string;
  readonly user: string;
  /** Who took the device over with a PIN. */
  readonly acting: string | undefined;
  readonly grants: Grants | undefined;
  /** Rebuilding the SQL image from the documents: 0 to 1; undefined when it is ready. */
  readonly rebuilding: number | undefined;
  readonly storage: StorageHealth;
}

export interface StorageHealth {
  /** The browser promised not to evict it. */
  readonly persisted: boolean | undefined;
  readonly usedBytes: number | undefined;
  readonly quotaBytes: number | undefined;
  /** The last write was refused by the disk, with its sentence. */
  readonly failure: string | undefined;
}

export const UNKNOWN_STORAGE: StorageHealth = {
  persisted: undefined,
  usedBytes: undefined,
  quotaBytes: undefined,
  failure: undefined,
};

/**
 * Ids made on the device. A row id is a UUIDv7, so its own timestamp tells its month (documents/bucket.ts);
 * a device id is 8 characters of base62, made at first open and kept.
 */
import { v7 } from 'uuid';
import type { Brand } from './brand.ts';

export type DeviceId = Brand<string, 'DeviceId'>;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const DEVICE_ID_LENGTH = 8;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Bytes from the platform's secure source; tests pass a seeded one. */
export type RandomBytes = (count: number) => Uint8Array;

export const secureRandomBytes: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

/** A new UUIDv7 at `atMs` (epoch milliseconds). Ids of one millisecond are not ordered among themselves. */
export function newId(atMs: number = Date.now(), randomBytes: RandomBytes = secureRandomBytes): string {
  return v7({ msecs: atMs, random: randomBytes(16) });
}

export function isUuidV7(value: unknown): value is string {
  return typeof value === 'string' && UUID_V7.test(value);
}

/** Epoch milliseconds of a UUIDv7; undefined for any other text. */
export function timestampMsOfId(id: string): number | undefined {
  if (!isUuidV7(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** 8 characters of base62: 47 bits, so a workshop's few hundred devices never meet by chance. */
export function newDeviceId(randomBytes: RandomBytes = secureRandomBytes): DeviceId {
  let id = '';
  while (id.length < DEVICE_ID_LENGTH) {
    for (const byte of randomBytes(DEVICE_ID_LENGTH)) {
      // 248 = 4 × 62: bytes above it would make the first letters likelier.
      if (byte < 248 && id.length < DEVICE_ID_LENGTH) id += BASE62[byte % 62];
    }
  }
  return id as DeviceId;
}

export function isDeviceId(value: unknown): value is DeviceId {
  return typeof value === 'string' && /^[0-9A-Za-z]{8}$/.test(value);
}

/** TOTP codes (RFC 6238: SHA-1, 6 digits, 30 s), as every authenticator app makes them. */
import { Secret, TOTP } from 'otpauth';

const PERIOD_S = 30;
/** Steps of clock difference that are forgiven, either way. */
const WINDOW = 1;

/** 20 random bytes in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** `otpauth://totp/Taller:admin%40demo?secret=…`, shown as a QR code. */
export function otpauthUrl(secret: string, issuer: string, label: string): string {
  return new TOTP({ issuer, label, secret, period: PERIOD_S }).toString();
}

/** The 30 s step that the code belongs to, so that the caller can refuse a second use; undefined when wrong. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const delta = new TOTP({ secret, period: PERIOD_S }).validate({
    token: code,
    timestamp: nowMs,
    window: WINDOW,
  });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

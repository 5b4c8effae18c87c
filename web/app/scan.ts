/**
 * Reading codes from the camera: the browser's own detector where it has one, else ZXing, which is loaded when a camera is
 * first used and is part of the application, so it works with no network. No picture leaves the device.
 */

/** Enough for labels, spare parts, VIN stickers and our own receipts; each further one costs time per picture. */
const FORMATS = ['qr_code', 'code_128', 'code_39', 'ean_13', 'ean_8', 'data_matrix'] as const;
const BETWEEN_PICTURES_MS = 150;
/** A code is believed when it was read so often, one after the other: a single reading of a bad label may be wrong. */
const EQUAL_READINGS = 2;

interface Detector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

interface NativeDetector {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** A page may ask for a camera at all; whether there is one is known when it is asked. */
export function mayScan(): boolean {
  return window.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined;
}

/**
 * Watches `video`, which plays, until a code was read or `signal` aborts. Resolves to its text, or undefined when it was
 * aborted.
 */
export async function readCode(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const detector = await openDetector();
  let last = '';
  let equal = 0;
  while (!signal.aborted) {
    const [found] =
      video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await detector.detect(video) : [];
    if (found && found.rawValue !== '') {
      equal = found.rawValue === last ? equal + 1 : 1;
      last = found.rawValue;
      if (equal >= EQUAL_READINGS) return last;
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_PICTURES_MS));
  }
  return undefined;
}

async function openDetector(): Promise<Detector> {
  const { BarcodeDetector } = window as { BarcodeDetector?: NativeDetector };
  const supported = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? []; // it says so and has none
  if (BarcodeDetector && supported.includes('qr_code') && supported.includes('code_128')) {
    return new BarcodeDetector({ formats: FORMATS.filter((format) => supported.includes(format)) });
  }
  const { zxingDetector } = await import('./scan-zxing.ts');
  return zxingDetector([...FORMATS]);
}

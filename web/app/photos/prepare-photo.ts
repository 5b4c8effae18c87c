/**
 * A picture from camera or gallery made ready: turned upright, at most 1600 px, drawn anew so that nothing of its EXIF
 * (place, device) remains, with a thumbnail.
 */

/** Enough to read a scratch or a part number, and about 300 KB. */
const MAX_EDGE_PX = 1600;
const THUMB_EDGE_PX = 320;
const QUALITY = 0.78;
const CONTENT_TYPE = 'image/jpeg';

export interface PreparedImage {
  readonly sha256: string;
  readonly bytes: ArrayBuffer;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
}

export interface PreparedPhoto {
  readonly photo: PreparedImage;
  readonly thumb: PreparedImage;
}

/** The file is no picture, or none that this browser can read. */
export class UnreadablePictureError extends Error {
  override name = 'UnreadablePictureError';
}

/** Throws UnreadablePictureError. */
export async function preparePhoto(file: Blob): Promise<PreparedPhoto> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((cause: unknown) => {
    throw new UnreadablePictureError('the file is no picture that this browser reads', { cause });
  });
  try {
    return { photo: await draw(bitmap, MAX_EDGE_PX), thumb: await draw(bitmap, THUMB_EDGE_PX) };
  } finally {
    bitmap.close();
  }
}

/** Size that fits into a square of `edge`, never larger than it was: (4000, 3000, 1600) -> { 1600, 1200 }. */
function fit(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export async function sha256Of(bytes: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function draw(bitmap: ImageBitmap, edge: number): Promise<PreparedImage> {
  const { width, height } = fit(bitmap.width, bitmap.height, edge);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height);
  const blob = await new Promise<Blob>((resolve, reject) => {
    canvas.toBlob(
      (made) => (made ? resolve(made) : reject(new Error('the picture could not be encoded'))),
      CONTENT_TYPE,
      QUALITY,
    );
  });
  const bytes = await blob.arrayBuffer();
  return { sha256: await sha256Of(bytes), bytes, contentType: CONTENT_TYPE, width, height };
}

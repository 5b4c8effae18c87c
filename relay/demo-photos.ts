/**
 * Pictures for the demo workspace, drawn here because a repository is no place for photographs: a vehicle of the
 * right colour and shape before a workshop's wall, from four sides, as PNG files.
 */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { DemoPhoto, DemoPhotoSubject } from '../shared/taller/demo/photos.ts';

export interface DrawnPhoto extends DemoPhoto {
  readonly png: Uint8Array;
  readonly thumbPng: Uint8Array;
}

const WIDTH = 640;
const HEIGHT = 480;
/** Every pixel is the mean of 2 × 2: edges look drawn, not cut. */
const SAMPLES = 2;

type Colour = readonly [red: number, green: number, blue: number];
type Point = readonly [x: number, y: number];

const PAINT: Readonly<Record<string, Colour>> = {
  blanco: [232, 234, 236],
  gris: [128, 134, 142],
  negro: [48, 51, 56],
  rojo: [176, 44, 42],
  azul: [42, 84, 150],
  plata: [184, 190, 196],
  verde: [58, 110, 82],
};
const WALL: Colour = [214, 210, 202];
const WALL_STRIPE: Colour = [196, 122, 48];
const FLOOR: Colour = [142, 140, 136];
const SHADOW: Colour = [104, 102, 100];
const TYRE: Colour = [34, 34, 36];
const RIM: Colour = [170, 174, 180];
const GLASS: Colour = [86, 108, 124];
const LAMP: Colour = [246, 232, 190];
const TAIL_LAMP: Colour = [196, 40, 36];
const PLATE: Colour = [248, 248, 246];
const PLATE_BAND: Colour = [32, 70, 158];

/** Draws each picture once: two vehicles of one colour and shape share theirs, as content-addressed files do. */
export class DemoPhotographer {
  readonly #drawn = new Map<string, DrawnPhoto>();

  photoOf(subject: DemoPhotoSubject): DrawnPhoto {
    const key = `${subject.slot} ${subject.bodyType} ${subject.color}`;
    let photo = this.#drawn.get(key);
    if (!photo) {
      photo = draw(subject);
      this.#drawn.set(key, photo);
    }
    return photo;
  }

  get photos(): readonly DrawnPhoto[] {
    return [...this.#drawn.values()];
  }
}

function draw(subject: DemoPhotoSubject): DrawnPhoto {
  const raster = new Raster(WIDTH * SAMPLES, HEIGHT * SAMPLES);
  paintScene(raster, subject);
  const full = raster.shrink(SAMPLES);
  const png = full.toPng();
  const thumbPng = full.shrink(2).toPng();
  return {
    sha256: sha256(png),
    thumbSha256: sha256(thumbPng),
    mime: 'image/png',
    bytes: png.length,
    width: WIDTH,
    height: HEIGHT,
    png,
    thumbPng,
  };
}

function paintScene(raster: Raster, { slot, bodyType, color }: DemoPhotoSubject): void {
  const paint = PAINT[color] ?? PAINT.gris!;
  raster.rectangle(0, 0, 1, 0.62, WALL);
  raster.rectangle(0, 0.3, 1, 0.33, WALL_STRIPE);
  raster.rectangle(0, 0.62, 1, 1, FLOOR);
  if (slot === 'left' || slot === 'right') paintSide(raster, bodyType, paint, slot === 'right');
  else paintEnd(raster, bodyType, paint, slot === 'rear');
}

/** Outlines from the left, nose to the left: body, then glass. */
const SIDES: Readonly<Record<string, { readonly body: readonly Point[]; readonly glass: readonly Point[] }>> =
  {
    turismo: {
      body: [
        [0.08, 0.62],
        [0.1, 0.55],
        [0.28, 0.5],
        [0.38, 0.38],
        [0.66, 0.38],
        [0.78, 0.5],
        [0.9, 0.53],
        [0.92, 0.62],
        [0.9, 0.7],
        [0.1, 0.7],
      ],
      glass: [
        [0.32, 0.5],
        [0.4, 0.405],
        [0.64, 0.405],
        [0.73, 0.5],
      ],
    },
    suv: {
      body: [
        [0.08, 0.58],
        [0.1, 0.5],
        [0.28, 0.46],
        [0.37, 0.32],
        [0.8, 0.32],
        [0.9, 0.46],
        [0.92, 0.6],
        [0.9, 0.7],
        [0.1, 0.7],
      ],
      glass: [
        [0.32, 0.455],
        [0.395, 0.35],
        [0.78, 0.35],
        [0.85, 0.455],
      ],
    },
    furgoneta: {
      body: [
        [0.08, 0.6],
        [0.1, 0.5],
        [0.2, 0.46],
        [0.28, 0.26],
        [0.9, 0.24],
        [0.92, 0.3],
        [0.92, 0.7],
        [0.1, 0.7],
      ],
      glass: [
        [0.24, 0.45],
        [0.3, 0.29],
        [0.42, 0.29],
        [0.42, 0.45],
      ],
    },
  };

function paintSide(raster: Raster, bodyType: string, paint: Colour, isMirrored: boolean): void {
  const { body, glass } = SIDES[bodyType] ?? SIDES.turismo!;
  const x = (value: number): number => (isMirrored ? 1 - value : value);
  const turned = (points: readonly Point[]): Point[] => points.map(([px, py]) => [x(px), py]);
  raster.ellipse(0.5, 0.76, 0.44, 0.035, SHADOW);
  raster.polygon(turned(body), paint);
  raster.polygon(turned(glass), GLASS);
  raster.rectangle(Math.min(x(0.1), x(0.9)), 0.655, Math.max(x(0.1), x(0.9)), 0.7, darker(paint));
  raster.polygon(
    turned([
      [0.085, 0.58],
      [0.12, 0.55],
      [0.15, 0.56],
      [0.1, 0.6],
    ]),
    LAMP,
  );
  raster.polygon(
    turned([
      [0.92, 0.55],
      [0.88, 0.54],
      [0.88, 0.6],
      [0.92, 0.62],
    ]),
    TAIL_LAMP,
  );
  for (const wheel of [0.25, 0.76]) {
    raster.ellipse(x(wheel), 0.7, 0.075, 0.1, TYRE);
    raster.ellipse(x(wheel), 0.7, 0.045, 0.06, RIM);
  }
}

function paintEnd(raster: Raster, bodyType: string, paint: Colour, isRear: boolean): void {
  const top = bodyType === 'furgoneta' ? 0.2 : bodyType === 'suv' ? 0.28 : 0.34;
  raster.ellipse(0.5, 0.8, 0.32, 0.035, SHADOW);
  for (const wheel of [0.27, 0.73]) raster.rectangle(wheel - 0.05, 0.66, wheel + 0.05, 0.8, TYRE);
  raster.polygon(
    [
      [0.32, top],
      [0.68, top],
      [0.74, 0.5],
      [0.78, 0.55],
      [0.78, 0.74],
      [0.22, 0.74],
      [0.22, 0.55],
      [0.26, 0.5],
    ],
    paint,
  );
  raster.polygon(
    [
      [0.345, top + 0.03],
      [0.655, top + 0.03],
      [0.7, 0.49],
      [0.3, 0.49],
    ],
    GLASS,
  );
  raster.rectangle(0.22, 0.69, 0.78, 0.74, darker(paint));
  for (const lamp of [0.225, 0.675])
    raster.rectangle(lamp, 0.545, lamp + 0.1, 0.6, isRear ? TAIL_LAMP : LAMP);
  raster.rectangle(0.4, 0.615, 0.6, 0.67, PLATE);
  raster.rectangle(0.4, 0.615, 0.42, 0.67, PLATE_BAND);
}

function darker([red, green, blue]: Colour): Colour {
  return [Math.round(red * 0.72), Math.round(green * 0.72), Math.round(blue * 0.72)];
}

/** An RGB picture; coordinates are shares of its width and height. */
class Raster {
  readonly #width: number;
  readonly #height: number;
  readonly #pixels: Uint8Array;

  constructor(width: number, height: number, pixels = new Uint8Array(width * height * 3)) {
    this.#width = width;
    this.#height = height;
    this.#pixels = pixels;
  }

  rectangle(left: number, top: number, right: number, bottom: number, colour: Colour): void {
    for (let y = Math.round(top * this.#height); y < Math.round(bottom * this.#height); y++)
      this.#span(y, left * this.#width, right * this.#width, colour);
  }

  ellipse(centreX: number, centreY: number, radiusX: number, radiusY: number, colour: Colour): void {
    for (
      let y = Math.floor((centreY - radiusY) * this.#height);
      y < (centreY + radiusY) * this.#height;
      y++
    ) {
      const share = ((y + 0.5) / this.#height - centreY) / radiusY;
      if (Math.abs(share) >= 1) continue;
      const half = radiusX * Math.sqrt(1 - share * share);
      this.#span(y, (centreX - half) * this.#width, (centreX + half) * this.#width, colour);
    }
  }

  /** Fills by scan lines, even-odd. */
  polygon(points: readonly Point[], colour: Colour): void {
    for (let y = 0; y < this.#height; y++) {
      const at = (y + 0.5) / this.#height;
      const crossings: number[] = [];
      for (const [index, [x1, y1]] of points.entries()) {
        const [x2, y2] = points[(index + 1) % points.length]!;
        if (y1 <= at !== y2 <= at) crossings.push(x1 + ((at - y1) / (y2 - y1)) * (x2 - x1));
      }
      crossings.sort((a, b) => a - b);
      for (let index = 0; index + 1 < crossings.length; index += 2)
        this.#span(y, crossings[index]! * this.#width, crossings[index + 1]! * this.#width, colour);
    }
  }

  /** The same picture with `factor` times fewer pixels each way. */
  shrink(factor: number): Raster {
    const [width, height] = [this.#width / factor, this.#height / factor];
    const pixels = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < 3; channel++) {
          let sum = 0;
          for (let dy = 0; dy < factor; dy++)
            for (let dx = 0; dx < factor; dx++)
              sum += this.#pixels[((y * factor + dy) * this.#width + x * factor + dx) * 3 + channel]!;
          pixels[(y * width + x) * 3 + channel] = sum / (factor * factor);
        }
      }
    }
    return new Raster(width, height, pixels);
  }

  /** PNG, 8 bits per channel, each line with filter 2 (difference to the line above: flat areas become zeros). */
  toPng(): Uint8Array {
    const stride = this.#width * 3;
    const lines = Buffer.alloc((stride + 1) * this.#height);
    for (let y = 0; y < this.#height; y++) {
      lines[y * (stride + 1)] = 2;
      for (let at = 0; at < stride; at++) {
        const above = y === 0 ? 0 : this.#pixels[(y - 1) * stride + at]!;
        lines[y * (stride + 1) + 1 + at] = this.#pixels[y * stride + at]! - above;
      }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.#width, 0);
    header.writeUInt32BE(this.#height, 4);
    header.set([8, 2, 0, 0, 0], 8);
    return Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(lines, { level: 6 })),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  }

  #span(y: number, from: number, to: number, [red, green, blue]: Colour): void {
    if (y < 0 || y >= this.#height) return;
    const end = Math.min(this.#width, Math.round(to));
    for (let x = Math.max(0, Math.round(from)); x < end; x++) {
      const at = (y * this.#width + x) * 3;
      this.#pixels[at] = red;
      this.#pixels[at + 1] = green;
      this.#pixels[at + 2] = blue;
    }
  }
}

function chunk(type: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(body.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** CRC-32 of PNG (RFC 2083, appendix 15), bit by bit: zlib.crc32 is not in Node 20.19. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

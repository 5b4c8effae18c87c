/** A drawn signature, from its strokes, as a picture for print. */
import SignaturePad, { type PointGroup } from 'signature_pad';

const PADDING_PX = 12;

/** PNG as a data address; undefined when nothing was drawn, or what is stored is no list of strokes. */
export function strokesPicture(strokesJson: string): string | undefined {
  const strokes = strokesOf(strokesJson);
  const points = strokes.flatMap(({ points }) => points);
  if (points.length === 0) return undefined;
  const left = Math.min(...points.map(({ x }) => x)) - PADDING_PX;
  const top = Math.min(...points.map(({ y }) => y)) - PADDING_PX;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(...points.map(({ x }) => x)) - left + PADDING_PX;
  canvas.height = Math.max(...points.map(({ y }) => y)) - top + PADDING_PX;
  const pad = new SignaturePad(canvas);
  pad.fromData(
    strokes.map((stroke) => ({
      ...stroke,
      penColor: 'black',
      points: stroke.points.map((point) => ({ ...point, x: point.x - left, y: point.y - top })),
    })),
  );
  pad.off();
  return canvas.toDataURL('image/png');
}

function strokesOf(json: string): PointGroup[] {
  try {
    const strokes: unknown = JSON.parse(json);
    return Array.isArray(strokes) ? strokes.filter((stroke) => Array.isArray(stroke?.points)) : [];
  } catch {
    return []; // another version wrote something else; the typed name stands
  }
}

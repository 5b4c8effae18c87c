/** Gives a file to another application of the tablet, or saves it where the browser cannot. */
import { saveFile } from './save-file.ts';

/** `text` goes beside the file, as messengers send it. Resolves to what became of it; closing the list of applications is no failure. */
export async function shareFile(
  blob: Blob,
  name: string,
  title: string,
  text?: string,
): Promise<'shared' | 'saved' | 'left'> {
  const file = new File([blob], name, { type: blob.type });
  const message = { files: [file], title, ...(text === undefined ? {} : { text }) };
  if (navigator.canShare?.(message)) {
    try {
      await navigator.share(message);
      return 'shared';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return 'left';
      // NotAllowedError: making the file took longer than the tap counts; it is saved instead.
    }
  }
  saveFile(blob, name);
  return 'saved';
}

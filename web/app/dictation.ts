/**
 * Speech as text, only where the browser turns it into text on the device itself. Chromium's recognition sends what it
 * hears to its maker unless `processLocally` is set, and nothing here may leave the origin; a browser that does not know
 * `processLocally`, or has not the language on the device, gets no button.
 */
interface LocalRecognition extends EventTarget {
  lang: string;
  continuous: boolean;
  processLocally: boolean;
  start(): void;
  stop(): void;
}

interface LocalRecognitionClass {
  new (): LocalRecognition;
  available?(options: {
    readonly langs: readonly string[];
    readonly processLocally: true;
  }): Promise<'unavailable' | 'downloadable' | 'downloading' | 'available'>;
}

interface RecognitionResults extends Event {
  readonly resultIndex: number;
  readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }> & { readonly isFinal: boolean }>;
}

/** The language is on this device, and speech in it stays here. Never throws. */
export async function mayDictate(lang: string): Promise<boolean> {
  try {
    return (await recognitionClass()?.available?.({ langs: [lang], processLocally: true })) === 'available';
  } catch {
    return false; // a browser with another idea of these options
  }
}

/** Calls `onText` with each sentence until stopped, and `onEnd` once, by whoever it was stopped. */
export function dictate(
  lang: string,
  on: { readonly text: (text: string) => void; readonly end: () => void },
): () => void {
  const Recognition = recognitionClass();
  if (!Recognition) throw new Error('there is no speech recognition; ask mayDictate first');
  const recognition = new Recognition();
  recognition.lang = lang;
  recognition.continuous = true;
  recognition.processLocally = true;
  recognition.addEventListener('result', (event) => {
    const { results, resultIndex } = event as RecognitionResults;
    for (let index = resultIndex; index < results.length; index++) {
      const text = results[index]?.[0]?.transcript.trim() ?? '';
      if (results[index]?.isFinal && text !== '') on.text(text);
    }
  });
  recognition.addEventListener('end', () => on.end());
  recognition.start();
  return () => recognition.stop();
}

function recognitionClass(): LocalRecognitionClass | undefined {
  return (window as { SpeechRecognition?: LocalRecognitionClass }).SpeechRecognition;
}

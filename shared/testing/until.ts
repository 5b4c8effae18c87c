/** Waiting in tests for something to happen, never for time to pass; what does not happen is named. */

/** Far more than a loaded machine needs: what has not happened by then does not happen. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 5;

/** Asks again and again. Throws, naming `what`, when it is not so within 30 s. */
export async function until(isSo: () => boolean | Promise<boolean>, what = String(isSo)): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw missing(what);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The same of a promise that somebody resolves when it happens. */
export async function inTime<T>(happens: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(missing(what)), PATIENCE_MS);
  });
  return Promise.race([happens, late]).finally(() => clearTimeout(timer));
}

function missing(what: string): Error {
  return new Error(`did not happen in ${PATIENCE_MS / 1000} s: ${what}`);
}

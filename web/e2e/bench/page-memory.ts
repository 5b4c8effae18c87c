/** What a page and its shared worker hold, after a collection, over the protocol of the browser's own tools. */
import type { CDPSession, Page } from 'playwright-core';

export interface Memory {
  readonly pageBytes: number;
  readonly workerBytes: number;
  /** Nodes and listeners of the page, those included that nothing shows any more. */
  readonly nodes: number;
  readonly listeners: number;
}

export class PageMemory {
  readonly #page: CDPSession;
  readonly #worker: WorkerSession;

  static async of(page: Page): Promise<PageMemory> {
    const browser = page.context().browser();
    if (!browser) throw new Error('the page has no browser to ask');
    return new PageMemory(
      await page.context().newCDPSession(page),
      await WorkerSession.open(await browser.newBrowserCDPSession()),
    );
  }

  private constructor(page: CDPSession, worker: WorkerSession) {
    this.#page = page;
    this.#worker = worker;
  }

  async measure(): Promise<Memory> {
    await this.#page.send('HeapProfiler.collectGarbage');
    await this.#worker.send('HeapProfiler.collectGarbage');
    const { usedSize: pageBytes } = await this.#page.send('Runtime.getHeapUsage');
    const { usedSize: workerBytes } = await this.#worker.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners: listeners } = await this.#page.send('Memory.getDOMCounters');
    return { pageBytes, workerBytes: Number(workerBytes), nodes, listeners };
  }
}

/** The first shared worker of the browser. Playwright has no session for one, so its messages travel inside others. */
class WorkerSession {
  readonly #browser: CDPSession;
  readonly #sessionId: string;
  readonly #answers = new Map<number, (result: Record<string, unknown>) => void>();
  #sent = 0;

  static async open(browser: CDPSession): Promise<WorkerSession> {
    const { targetInfos } = await browser.send('Target.getTargets');
    const worker = targetInfos.find(({ type }) => type === 'shared_worker');
    if (!worker) throw new Error('no shared worker runs');
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId: worker.targetId });
    return new WorkerSession(browser, sessionId);
  }

  private constructor(browser: CDPSession, sessionId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    browser.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message) as { id?: number; result?: Record<string, unknown> };
      if (id === undefined) return;
      this.#answers.get(id)?.(result ?? {});
      this.#answers.delete(id);
    });
  }

  async send(method: string): Promise<Record<string, unknown>> {
    const id = ++this.#sent;
    const answered = new Promise<Record<string, unknown>>((resolve) => this.#answers.set(id, resolve));
    await this.#browser.send('Target.sendMessageToTarget', {
      sessionId: this.#sessionId,
      message: JSON.stringify({ id, method }),
    });
    return answered;
  }
}

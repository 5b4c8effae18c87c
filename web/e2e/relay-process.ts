/** The real relay (relay/main.ts) as a process of its own, which a test can kill and start again on its port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const READY_TIMEOUT_MS = 60_000;
/** Lets `setClock` move the clock of the process. */
const CLOCK = join(import.meta.dirname, 'movable-clock.ts');

export interface RelayOptions {
  readonly databaseUrl: string;
  /** Folder for objects. */
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `all` when absent. */
  readonly role?: 'relay' | 'materializer' | 'all';
}

export class RelayProcess {
  readonly port: number;
  readonly #options: RelayOptions;
  #child: ChildProcess | undefined;
  #output = '';

  static async start(options: RelayOptions): Promise<RelayProcess> {
    const relay = new RelayProcess(await freePort(), options);
    await relay.restart();
    return relay;
  }

  private constructor(port: number, options: RelayOptions) {
    this.port = port;
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the process has printed so far, the last 200 KB. */
  get output(): string {
    return this.#output;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Its clock is so far ahead of this machine's from now on; a restart takes it back. */
  setClock(aheadMs: number): void {
    this.#child?.send({ clockAheadMs: aheadMs }, () => undefined); // it may just have been killed
  }

  /** Starts it when it is not running, and resolves once it is ready to serve. */
  async restart(): Promise<void> {
    if (this.#child) return;
    const { databaseUrl, dataDir, env, role = 'all' } = this.#options;
    const args = ['--import', 'tsx', '--import', CLOCK, 'relay/main.ts', '--role', role];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        DATA_DIR: dataDir,
        HOST: '127.0.0.1',
        PORT: String(this.port),
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
    this.#child = child;
    const hear = (piece: Buffer): void => {
      this.#output = (this.#output + piece.toString()).slice(-200_000);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    await this.ready();
  }

  /** Resolves once `/ready` says yes. Rejects with what the process printed when it ended instead. */
  async ready(): Promise<void> {
    const deadlineMs = Date.now() + READY_TIMEOUT_MS;
    while (this.#child && Date.now() < deadlineMs) {
      const answer = await fetch(`${this.url}/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`the relay did not become ready; it printed:\n${this.#output.slice(-4_000)}`);
  }

  /** SIGKILL: nothing is flushed, nobody is told. Resolves once the process is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** SIGTERM: the graceful way. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill(signal);
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

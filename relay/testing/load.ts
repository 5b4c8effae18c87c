/**
 * Load for benches: stock clients reduced to what they put on the wire, so that the generator costs less than what it
 * measures. Each edit carries its number; whoever receives it knows when it was sent.
 */
import WebSocket from 'ws';
import * as Y from 'yjs';

export interface LoadOptions {
  /** `ws://…/sync/<workspace>`, one or several instances; clients take turns. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly documents: number;
  readonly clientsPerDocument: number;
  readonly editsPerSecond: number;
  readonly seconds: number;
  /** Edits of the first seconds are sent and not counted. */
  readonly warmupSeconds?: number;
}

export interface LoadResult {
  /** From sent to received, one per edit and receiver, the sender's echo included. */
  readonly latenciesMs: Float64Array;
  readonly sent: number;
  readonly expectedDeliveries: number;
  readonly deliveries: number;
}

const MARK = 'espejo-edit:';

interface Client {
  readonly socket: WebSocket;
  readonly doc: Y.Doc;
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { documents, clientsPerDocument, editsPerSecond, seconds, warmupSeconds = 2 } = options;
  const total = Math.ceil(editsPerSecond * (seconds + warmupSeconds));
  const firstCounted = Math.floor(editsPerSecond * warmupSeconds);
  const sentAtMs = new Float64Array(total);
  const latencies = new Float64Array((total - firstCounted) * clientsPerDocument);
  let deliveries = 0;
  let counted = 0;

  const receive = (message: Buffer) => {
    const at = message.indexOf(MARK);
    if (at < 0) return;
    // Several edits may lie in one frame (a merged tail); during a run each has its own.
    const edit = Number.parseInt(message.toString('latin1', at + MARK.length, at + MARK.length + 8), 10);
    deliveries++;
    if (edit >= firstCounted) latencies[counted++] = performance.now() - sentAtMs[edit]!;
  };
  const clients: Client[] = [];
  for (let index = 0; index < documents * clientsPerDocument; index++) {
    const url = options.urls[index % options.urls.length]!;
    clients.push(await connect(`${url}/load-${index % documents}?token=${options.token}`, receive));
  }
  const startMs = performance.now();
  let edit = 0;
  while (edit < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * editsPerSecond));
    for (; edit < due; edit++) {
      const client = clients[(edit * 7919) % clients.length]!;
      sentAtMs[edit] = performance.now();
      client.doc
        .getMap('rows')
        .set(`k${edit % 50}`, `${MARK}${String(edit).padStart(8, '0')} ${'x'.repeat(60)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const expectedDeliveries = total * clientsPerDocument;
  const deadlineMs = performance.now() + 10_000;
  while (deliveries < expectedDeliveries && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  for (const { socket } of clients) socket.terminate();
  return { latenciesMs: latencies.subarray(0, counted), sent: total, expectedDeliveries, deliveries };
}

/** A client whose edits go out as stock updates; what comes in is looked at and not applied. */
function connect(url: string, receive: (message: Buffer) => void): Promise<Client> {
  return new Promise((resolve, reject) => {
    const doc = new Y.Doc();
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    socket.on('error', reject);
    socket.on('message', receive);
    doc.on('update', (update: Uint8Array) => {
      const head: number[] = [0, 2];
      let length = update.length;
      for (; length > 127; length = Math.floor(length / 128)) head.push(128 | (length & 127));
      head.push(length);
      socket.send(Buffer.concat([Uint8Array.from(head), update]));
    });
    socket.once('open', () => resolve({ socket, doc }));
  });
}

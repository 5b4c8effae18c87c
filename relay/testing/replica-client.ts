/** A replica's end of the wire for tests: says hello, sends commits, applies what it gets, checks what WIRE promises. */
import WebSocket from 'ws';
import * as Y from 'yjs';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newDeviceId, newId } from '../../shared/base/ids.ts';
import { type Commit, type CommitPart, encodeCommit } from '../../shared/protocol/commit.ts';
import {
  type ControlFromRelay,
  type ControlFromReplica,
  decodeFrameFromRelay,
  encodeFrame,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  type UpdateFrame,
} from '../../shared/protocol/wire.ts';
import { inTime } from '../../shared/testing/until.ts';

export type Answer = Extract<ControlFromRelay, { readonly type: 'ack' | 'reject' }>;

export interface ReplicaClientOptions {
  /** `ws://127.0.0.1:1234/sync` */
  readonly url: string;
  readonly workspace?: string;
  readonly user?: string;
  readonly role?: string;
  readonly device?: DeviceId;
  /** Commits that it asks about when it joins. */
  readonly unsure?: readonly string[];
  /** What it has from before; absent: nothing. */
  readonly from?: ReplicaClient;
}

interface ClientDocument {
  readonly name: string;
  epoch: number;
  seq: number;
  doc: Y.Doc;
}

export class ReplicaClient {
  readonly device: DeviceId;
  readonly documents = new Map<string, ClientDocument>();
  /** Units as they were completed: names of the documents of each. */
  readonly units: string[][] = [];
  readonly controls: ControlFromRelay[] = [];
  /** Bytes of every frame received. */
  bytes = 0;
  /** What broke a promise of the wire; stays empty. */
  readonly faults: string[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #byNumber = new Map<number, ClientDocument>();
  readonly #answers = new Map<string, (answer: Answer) => void>();
  readonly #waiting: { readonly is: () => boolean; readonly done: () => void }[] = [];
  readonly #sent = new Map<string, Commit>();
  #unit: UpdateFrame[] = [];

  constructor(options: ReplicaClientOptions) {
    const { url, workspace = 'w', user = 'ana', role = 'writer', from } = options;
    this.device = options.device ?? from?.device ?? newDeviceId();
    for (const [name, { epoch, seq, doc }] of from?.documents ?? []) {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
      this.documents.set(name, { name, epoch, seq, doc: copy });
    }
    this.socket = new WebSocket(`${url}/${workspace}?token=${workspace}.${user}.${role}`, SUBPROTOCOL);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#notice();
      });
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (message: Buffer) => this.#receive(message));
    this.socket.once('open', () => {
      const positions = [...this.documents.values()].map(
        ({ name, epoch, seq }) => [name, epoch, seq] as const,
      );
      this.say({
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        device: this.device,
        schema: 1,
        positions,
        ...(options.unsure ? { unsure: options.unsure } : {}),
      });
    });
  }

  /** Connected and brought up to date. Throws when the relay closes instead. */
  static async open(options: ReplicaClientOptions): Promise<ReplicaClient> {
    const client = new ReplicaClient(options);
    await client.until(() => client.isLevel || client.socket.readyState === WebSocket.CLOSED);
    if (!client.isLevel) throw new Error(`closed with ${JSON.stringify(await client.closed)}`);
    return client;
  }

  get isLevel(): boolean {
    return this.controls.some(({ type }) => type === 'level');
  }

  say(message: ControlFromReplica): void {
    this.socket.send(encodeFrame({ kind: 'control', message }));
  }

  /** Resolves when `is` holds; it is asked after every message. Rejects, naming `what`, when it does not within 30 s. */
  until(is: () => boolean, what = String(is)): Promise<void> {
    if (is()) return Promise.resolve();
    return inTime(new Promise((done) => this.#waiting.push({ is, done })), what);
  }

  /** The update that `edit` makes of a document, as this device's. The document itself gets it with the ack. */
  part(document: string, edit: (doc: Y.Doc) => void, clientId?: number): CommitPart {
    const doc = this.doc(document);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    if (clientId !== undefined) copy.clientID = clientId;
    const before = Y.encodeStateVector(copy);
    edit(copy);
    return { document, update: Y.encodeStateAsUpdate(copy, before) };
  }

  doc(document: string): Y.Doc {
    const found = this.documents.get(document);
    if (found) return found.doc;
    const doc = new Y.Doc();
    this.documents.set(document, { name: document, epoch: 1, seq: 0, doc });
    return doc;
  }

  commitOf(parts: readonly CommitPart[], change: Partial<Commit> = {}): Commit {
    return {
      id: newId(),
      device: this.device,
      hlc: hlcOfMs(Date.now()),
      schema: 1,
      label: 'test',
      parts,
      ...change,
    };
  }

  send(commit: Commit): Promise<Answer> {
    this.#sent.set(commit.id, commit);
    return this.sendBytes(commit.id, encodeCommit(commit));
  }

  sendBytes(id: string, bytes: Uint8Array): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.socket.send(encodeFrame({ kind: 'commit', bytes }));
    });
  }

  /** `set(key, value)` on map `rows` of each document, as one commit. */
  write(values: Readonly<Record<string, readonly [key: string, value: unknown]>>): Promise<Answer> {
    const parts = Object.entries(values).map(([document, [key, value]]) =>
      this.part(document, (doc) => doc.getMap('rows').set(key, value)),
    );
    return this.send(this.commitOf(parts));
  }

  rows(document: string): Record<string, unknown> {
    return this.doc(document).getMap('rows').toJSON();
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #receive(message: Buffer): void {
    this.bytes += message.length;
    const frame = decodeFrameFromRelay(message);
    if (frame.kind === 'control') this.#control(frame.message);
    else if (frame.kind === 'update') this.#update(frame);
    this.#notice();
  }

  #control(message: ControlFromRelay): void {
    if (this.#unit.length > 0) this.faults.push(`[WIRE-3] ${message.type} within a unit`);
    this.controls.push(message);
    if (message.type === 'document') {
      let document = this.documents.get(message.name);
      if (!document || document.epoch !== message.epoch) {
        document = { name: message.name, epoch: message.epoch, seq: 0, doc: new Y.Doc() };
        this.documents.set(message.name, document);
      }
      this.#byNumber.set(message.number, document);
    } else if (message.type === 'ack' || message.type === 'reject') {
      // Stored, although its answer was lost: then it came as somebody else's would, and no own update follows.
      if (message.type === 'ack') this.#sent.delete(message.id);
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    }
  }

  #update(frame: UpdateFrame): void {
    this.#unit.push(frame);
    if (frame.more) return;
    const names: string[] = [];
    for (const { number, epoch, fromSeq, toSeq, own, payload } of this.#unit.splice(0)) {
      const document = this.#byNumber.get(number);
      if (!document || document.epoch !== epoch) {
        this.faults.push(`[WIRE-4] update for ${number} epoch ${epoch}, which was not announced`);
        continue;
      }
      if (fromSeq > document.seq + 1)
        this.faults.push(`[WIRE-4] ${document.name}: ${fromSeq} after ${document.seq}`);
      document.seq = toSeq;
      names.push(document.name);
      // payload: sync, update, length, bytes
      const update = own ? this.#ownUpdate(document.name) : updateOf(payload);
      if (update) Y.applyUpdate(document.doc, update, 'relay');
      if (document.doc.store.pendingStructs)
        this.faults.push(`[WIRE-4] ${document.name} has a gap at ${toSeq}`);
    }
    this.units.push(names);
  }

  /** Own commits come back in the order they were sent, per document. */
  #ownUpdate(document: string): Uint8Array | undefined {
    for (const [id, commit] of this.#sent) {
      const part = commit.parts.find((one) => one.document === document);
      if (!part) continue;
      const rest = commit.parts.filter((one) => one !== part);
      if (rest.length === 0) this.#sent.delete(id);
      else this.#sent.set(id, { ...commit, parts: rest });
      return part.update;
    }
    this.faults.push(`own update of ${document}, which was never sent`);
    return undefined;
  }

  #notice(): void {
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      if (this.#waiting[index]!.is()) this.#waiting.splice(index, 1)[0]!.done();
    }
  }
}

function updateOf(payload: Uint8Array): Uint8Array {
  let at = 2;
  while (payload[at]! >= 128) at++;
  return payload.subarray(at + 1);
}

/**
 * An unmodified y-websocket client at one document (`/sync/<workspace>/<document>`).
 *
 *   client                              relay
 *     | -- sync step 1 (its clocks) --->  |
 *     | <- update: snapshot ------------- |   as it is stored
 *     | <- sync step 2: merged tail ----- |   the client says `sync` now, and is complete
 *     | <- sync step 1 (our clocks) ----- |   else what it wrote offline would never come
 *     | -- sync step 2 ---------------->  |   stored if it holds anything new
 *     | -- update --------------------->  |   stored, then sent to everyone; the echo is the acknowledgement
 *     | <> awareness                      |
 *
 * One message per frame: these clients drop a second one without a word.
 */
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { mayWrite } from '../../shared/permissions/grants.ts';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import type { UpdateScan } from '../../shared/registers/update-scan.ts';
import type { Seat } from '../identity/seat.ts';
import type { PendingAppend } from '../log/flusher.ts';
import { tooManyDocuments } from '../room/commit-gate.ts';
import type { Feed } from '../room/feed.ts';
import { type Piece, RangeGoneError } from '../room/join.ts';
import { Knowledge } from '../room/knowledge.ts';
import {
  awarenessMessage,
  EMPTY_UPDATE,
  HEARTBEAT_MESSAGE,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
  syncPrefix,
  syncStep1,
} from '../room/messages.ts';
import type { Room, StockMember } from '../room/room.ts';
import { ClockAheadError, checkUpdate } from '../room/update-check.ts';
import { type Connection, type ConnectionDeps, SocketRefusal, type Window } from './connection.ts';
import { type Frame, frameOf } from './frame.ts';
import type { Outlet } from './outlet.ts';

const EMPTY_STEP_2 = frameOf(syncPrefix(SYNC_STEP_2, EMPTY_UPDATE.length), EMPTY_UPDATE);
const HEARTBEAT = frameOf(HEARTBEAT_MESSAGE);

export interface StockConnectionOptions {
  readonly seat: Seat;
  readonly feed: Feed;
  readonly document: string;
  readonly outlet: Outlet;
  readonly window: Window;
  readonly deps: ConnectionDeps;
}

export class StockConnection implements Connection, StockMember {
  readonly kind = 'stock';
  readonly seat: Seat;
  readonly outlet: Outlet;
  readonly #options: StockConnectionOptions;
  readonly #room: Room;
  /**
   * Deliveries that must wait until what came before them was sent; undefined once it was. While the join waits for its
   * turn nothing need be kept: it will hold what has been delivered by then.
   */
  #backlog: Frame[] | 'covered' | undefined = 'covered';
  #backlogBytes = 0;
  #hasEnded = false;

  constructor(options: StockConnectionOptions) {
    this.#options = options;
    this.seat = options.seat;
    this.outlet = options.outlet;
    this.#room = options.feed.rooms.open(options.document);
    this.#room.stock.add(this);
  }

  /** Sends what is there, and asks for what the client has beyond it. Throws StorageAwayError and outages. */
  async join(): Promise<void> {
    const { feed, document: name, deps } = this.#options;
    const startedAtMs = deps.nowMs();
    const document = feed.document(name);
    const leave = await deps.joins.turn(document?.bytes ?? 0);
    try {
      await this.#sendState();
    } finally {
      leave();
    }
    deps.metrics?.joinSeconds.observe((deps.nowMs() - startedAtMs) / 1000);
  }

  async #sendState(): Promise<void> {
    const { feed, document: name, deps } = this.#options;
    const document = feed.document(name);
    const upTo = document?.delivered ?? 0;
    const epoch = document?.epoch ?? 1;
    // From here on every delivery lands in the backlog: together with the cut it is everything.
    this.#backlog = [];
    const frames: Frame[] = [];
    let pieces: readonly Piece[] = [];
    if (document && upTo > 0) {
      const range = { documentId: document.id, epoch, after: 0, upTo };
      pieces = await deps.joins.pieces(range, document.state).catch(async (error: unknown) => {
        if (!(error instanceof RangeGoneError)) throw error;
        await feed.refresh();
        return deps.joins.pieces(range, document.state);
      });
      pieces.forEach((piece, index) => {
        frames.push(piece.stockFrame(index === pieces.length - 1 ? SYNC_STEP_2 : SYNC_UPDATE));
      });
    }
    if (this.#hasEnded) return;
    if (frames.length === 0) frames.push(EMPTY_STEP_2);
    const sent = this.outlet.sendAllowed(frames);
    const backlog = Array.isArray(this.#backlog) ? this.#backlog : [];
    this.#backlog = undefined;
    for (const frame of backlog) this.outlet.send(frame);
    const everyone = this.#room.awareness.everyone();
    if (everyone) this.outlet.send(frameOf(awarenessMessage(everyone)));
    await this.#ask(pieces, upTo);
    await sent;
  }

  /** Asks for what the client has beyond the document. */
  async #ask(pieces: readonly Piece[], upTo: number): Promise<void> {
    const { feed, document: name } = this.#options;
    let known = this.#room.knowledge;
    if (!known) {
      known = new Knowledge();
      for (const piece of pieces) known.addAll(await piece.knowledge());
      const delivered = feed.document(name)?.delivered ?? 0;
      // Only a state that misses nothing may speak for the room; else a later joiner finds out.
      if (!this.#hasEnded && delivered === upTo) this.#room.knowledge ??= known;
    }
    this.outlet.send(frameOf(syncStep1(known.stateVector())));
  }

  deliver(frame: Frame): void {
    if (this.#backlog === undefined) this.outlet.send(frame);
    else if (this.#backlog !== 'covered') this.#keep(this.#backlog, frame);
  }

  #keep(backlog: Frame[], frame: Frame): void {
    const { maxUnsentBytes } = this.#options.deps.limits;
    backlog.push(frame);
    this.#backlogBytes += frame.bytes;
    if (this.#backlogBytes <= maxUnsentBytes) return;
    this.#backlog = 'covered';
    this.outlet.close('tooMuchUnsent', `more than ${maxUnsentBytes} bytes came while it joined`);
  }

  deliverAwareness(update: Uint8Array): void {
    if (this.#backlog === undefined) this.outlet.sendIfIdle(frameOf(awarenessMessage(update)));
  }

  comeBack(sentence: string): void {
    this.outlet.close('relayRestarting', sentence);
  }

  beat(): void {
    this.outlet.send(HEARTBEAT);
  }

  ended(): void {
    this.#hasEnded = true;
    this.#backlog = undefined;
    this.#room.stock.delete(this);
    this.#room.awareness.leave(this);
    this.#options.feed.rooms.leave(this.#room);
  }

  isPaced(message: Uint8Array): boolean {
    return message[0] === MESSAGE_SYNC && message[1] !== SYNC_STEP_1;
  }

  receive(message: Uint8Array): void {
    const decoder = createDecoder(message);
    const type = read(() => readVarUint(decoder));
    switch (type) {
      case MESSAGE_SYNC: {
        const step = read(() => readVarUint(decoder));
        if (step !== SYNC_STEP_1 && step !== SYNC_STEP_2 && step !== SYNC_UPDATE)
          throw new ProtocolError(`sync message type ${step} is unknown`);
        const content = read(() => readVarUint8Array(decoder));
        if (step === SYNC_STEP_1) this.#answerStep1();
        else this.#append(content, step === SYNC_STEP_2);
        return;
      }
      case MESSAGE_AWARENESS: {
        const reply = this.#room.awareness.receive(
          read(() => readVarUint8Array(decoder)),
          this,
        );
        if (reply) this.outlet.sendIfIdle(frameOf(awarenessMessage(reply)));
        return;
      }
      case MESSAGE_QUERY_AWARENESS: {
        const everyone = this.#room.awareness.everyone();
        if (everyone) this.outlet.sendIfIdle(frameOf(awarenessMessage(everyone)));
        return;
      }
      default:
        throw new ProtocolError(`message type ${type} is unknown`);
    }
  }

  /** Join sends everything unasked; asked again later (`resyncInterval`), nothing is missing. */
  #answerStep1(): void {
    if (this.#backlog === undefined) this.outlet.send(EMPTY_STEP_2);
  }

  #append(update: Uint8Array, isStep2: boolean): void {
    const { seat, feed, document, window, deps } = this.#options;
    const scan = this.#check(update);
    if (isStep2 && !this.#isNews(scan)) return;
    if (!mayWrite(seat.grants, document))
      throw new SocketRefusal('notAllowed', `role ${seat.role} may not write document ${document}`);
    const isForeign = isStep2 || this.#room.knowledge?.reaches(scan) === false;
    if ((feed.document(document)?.epoch ?? 1) > 1 && isForeign)
      throw new SocketRefusal(
        'notAllowed',
        `document ${document} was re-created; open it afresh, without its old content`,
      );
    if (!feed.document(document) && feed.documentCount >= deps.limits.maxDocumentsPerWorkspace)
      throw new SocketRefusal('tooLarge', tooManyDocuments(deps.limits));
    const known = feed.document(document)?.bytes ?? 0;
    if (known + update.length > deps.limits.maxDocumentBytes)
      throw new SocketRefusal(
        'tooLarge',
        `document ${document} would grow beyond ${deps.limits.maxDocumentBytes} bytes`,
      );
    const bytes = update.length;
    window.enter(bytes);
    const pending: PendingAppend = {
      // A copy: the bytes lie in the socket's read buffer, which is far larger.
      request: {
        workspace: seat.workspace,
        user: seat.user,
        device: undefined,
        commit: undefined,
        parts: [{ document, update: new Uint8Array(update) }],
      },
      origin: this,
      bytes,
      receivedAtMs: deps.nowMs(),
      stored: () => {
        window.leave(bytes);
        deps.metrics?.commits.inc({ via: 'stock' });
      },
      duplicate: () => window.leave(bytes),
      failed: (because) => {
        window.leave(bytes);
        if (because === 'storage-away')
          this.outlet.close('storageAway', 'the storage is away; come back later');
        else this.outlet.close('relayFailed', 'the update cannot be stored');
      },
    };
    deps.flusher.push(pending);
  }

  #check(update: Uint8Array): UpdateScan {
    const { nowMs, limits } = this.#options.deps;
    try {
      return checkUpdate(update, { maxHlc: hlcOfMs(nowMs() + limits.maxClockAheadMs) });
    } catch (error) {
      if (error instanceof ClockAheadError)
        throw new ProtocolError(
          `${error.message}; at most ${limits.maxClockAheadMs / 1000} s ahead is allowed`,
        );
      throw error;
    }
  }

  /** Whether an answer to our question holds anything; what these clients send always holds all their deletes. */
  #isNews(scan: UpdateScan): boolean {
    const { knowledge } = this.#room;
    if (knowledge) return knowledge.lacks(scan);
    return scan.structs.length > 0 || scan.deletes.length > 0;
  }
}

function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new ProtocolError('message is cut short');
  }
}

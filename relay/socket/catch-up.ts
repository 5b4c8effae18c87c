/** What a replica missed while it was away: found by the positions of its hello, sent as one atomic unit. */
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import type { Feed } from '../room/feed.ts';
import type { FeedDocument } from '../room/feed-documents.ts';
import { type Piece, RangeGoneError } from '../room/join.ts';
import type { ConnectionDeps } from './connection.ts';
import type { Hello } from './hello.ts';
import type { Outlet } from './outlet.ts';

/** Of each document, the last update that the replica has stored. */
export type Positions = ReadonlyMap<string, { readonly epoch: number; readonly seq: number }>;

/** Updates of one document with `after` < seq <= `upTo`. */
export interface Missed {
  readonly document: FeedDocument;
  readonly after: number;
  readonly upTo: number;
}

export function positionsOf(hello: Hello): Positions {
  return new Map(hello.positions.map(([document, epoch, seq]) => [document, { epoch, seq }]));
}

/** Whether the replica comes from an instance that is further than this one. */
export function isAhead(feed: Feed, positions: Positions): boolean {
  for (const [name, { epoch, seq }] of positions) {
    const document = feed.document(name);
    if (
      seq > 0 &&
      (!document || epoch > document.epoch || (epoch === document.epoch && seq > document.delivered))
    )
      return true;
  }
  return false;
}

/** Of the documents that may be read, by what the feed has delivered: a consistent cut over all of them. */
export function missedBy(feed: Feed, grants: Grants, positions: Positions): Missed[] {
  const missed: Missed[] = [];
  for (const document of feed.documents()) {
    if (!mayRead(grants, document.name)) continue;
    const position = positions.get(document.name);
    const seq = position?.epoch === document.epoch ? position.seq : 0;
    // Beyond the head: the storage lost what this replica has. It gets what there is, from the start.
    const after = seq > document.delivered ? 0 : seq;
    if (after < document.delivered) missed.push({ document, after, upTo: document.delivered });
  }
  return missed;
}

/** Waits for its turn among the joins, and sends all of it. Resolves once it was handed to the socket, or that ended. */
export async function sendMissed(
  missed: readonly Missed[],
  to: {
    readonly feed: Feed;
    readonly outlet: Outlet;
    readonly deps: ConnectionDeps;
    readonly burst: (write: () => void) => void;
    readonly hasEnded: () => boolean;
  },
): Promise<void> {
  if (missed.length === 0) return;
  const { feed, outlet, deps, burst, hasEnded } = to;
  const bytes = missed.reduce((sum, { document, after }) => sum + bytesAfter(document, after), 0);
  const leave = await deps.joins.turn(bytes);
  try {
    if (hasEnded()) return;
    const load = () =>
      Promise.all(
        missed.map(({ document, after, upTo }) =>
          deps.joins.pieces({ documentId: document.id, epoch: document.epoch, after, upTo }, document.state),
        ),
      );
    const loaded: (readonly Piece[])[] = await load().catch(async (error: unknown) => {
      if (!(error instanceof RangeGoneError)) throw error;
      await feed.refresh();
      return load();
    });
    if (hasEnded()) return;
    const pieces = loaded.flat();
    let sent: Promise<void> | undefined;
    burst(() => {
      sent = outlet.sendAllowed(pieces.map((piece, index) => piece.replicaFrame(index < pieces.length - 1)));
    });
    void sent?.then(leave);
  } catch (error) {
    leave();
    throw error;
  } finally {
    if (hasEnded()) leave();
  }
}

/** About what a join of a document will send; the log's share is taken as evenly spread. */
function bytesAfter({ state, bytes, delivered }: FeedDocument, after: number): number {
  if (after < state.snapshotSeq) return bytes;
  const tail = Math.max(1, delivered - state.snapshotSeq);
  return ((bytes - state.snapshotBytes) * (delivered - after)) / tail;
}

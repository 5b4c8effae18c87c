/** Commits that come by HTTP: the same gate, the same flusher, and an answer instead of frames. */
import type { BatchAnswer } from '../../shared/protocol/batch.ts';
import type { Commit } from '../../shared/protocol/commit.ts';
import type { Seat } from '../identity/seat.ts';
import type { Limits } from '../limits.ts';
import type { StoredPart } from '../log/log.ts';
import type { ConnectionDeps } from '../socket/connection.ts';
import { CommitGate, type Rejection } from './commit-gate.ts';
import type { Feed } from './feed.ts';

type Accepted = BatchAnswer['accepted'][number];
type Rejected = BatchAnswer['rejected'][number];

/** In order; every commit ends up in exactly one list. Never throws for what is in them. */
export async function appendBatch(
  deps: ConnectionDeps,
  seat: Seat,
  commits: readonly Commit[],
  feed: Feed | undefined,
): Promise<BatchAnswer> {
  const { flusher, limits, minSchema, nowMs, metrics } = deps;
  const gate = new CommitGate({
    seat,
    limits,
    minSchema,
    nowMs,
    document: (name) => feed?.document(name),
    documentCount: () => feed?.documentCount ?? 0,
  });
  const accepted: Accepted[] = [];
  const rejected: Rejected[] = [];
  const reject = (rejection: Rejected) => {
    metrics?.rejected.inc({ code: rejection.code });
    rejected.push(rejection);
  };
  const append = (commit: Commit) =>
    new Promise<void>((done) => {
      const bytes = commit.parts.reduce((sum, { update }) => sum + update.length, 0);
      const rejection = gate.isFull ? tooManyClocks(limits) : gate.check(commit, bytes);
      if (rejection) {
        reject({ id: commit.id, ...rejection });
        done();
        return;
      }
      const accept = (parts: readonly StoredPart[]) => {
        accepted.push({ id: commit.id, seqs: parts.map((part) => [part.document, part.epoch, part.seq]) });
        done();
      };
      flusher.push({
        request: {
          workspace: seat.workspace,
          user: seat.user,
          device: commit.device,
          commit,
          parts: commit.parts,
        },
        origin: gate,
        bytes,
        receivedAtMs: nowMs(),
        stored: ({ parts }) => {
          metrics?.commits.inc({ via: 'batch' });
          accept(parts);
        },
        duplicate: ({ parts }) => {
          metrics?.duplicates.inc();
          accept(parts);
        },
        failed: (because) => {
          reject({ id: commit.id, ...gate.refused(commit, because) });
          done();
        },
      });
    });
  await Promise.all(commits.map(append));
  return { accepted, rejected };
}

function tooManyClocks({ maxClocksPerSender }: Limits): Rejection {
  const message = `the batch has more than ${maxClocksPerSender} documents and clients; send the rest in another`;
  return { code: 'too-many', message, retry: true };
}

/**
 * Everything a peer can make grow, and how far. One number per line of DESIGN's list; each can be set by the
 * environment variable `LIMIT_` + its name in capitals (`maxFrameBytes` -> `LIMIT_MAX_FRAME_BYTES`; config.ts).
 */
export interface Limits {
  /** One WebSocket frame. Above it the socket closes with `tooLarge`, before the bytes are kept. */
  readonly maxFrameBytes: number;
  /** One encoded commit, over socket and batch. At most `maxFrameBytes`. */
  readonly maxCommitBytes: number;
  /** Sum of a document's stored updates; further ones are rejected with `too-large`. */
  readonly maxDocumentBytes: number;
  /** Documents of one workspace; a commit that would make another is rejected with `too-many`. */
  readonly maxDocumentsPerWorkspace: number;
  /** Waiting to be sent on one socket; above it the socket closes with `tooMuchUnsent`. */
  readonly maxUnsentBytes: number;
  /** Open sockets from one address; a workshop's tablets share one. */
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerWorkspace: number;
  /** Snapshot and tail bytes of joins being sent at once; further joins wait their turn. */
  readonly maxJoinBytesInFlight: number;
  /** From the first byte of a join to the last; a client that takes longer to read it closes with `tooMuchUnsent`. */
  readonly joinTimeoutMs: number;
  /** From upgrade to `hello` or the first message; then the socket closes with `tooSlowToIdentify`. */
  readonly identifyTimeoutMs: number;
  /** Bytes a socket may send before it is identified. */
  readonly maxBytesBeforeHello: number;
  /** Sustained per socket, beside commits and updates, which the disk paces; then `tooManyMessages`. */
  readonly maxMessagesPerSecond: number;
  /** One awareness message, and what one client's state may hold. */
  readonly maxAwarenessBytes: number;
  /** Awareness states kept per document. */
  readonly maxAwarenessClients: number;
  /** All awareness states that one socket speaks for, over its documents; what goes beyond is not taken. */
  readonly maxAwarenessBytesPerSocket: number;
  /** Documents whose presence one replica follows; beyond it, it leaves the one it has been quiet about longest. */
  readonly maxPresenceDocumentsPerSocket: number;
  /**
   * Documents and Yjs clients whose clocks are kept of one socket or batch, to know what builds on a refused commit.
   * Above it the socket closes with `relayRestarting`, and the rest of a batch is to come in another.
   */
  readonly maxClocksPerSender: number;
  /** How far a commit's clock may be ahead of the relay's. */
  readonly maxClockAheadMs: number;
  /** Commits in one `POST /api/sync/batch`. */
  readonly maxBatchCommits: number;
  /** Any request body but batches and objects. */
  readonly maxBodyBytes: number;
  /** The body of one batch. */
  readonly maxBatchBytes: number;
  /** One photo or PDF. */
  readonly maxObjectBytes: number;
  /** Time to send a whole request; a slower one is ended with 408. */
  readonly requestTimeoutMs: number;
  /** HTTP requests per minute and address, at each instance: n instances let n times as many pass. */
  readonly maxRequestsPerMinute: number;
  /** Attempts to open a session per minute and address, at each instance; passwords are hashed slowly on purpose. */
  readonly maxLoginsPerMinute: number;
  /**
   * Failed logins of one address (IPv6: /64) within a quarter of an hour, over all instances; then it is locked for
   * what is left of it.
   */
  readonly maxFailedLoginsPerAddress: number;
  /** Rows of the report that are read to compare one document with a replica; a larger document is not compared. */
  readonly maxProofRows: number;
}

const MB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  // A first import of 10 000 rows is one commit of about 3 MB.
  maxFrameBytes: 16 * MB,
  maxCommitBytes: 16 * MB - 1024,
  maxDocumentBytes: 256 * MB,
  // A few families by month over a working life; every replica names the position of each when it connects.
  maxDocumentsPerWorkspace: 20_000,
  maxUnsentBytes: 64 * MB,
  maxConnectionsPerAddress: 500,
  maxConnectionsPerWorkspace: 2000,
  maxJoinBytesInFlight: 128 * MB,
  // 25 MB over a bad mobile line are five minutes, and after that a replica gives up as well.
  joinTimeoutMs: 600_000,
  identifyTimeoutMs: 10_000,
  maxBytesBeforeHello: 1 * MB,
  maxMessagesPerSecond: 500,
  maxAwarenessBytes: 64 * 1024,
  maxAwarenessClients: 500,
  // A page says some hundred bytes of itself, at a document or two.
  maxAwarenessBytesPerSocket: 1 * MB,
  // A replica follows what it has in memory: ten years of a few families by month.
  maxPresenceDocumentsPerSocket: 2_000,
  // Two megabytes. A replica writes one document as one client, until it drops or rebases it.
  maxClocksPerSender: 20_000,
  maxClockAheadMs: 60_000,
  maxBatchCommits: 500,
  maxBodyBytes: 1 * MB,
  maxBatchBytes: 32 * MB,
  maxObjectBytes: 32 * MB,
  requestTimeoutMs: 60_000,
  maxRequestsPerMinute: 1200,
  maxLoginsPerMinute: 30,
  // A whole workshop may come from one address, and mistypes on a Monday.
  maxFailedLoginsPerAddress: 50,
  // About three seconds of reading, in small bites.
  maxProofRows: 300_000,
};

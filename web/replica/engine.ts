/**
 * The engine that a worker offers to its pages: which session is open, its replica, and what each page watches.
 * One replica for all pages of a browser; a page that is gone takes its subscriptions along.
 */

import type { CellValue } from '../../shared/schema/table.ts';
import type {
  ActingPerson,
  EngineApi,
  Failure,
  LiveQueryReport,
  Params,
  Presence,
  Proof,
  ResultChange,
  ResultRow,
  Session,
  Status,
  Stop,
  SyncReport,
  TextRef,
  UndoResult,
  WriteOptions,
  WriteResult,
} from '../client/engine-messages.ts';
import { failureOf } from '../client/failures.ts';
import { type PackedStatements, unpackStatements } from '../client/packed-statements.ts';
import { makeIncident } from './incident/make-incident.ts';
import type { Replica } from './replica.ts';
import { changeBetween } from './result-change.ts';
import { type RenewalDeps, SessionRenewal } from './session-renewal.ts';

export interface EngineOptions {
  /** Opens the replica of a workspace and user; `onImageDamaged` as in ReplicaOptions. */
  readonly open: (session: Session, onImageDamaged: () => void) => Promise<Replica>;
  /** The session of last time, and the place for this one. */
  readonly sessions: SessionKeeper;
  readonly renewal: Omit<RenewalDeps, 'nowMs'>;
  readonly nowMs: () => number;
}

/** A relay that refuses the token it has just given is not asked again at once. */
const RENEWAL_PAUSE_MS = 60_000;

export interface SessionKeeper {
  read(): Promise<Session | undefined>;
  write(session: Session | undefined): Promise<void>;
}

/** What a page subscribed to; started anew when another replica is opened. */
interface Subscription {
  readonly start: (replica: Replica) => Stop;
  stop: Stop;
}

type State =
  | { readonly name: 'signed-out' }
  | { readonly name: 'open'; readonly session: Session; readonly replica: Promise<Replica> };

export class Engine {
  readonly #options: EngineOptions;
  #state: State = { name: 'signed-out' };
  readonly #subscriptions = new Set<Subscription>();
  /** Resolves once the session of last time, if there is one, is opening. */
  readonly #restored: Promise<void>;
  #renewal: { readonly renewNow: () => void; readonly end: Stop } | undefined;
  /** Ends with the last change of session that was asked for. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#restored = options.sessions.read().then((session) => {
      if (session && this.#state.name === 'signed-out') this.#enter(session);
    });
  }

  /** The calls for one page; `Stop` ends everything that page watches. */
  forPage(): { readonly api: EngineApi; readonly leave: Stop } {
    const own = new Set<Stop>();
    const subscribe = (start: (replica: Replica) => Stop): (() => void) => {
      const stop = this.#subscribe(start);
      own.add(stop);
      return () => {
        own.delete(stop);
        stop();
      };
    };
    return {
      api: this.#api(subscribe),
      leave: () => {
        for (const stop of own) stop();
        own.clear();
      },
    };
  }

  /** The network is back, or a person asks. */
  async retry(): Promise<void> {
    if (this.#state.name !== 'open') return;
    const replica = await this.#state.replica;
    if (replica.status().stopped === 'token-expired') this.#renewal?.renewNow();
    else replica.retry();
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#restored;
      this.#renewal?.end();
      const opened = this.#opened;
      this.#state = { name: 'signed-out' };
      await opened?.then(closeReplica, () => {}); // it never opened
    });
  }

  /** Sessions begin and end one after the other: of two at once each would leave a replica of the other's open. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {}); // whoever asked hears of it
    return done;
  }

  get #opened(): Promise<Replica> | undefined {
    return this.#state.name === 'open' ? this.#state.replica : undefined;
  }

  async #replica(): Promise<Replica> {
    await this.#restored;
    if (this.#state.name !== 'open') throw new Error('nobody is signed in on this device');
    return this.#state.replica;
  }

  #enter(session: Session, left: Promise<void> = Promise.resolve()): Promise<Replica> {
    const replica = left
      .then(() => this.#options.open(session, () => this.#openAnew(replica)))
      .then((opened) => {
        opened.actAs(session.acting);
        return opened;
      });
    this.#state = { name: 'open', session, replica };
    replica.then(
      // The calls that waited for the replica come first: reading needs no network.
      (opened) => this.#options.renewal.setTimer(0, () => this.#goOnLine(replica, opened)),
      () => {},
    );
    // Whoever asks for the replica hears of the failure; signing in again tries again.
    replica.catch(() => {
      if (this.#state.name === 'open' && this.#state.replica === replica)
        this.#state = { name: 'signed-out' };
    });
    for (const subscription of this.#subscriptions) this.#start(subscription);
    return replica;
  }

  /** Calls and subscriptions wait for the replica that is rebuilt. */
  #openAnew(damaged: Promise<Replica>): void {
    if (this.#state.name !== 'open' || this.#state.replica !== damaged) return;
    this.#renewal?.end();
    for (const subscription of this.#subscriptions) subscription.stop();
    this.#enter(this.#state.session, damaged.then(closeReplica));
  }

  #goOnLine(replica: Promise<Replica>, opened: Replica): void {
    if (this.#state.name !== 'open' || this.#state.replica !== replica) return;
    this.#connect(opened, this.#state.session);
    this.#renew(opened, this.#state.session);
  }

  /** Whether the token still holds is for the relay to say: the clock of a device may be hours off. */
  #connect(replica: Replica, session: Session): void {
    replica.connect({ url: session.relayUrl, workspace: session.workspace, token: session.token });
  }

  /** Keeps the session's token fresh until another session takes its place. */
  #renew(replica: Replica, session: Session): void {
    const { renewal, nowMs, sessions } = this.#options;
    const deps = { ...renewal, nowMs: () => nowMs() + replica.status().clockOffsetMs };
    let renewedAtMs = 0;
    let triedToken: string | undefined;
    let isRefused = false;
    let isEnded = false;
    const keeper = new SessionRenewal(session, replica.device, deps, {
      onRenewed: async (fresh) => {
        const renewed = this.#state.name === 'open' ? withActing(fresh, this.#state.session.acting) : fresh;
        await sessions.write(renewed);
        const state = this.#state;
        if (isEnded || state.name !== 'open') return;
        this.#state = { ...state, session: renewed };
        renewedAtMs = nowMs();
        this.#connect(replica, renewed);
      },
      onEnded: () => replica.disconnect('token-expired'),
    });
    const stopWatching = replica.onStatus((status) => {
      const wasRefused = isRefused;
      isRefused = status.stopped === 'token-expired';
      if (!isRefused || wasRefused || this.#state.name !== 'open') return;
      const { session: present } = this.#state;
      // The socket was opened with an earlier token: the present one may do.
      if (triedToken !== present.token) {
        triedToken = present.token;
        this.#connect(replica, present);
      } else if (nowMs() - renewedAtMs > RENEWAL_PAUSE_MS) void keeper.renewNow();
    });
    this.#renewal?.end();
    this.#renewal = {
      renewNow: () => void keeper.renewNow(),
      end: () => {
        isEnded = true;
        stopWatching();
        keeper.stop();
      },
    };
    keeper.start();
  }

  /** Resolves once the session is the one of this device; its replica may still be opening. */
  async #openSession(session: Session): Promise<{ readonly opening: Promise<Replica> }> {
    await this.#restored;
    this.#renewal?.end();
    await this.#options.sessions.write(session);
    const state = this.#state;
    if (
      state.name === 'open' &&
      state.session.workspace === session.workspace &&
      state.session.user === session.user
    ) {
      this.#state = { ...state, session };
      const replica = await state.replica;
      replica.actAs(session.acting);
      this.#connect(replica, session);
      this.#renew(replica, session);
      return { opening: state.replica };
    }
    // One that is found damaged meanwhile gives way to another of the same session.
    for (let closed: Promise<Replica> | undefined; this.#opened !== closed; ) {
      closed = this.#opened;
      await closed?.then(closeReplica, () => {}); // it never opened
    }
    return { opening: this.#enter(session) };
  }

  async #actAs(person: ActingPerson | undefined): Promise<void> {
    const replica = await this.#replica();
    const state = this.#state;
    if (state.name !== 'open') return;
    const session = withActing(state.session, person?.user === state.session.user ? undefined : person);
    this.#state = { ...state, session };
    await this.#options.sessions.write(session);
    replica.actAs(session.acting);
  }

  async #closeSession(): Promise<void> {
    await this.#restored;
    // First, so that no renewal on its way is stored after the session is gone.
    this.#renewal?.end();
    await this.#options.sessions.write(undefined);
    const opened = this.#opened;
    if (this.#state.name === 'open') this.#signOut(this.#state.session);
    this.#state = { name: 'signed-out' };
    for (const subscription of this.#subscriptions) subscription.stop();
    await opened?.then(closeReplica, () => {}); // it never opened
  }

  /** So that the refresh token of this device is worth nothing any more. Without network it ends by itself. */
  #signOut({ relayUrl, token }: Session): void {
    this.#options.renewal
      .fetch(`${relayUrl}/api/session`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
      .catch(() => {}); // no network
  }

  /** What needs a damaged part of the image waits for the rebuild. */
  async #query(sql: string, params?: Params): Promise<readonly ResultRow[]> {
    const replica = await this.#replica();
    try {
      return replica.query(sql, params);
    } catch (error) {
      await replica.damageTold;
      const present = await this.#replica();
      if (present === replica) throw error;
      return present.query(sql, params);
    }
  }

  #subscribe(start: (replica: Replica) => Stop): Stop {
    const subscription: Subscription = { start, stop: () => {} };
    this.#subscriptions.add(subscription);
    if (this.#state.name === 'open') this.#start(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
      subscription.stop();
    };
  }

  #start(subscription: Subscription): void {
    let stopped = false;
    let stop: Stop = () => {};
    subscription.stop = () => {
      stopped = true;
      stop();
    };
    this.#replica().then(
      (replica) => {
        if (!stopped) stop = subscription.start(replica);
      },
      () => {}, // the call that opened the session tells why
    );
  }

  #api(subscribe: (start: (replica: Replica) => Stop) => () => void): EngineApi {
    const replica = () => this.#replica();
    return {
      session: async () => {
        await this.#restored;
        return this.#state.name === 'open' ? this.#state.session : undefined;
      },
      openSession: async (session: Session) => {
        await (await this.#inTurn(() => this.#openSession(session))).opening;
      },
      closeSession: () => this.#inTurn(() => this.#closeSession()),
      actAs: (person: ActingPerson | undefined) => this.#actAs(person),
      query: (sql: string, params?: Params) => this.#query(sql, params),
      execute: async (sql: string, params?: Params, options?: WriteOptions): Promise<WriteResult> =>
        (await replica()).execute(sql, params, options),
      transaction: async (statements: PackedStatements, options?: WriteOptions): Promise<WriteResult> =>
        (await replica()).transaction(unpackStatements(statements), options),
      watch: async (
        sql: string,
        params: Params,
        onChange: (change: ResultChange) => void,
        onError: (failure: Failure) => void,
      ) => {
        let before: readonly string[] | undefined;
        return subscribe((open) => {
          before = undefined;
          return open.watch(
            sql,
            params,
            (rows, keys) => {
              onChange(changeBetween(before, rows, keys));
              before = keys;
            },
            (error) => onError(failureOf(error)),
          );
        });
      },
      editText: async (ref: TextRef, base: string, next: string) =>
        (await replica()).editText(ref, base, next),
      resolve: async (ref: TextRef, value: CellValue) => (await replica()).resolve(ref, value),
      setPresence: async (document: string, state: Readonly<Record<string, unknown>> | null) =>
        (await replica()).setPresence(document, state),
      watchPresence: async (document: string, onChange: (present: readonly Presence[]) => void) =>
        subscribe((open) => open.watchPresence(document, onChange)),
      documentOf: async (table: string, row: ResultRow) => (await replica()).documentOf(table, row),
      status: async (): Promise<Status> => (await replica()).status(),
      watchStatus: async (onChange: (status: Status) => void) => subscribe((open) => open.onStatus(onChange)),
      retry: async () => (await replica()).retry(),
      discard: async (commit: string) => (await replica()).discard(commit),
      resend: async (commit: string) => (await replica()).resend(commit),
      verify: async (): Promise<Proof> => (await replica()).verify(),
      lastProof: async (): Promise<Proof | undefined> => (await replica()).lastProof(),
      syncReport: async (): Promise<SyncReport> => (await replica()).syncReport(),
      liveQueries: async (): Promise<readonly LiveQueryReport[]> => (await replica()).liveQueries(),
      undo: async (commit?: string): Promise<UndoResult> => (await replica()).undo(commit),
      redo: async (): Promise<UndoResult> => (await replica()).redo(),
      exportSqlite: async () => (await replica()).exportSqlite(),
      exportRescue: async () => (await replica()).exportRescue(),
      exportIncident: async (options) => makeIncident(await replica(), options),
      importRescue: async (file: Uint8Array) => (await replica()).importRescue(file),
    };
  }
}

function closeReplica(replica: Replica): Promise<void> {
  return replica.close();
}

function withActing({ acting: _, ...session }: Session, acting: ActingPerson | undefined): Session {
  return acting === undefined ? session : { ...session, acting };
}

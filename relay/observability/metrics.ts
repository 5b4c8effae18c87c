/**
 * Every figure that `GET /metrics` shows, in one list with its help text. A private registry: two relays in one
 * process (tests) do not share a counter. Names: `espejo_<what>_<unit>`.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** From half a millisecond to ten seconds; an append on a healthy disk is in the first third. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const AGE_BUCKETS = [1, 10, 60, 600, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600];
const COUNT_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

export class Metrics {
  readonly registry = new Registry();

  readonly connections = this.#gauge('connections', 'sockets open now, by kind (replica, stock)', ['kind']);
  readonly documentsOpen = this.#gauge('documents_open', 'documents with at least one socket here');
  readonly closes = this.#counter('closes_total', 'sockets closed by the relay, by reason', ['reason']);
  readonly commits = this.#counter('commits_total', 'commits stored, by way in (socket, batch, stock)', [
    'via',
  ]);
  readonly duplicates = this.#counter('commits_duplicate_total', 'commits that were already stored');
  readonly rejected = this.#counter('commits_rejected_total', 'commits refused, by code', ['code']);
  readonly appendSeconds = this.#seconds('append_seconds', 'from a commit received to committed in Postgres');
  readonly batchSize = new Histogram({
    name: 'espejo_append_batch_size',
    help: 'commits written by one Postgres transaction',
    buckets: COUNT_BUCKETS,
    registers: [this.registry],
  });
  readonly fanoutSeconds = this.#seconds(
    'fanout_seconds',
    'from committed to written to the last socket here',
  );
  readonly fanoutLag = this.#seconds('fanout_remote_seconds', 'from stored by another instance to sent here');
  readonly deliveries = this.#counter('deliveries_total', 'update frames written to sockets');
  readonly bytesOut = this.#counter('bytes_sent_total', 'bytes of update frames written to sockets');
  readonly bytesIn = this.#counter('bytes_received_total', 'bytes read from sockets');
  readonly awareness = this.#counter('awareness_total', 'awareness messages, by outcome (sent, dropped)', [
    'outcome',
  ]);
  readonly joinSeconds = this.#seconds('join_seconds', 'from hello to level');
  readonly joinsWaiting = this.#gauge('joins_waiting', 'joins waiting for the bytes-in-flight limit');
  readonly listenerReconnects = this.#counter(
    'fanout_reconnects_total',
    'times LISTEN was lost and taken up again',
  );
  readonly materializerLag = this.#gauge('materializer_lag_updates', 'updates not yet written to report');
  readonly materializerLagSeconds = this.#gauge(
    'materializer_lag_seconds',
    'age of the oldest update that is not yet in report',
  );
  readonly materialized = this.#counter('materialized_total', 'updates written to report');
  readonly quarantined = this.#gauge('quarantined', 'updates set aside because they could not be read');
  readonly reportAlarms = this.#gauge(
    'report_alarms',
    'rows of a report view that want somebody: stock below zero, a number given twice; over all workspaces',
    ['view'],
  );
  readonly snapshots = this.#counter('snapshots_total', 'snapshots, by outcome (stored, failed)', [
    'outcome',
  ]);
  readonly snapshotAgeSeconds = this.#gauge(
    'snapshot_age_seconds',
    'age of the oldest update that no snapshot holds',
  );
  readonly objectErrors = this.#counter(
    'object_store_errors_total',
    'failed calls of the object store, by call',
    ['call'],
  );
  readonly outboxAgeSeconds = new Histogram({
    name: 'espejo_outbox_age_seconds',
    help: 'age of a commit when it reached the relay: how long devices were offline',
    buckets: AGE_BUCKETS,
    registers: [this.registry],
  });
  readonly deviceOutboxSeconds = new Histogram({
    name: 'espejo_device_outbox_age_seconds',
    help: 'age of the oldest commit that a connected device could not store yet, as the device says about once a minute',
    buckets: AGE_BUCKETS,
    registers: [this.registry],
  });
  readonly requests = this.#counter('http_requests_total', 'HTTP answers, by route and status', [
    'route',
    'status',
  ]);
  readonly requestSeconds = this.#seconds('http_request_seconds', 'time to answer, by route', ['route']);
  readonly logins = this.#counter('logins_total', 'attempts to open a session, by outcome', ['outcome']);
  readonly postgresUp = this.#gauge('postgres_up', '1 while Postgres answers, else 0');

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'espejo_' });
  }

  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  #counter<L extends string = string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name: `espejo_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string = string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name: `espejo_${name}`, help, labelNames, registers: [this.registry] });
  }

  #seconds<L extends string = string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({
      name: `espejo_${name}`,
      help,
      labelNames,
      buckets: SECONDS_BUCKETS,
      registers: [this.registry],
    });
  }
}

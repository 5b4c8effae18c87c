/**
 * Reads an upgrade request: which workspace and document, which token, which protocol. Nothing here trusts the peer;
 * what cannot be a sync socket at all is refused with an HTTP status before anything is opened for it.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isDocumentName } from '../../shared/permissions/grants.ts';
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../../shared/protocol/wire.ts';

export interface SyncRequest {
  readonly workspace: string;
  /** Absent on the socket of a replica. */
  readonly document: string | undefined;
  readonly token: string;
  readonly protocols: readonly string[];
}

export interface HttpRefusal {
  readonly status: number;
  readonly sentence: string;
}

const WORKSPACE_NAME = /^[a-z0-9-]{1,64}$/;
/** A JWT with many groups in it stays below. */
const MAX_TOKEN_LENGTH = 8_192;

function isSyncPath(url: string): boolean {
  return url.startsWith('/sync/');
}

export function readSyncRequest(request: IncomingMessage): SyncRequest | HttpRefusal {
  const url = request.url ?? '';
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const [, , workspaceText, ...documentParts] = path.split('/');
  const workspace = decode(workspaceText ?? '');
  const document = documentParts.length > 0 ? decode(documentParts.join('/')) : undefined;
  if (!isSyncPath(url) || workspace === undefined || !WORKSPACE_NAME.test(workspace))
    return {
      status: 404,
      sentence: 'sync sockets are at /sync/<workspace> and /sync/<workspace>/<document>',
    };
  if (documentParts.length > 0 && (document === undefined || !isDocumentName(document)))
    return { status: 404, sentence: 'document names match [a-z0-9-]+(/[a-z0-9-]+)*' };
  const protocols = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
  const bearer = protocols.find((protocol) => protocol.startsWith(TOKEN_SUBPROTOCOL_PREFIX));
  const token =
    bearer?.slice(TOKEN_SUBPROTOCOL_PREFIX.length) ?? tokenOfQuery(end < 0 ? '' : url.slice(end + 1));
  if (token.length > MAX_TOKEN_LENGTH)
    return { status: 431, sentence: `the token is longer than ${MAX_TOKEN_LENGTH} characters` };
  return { workspace, document, token, protocols };
}

/** The protocol to answer with: a browser gives up when it offered some and none is taken. */
export function chooseProtocol(protocols: Iterable<string>): string | false {
  const offered = [...protocols];
  if (offered.includes(SUBPROTOCOL)) return SUBPROTOCOL;
  return offered[0] ?? false;
}

/** The address a request comes from, behind `trustedProxies` proxies that each add one to X-Forwarded-For. */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const own = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return own;
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim());
  return forwarded.at(-trustedProxies) || own;
}

/**
 * Whether a page of this origin may open sockets: the relay's own host, or one of the list. Without an Origin it is no
 * browser, and no page can misuse what a browser would send along by itself.
 */
export function isOriginAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function tokenOfQuery(query: string): string {
  return new URLSearchParams(query).get('token') ?? '';
}

/** Answers a request that becomes no socket. */
export function refuseUpgrade(stream: Duplex, { status, sentence }: HttpRefusal): void {
  stream.end(
    `HTTP/1.1 ${status} ${status === 503 ? 'Service Unavailable' : 'Refused'}\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
  );
}

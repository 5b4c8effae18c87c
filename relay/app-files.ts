/**
 * The built application as files: what the browser may keep for how long, and index.html for every address that
 * is a page of the app. Never for `/api`: a wrong address there must fail, not answer HTML with status 200.
 */
import { existsSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const YEAR_S = 31_536_000;
const FIVE_MINUTES_S = 300;

/** Serves `directory`; does nothing but answer 404 when it was not built. */
export async function serveAppFiles(app: FastifyInstance, directory: string | undefined): Promise<void> {
  const isBuilt = directory !== undefined && existsSync(join(directory, 'index.html'));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: directory,
      cacheControl: false,
      dotfiles: 'ignore',
      schemaHide: true,
      setHeaders: (response, path) => response.setHeader('cache-control', cacheControlOf(path)),
    });
  }
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    if (isBuilt && isPage(request)) return reply.sendFile('index.html');
    return notFound(reply);
  });
}

function cacheControlOf(path: string): string {
  const name = basename(path);
  // The browser asks for the service worker anew at each start: a kept one would pin every user to an old build.
  if (name === 'service-worker.js') return 'no-cache';
  if (path.includes(`${sep}assets${sep}`)) return `public, max-age=${YEAR_S}, immutable`;
  return `public, max-age=${FIVE_MINUTES_S}`;
}

/** An address somebody could have typed or bookmarked: no dot in its last part, not below our own prefixes. */
function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0]!;
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    !/^\/(api|sync|assets)(\/|$)/.test(path) &&
    !path.slice(path.lastIndexOf('/')).includes('.')
  );
}

function notFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ code: 'not-found', message: 'there is nothing at this address' });
}

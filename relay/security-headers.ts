/**
 * Headers that tell a browser what our pages may do. Nothing of a third party is ever loaded; WebAssembly is
 * (sql.js), code from text is not. Where photos go straight to S3, that one origin is added.
 */
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';

const HALF_A_YEAR_S = 15_552_000;

export async function addSecurityHeaders(app: FastifyInstance, config: Config): Promise<void> {
  const bucket = bucketOrigins(config);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        // Attributes only: a position or a width that lit or a chart writes into `style="…"`.
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', ...bucket],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", ...socketOrigins(config), ...bucket],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        mediaSrc: ["'self'", 'blob:'],
        // PDFs made on the device are shown and printed from a blob.
        frameSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    hsts: config.publicUrl?.startsWith('https:')
      ? { maxAge: HALF_A_YEAR_S, includeSubDomains: false }
      : false,
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header(
      'permissions-policy',
      'camera=(self), microphone=(self), geolocation=(), payment=(), usb=()',
    );
  });
}

/** Safari before 15.4 does not count a WebSocket to the own host as 'self'. */
function socketOrigins({ publicUrl }: Config): string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).origin.replace(/^http/, 'ws')];
}

function bucketOrigins({ s3 }: Config): string[] {
  if (!s3) return [];
  if (s3.endpoint !== undefined) return [new URL(s3.endpoint).origin];
  return [`https://${s3.bucket}.s3.${s3.region}.amazonaws.com`];
}

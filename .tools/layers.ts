/**
 * Which folder may import which. The engine (shared without shared/taller, web/replica, relay) knows no workshop
 * table, and the two ends know each other only through shared/.
 */
import { posix } from 'node:path';
import type { SourceFile } from './check.ts';

interface Layer {
  /** Files it binds. */
  readonly from: RegExp;
  readonly except?: RegExp;
  /** What they may not import: a path from the root, or a package. */
  readonly never: RegExp;
  readonly why: string;
}

/** Tests and benches may stand on both sides: a replica's test needs a relay. */
const TEST_SIDE = /\.(test|bench|contract)\.ts$|\/testing\/|^web\/e2e\//;

const LAYERS: readonly Layer[] = [
  { from: /^shared\//, never: /^(web|relay|infra)\//, why: 'shared imports nothing of web or relay' },
  {
    from: /^shared\//,
    except: TEST_SIDE,
    never: /^(node:|fs$|pg$|ws$|fastify)/,
    why: 'shared does no I/O, so that it runs in a page, in a worker and in Node',
  },
  { from: /^web\//, except: TEST_SIDE, never: /^relay\//, why: 'web and relay never import each other' },
  { from: /^relay\//, except: TEST_SIDE, never: /^web\//, why: 'web and relay never import each other' },
  {
    from: /^shared\/(?!taller\/)/,
    never: /^shared\/taller\//,
    why: 'the engine knows no workshop table: the schema is passed in',
  },
  {
    from: /^web\/replica\//,
    except: TEST_SIDE,
    never: /^shared\/taller\//,
    why: 'the replica takes any schema: web/taller-engine.ts passes the workshop in',
  },
  {
    from: /^relay\/(?!(main|start|cli|reporting-thread|demo|demo-[a-z-]+)\.ts$)/,
    except: TEST_SIDE,
    never: /^shared\/taller\//,
    why: 'the relay takes any application: its composition roots pass the workshop in',
  },
  {
    from: /^web\/sw\//,
    except: TEST_SIDE,
    never: /^web\/(app|pages|components)\//,
    why: 'a service worker has no page',
  },
  {
    from: /^web\/replica\//,
    except: TEST_SIDE,
    never: /^lit|^web\/(app|pages|components)\//,
    why: 'no DOM in the replica',
  },
];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

/** What a file imports: paths from the root for relative imports, as written for packages. Query strings dropped. */
export function importsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = (match[1] ?? match[2] ?? match[3] ?? '').replace(/\?.*$/, '');
    return target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
  });
}

export function layerFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((target) =>
      LAYERS.filter(
        ({ from, except, never }) => from.test(file.path) && !except?.test(file.path) && never.test(target),
      ).map(({ why }) => `${file.path}: imports ${target}; ${why}`),
    ),
  );
}

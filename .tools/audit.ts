/**
 * Known vulnerabilities of what we depend on: `npm audit`, which asks the registry. An advisory of high or critical
 * severity fails, unless DECISIONS.md names it (GHSA-…) and says why it does not concern us. A registry that offers
 * no audit, or none at all, is said in one line and fails nothing: it says nothing about our dependencies.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './run.ts';

const TIMEOUT_MS = 60_000;
const GRAVE = new Set(['high', 'critical']);

interface Advisory {
  readonly title?: string;
  readonly url?: string;
  readonly severity?: string;
}

export type AuditOutcome =
  | { readonly kind: 'not-offered'; readonly because: string }
  | { readonly kind: 'answered'; readonly unexplained: readonly string[] };

/** `output` is what `npm audit --json` printed, whatever that is; `decisions` the text of DECISIONS.md. */
export function readAudit(output: string, decisions: string): AuditOutcome {
  const report = jsonIn(output) as
    | {
        readonly vulnerabilities?: Readonly<
          Record<string, { readonly via?: readonly (Advisory | string)[] }>
        >;
        readonly message?: string;
      }
    | undefined;
  if (typeof report?.vulnerabilities !== 'object')
    return { kind: 'not-offered', because: report?.message ?? 'no answer that could be read' };
  const unexplained = Object.entries(report.vulnerabilities).flatMap(([name, { via = [] }]) =>
    via.flatMap((advisory) => {
      if (typeof advisory === 'string' || !GRAVE.has(advisory.severity ?? '')) return [];
      const id = /GHSA-[\w-]+/.exec(advisory.url ?? '')?.[0];
      if (id !== undefined && decisions.includes(id)) return [];
      return [
        `${name}: ${advisory.severity}, ${advisory.title ?? 'untitled'} ${advisory.url ?? ''}`.trimEnd(),
      ];
    }),
  );
  return { kind: 'answered', unexplained };
}

function jsonIn(output: string): unknown {
  const start = output.indexOf('{');
  const end = output.lastIndexOf('}');
  try {
    return JSON.parse(output.slice(start, end + 1));
  } catch {
    return undefined; // SyntaxError: not JSON
  }
}

async function main(): Promise<void> {
  const { output } = await run(['npm', 'audit', '--audit-level=high', '--json'], { timeoutMs: TIMEOUT_MS });
  const audit = readAudit(output, readFileSync(join(ROOT, 'DECISIONS.md'), 'utf8'));
  if (audit.kind === 'not-offered') {
    process.stdout.write(`audit: not offered by this registry (${audit.because})\n`);
    return;
  }
  for (const finding of audit.unexplained) process.stdout.write(`${finding}\n`);
  process.stdout.write(
    `audit: ${audit.unexplained.length} of high severity that DECISIONS.md does not explain\n`,
  );
  process.exitCode = audit.unexplained.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await main();

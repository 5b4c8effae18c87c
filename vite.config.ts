/**
 * Builds the page, the replica's worker and the service worker from `web/` into `dist/`. Nothing is fetched from
 * another origin at run time: fonts, icons and wasm are assets of this build, so a strict CSP holds.
 */
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { defineConfig, type Plugin, type Rolldown } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Composition root of the page. */
const APPLICATION = pathOf('web/main.ts');
/** Fewer and every page would load what two others share; more and each page comes in a dozen files. */
const PAGES_OF_COMMON = 4;

/** Lit's standard decorators (`accessor`): Vite's own transformer keeps them as they are, and no browser runs them yet. */
function standardDecorators(): Plugin {
  return {
    name: 'espejo:standard-decorators',
    enforce: 'pre',
    async transform(code, id) {
      const path = id.split('?')[0] ?? id;
      if (!path.endsWith('.ts') || path.includes('/node_modules/') || !/^\s*@\w+/m.test(code)) return null;
      const result = await transform(code, {
        loader: 'ts',
        target: 'es2022',
        sourcefile: path,
        sourcemap: true,
        tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
      });
      return { code: result.code, map: result.map };
    },
  };
}

/** What jsPDF would load to draw HTML and SVG, 380 KB that our receipts, which are text, never ask for. */
const UNUSED_BY_JSPDF = ['html2canvas', 'dompurify', 'canvg'];

function leaveOut(packages: readonly string[]): Plugin {
  const EMPTY = '\0empty';
  return {
    name: 'espejo:leave-out',
    enforce: 'pre',
    resolveId: (source) => (packages.includes(source) ? EMPTY : null),
    load: (id) => (id === EMPTY ? 'export default undefined;' : null),
  };
}

/** Readers and writers of .xlsx take their zip from us: zip-without-workers.ts says why. */
function zipWithoutWorkers(): Plugin {
  return {
    name: 'espejo:zip-without-workers',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === 'fflate' && /\/(?:read|write)-excel-file\//.test(importer ?? '')
        ? pathOf('web/app/files/zip-without-workers.ts')
        : null,
  };
}

/**
 * What the first script of the page loads next, asked for with the document: web/start.ts imports it only once it runs.
 */
function preloadApplication(): Plugin {
  return {
    name: 'espejo:preload-application',
    enforce: 'post',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) => {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const wanted = new Set(chunks.filter(({ facadeModuleId }) => facadeModuleId === APPLICATION));
        for (const { imports } of wanted)
          for (const chunk of chunks) if (imports.includes(chunk.fileName)) wanted.add(chunk);
        return [...wanted].map(({ fileName }) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
          injectTo: 'head',
        }));
      },
    },
  };
}

/** Everything that a module imports, and what those import: not what it loads later. */
function importsOf(root: string, context: Rolldown.ChunkingContext): ReadonlySet<string> {
  const found = new Set([root]);
  for (const id of found)
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}

/**
 * The application in few files: each costs the service worker, and so the opening, about as much as 20 KB of script.
 * Beside the page that is asked for, one has what every page needs and one what most pages need.
 */
function fewChunks(): Rolldown.CodeSplittingOptions {
  let first: ReadonlySet<string> | undefined;
  return {
    groups: [
      // The first script needs it, and nothing else of what the others would take it along with.
      { name: 'load', test: /vite\/preload-helper/, priority: 4 },
      {
        debugName: 'application',
        name: (id, context) => {
          first ??= importsOf(APPLICATION, context);
          return first.has(id) && id !== APPLICATION ? 'application' : null;
        },
        priority: 3,
      },
      { name: 'fields', test: /field-controls/, priority: 2 },
      {
        name: 'common',
        // Pages have no use for the schema, which the worker has, but for a few.
        test: /\/(?:web\/(?:app|components|client)\/|shared\/(?!(?:taller\/)?schema|taller\/tables))/,
        minShareCount: PAGES_OF_COMMON,
        priority: 1,
      },
    ],
  };
}

export default defineConfig({
  root: pathOf('web'),
  publicDir: pathOf('public'),
  plugins: [
    standardDecorators(),
    leaveOut(UNUSED_BY_JSPDF),
    zipWithoutWorkers(),
    preloadApplication(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'sw',
      filename: 'service-worker.ts',
      // main.ts registers it, once the first page stands.
      injectRegister: false,
      manifestFilename: 'manifest.webmanifest',
      manifest: {
        name: 'Taller',
        short_name: 'Taller',
        description: 'El taller en una tableta, también sin conexión.',
        lang: 'es',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#eceeea',
        theme_color: '#1c211f',
        icons: [
          { src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [
          { name: 'Nueva recepción', url: '/recepcion/nueva' },
          { name: 'Órdenes', url: '/ordenes' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,wasm,woff2,svg,png,webmanifest}'],
        // Latin is what es and en need; the other subsets load by unicode-range when a name asks for them.
        globIgnores: ['**/*-{latin-ext,vietnamese,cyrillic,greek}*.woff2'],
        maximumFileSizeToCacheInBytes: 8 * 1024 * 1024,
      },
      devOptions: { enabled: false },
    }),
  ],
  worker: { format: 'es', plugins: () => [standardDecorators(), zipWithoutWorkers()] },
  build: {
    outDir: pathOf('dist'),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    // Inlined assets would be data: addresses, which the CSP forbids.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { codeSplitting: fewChunks() } },
  },
  optimizeDeps: { exclude: ['read-excel-file', 'write-excel-file'] },
  server: { fs: { allow: [pathOf('.')] } },
});

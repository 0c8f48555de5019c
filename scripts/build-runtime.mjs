import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Parts of Vega that no chart of a report uses: a sixth of the bundle. A chart that does keeps its still drawing.
const LEFT_OUT = /^(?:d3-geo|d3-geo-projection|topojson-client|vega-(?:geo|projection|force|hierarchy|label|regression|wordcloud|crossfilter))$/;
const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Bundles the script that every report page carries: Vega with its expression interpreter, tooltips, the panel of a number.
 * One classic script, minified, ASCII, nothing left to load. With `outdir` it is also written there as report-runtime.js.
 * Returns its text and esbuild's metafile, which names the packages inside.
 */
export async function buildRuntime({ outdir } = {}) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/report/runtime/main.ts'],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    charset: 'ascii',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    plugins: [leaveOut],
    logLevel: 'warning',
  });
  const text = outputFiles[0].text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trimEnd();
  if (outdir !== undefined) {
    await mkdir(outdir, { recursive: true });
    await writeFile(join(outdir, 'report-runtime.js'), text);
  }
  return { text, metafile };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildRuntime({ outdir: join(root, 'dist') });

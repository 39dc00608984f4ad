// Makes what goes onto a device: the agent as one file with protocol and x509 inside, no npm dependency, plain ES2022; its core alone, as
// a library for programs that embed it; and the files beside these that are loaded when they are needed. What belongs to which:
// decisions/0005 and 0020. Usage: bundle-agent.ts [DIRECTORY]
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type JsMinifyOptions, minify } from '@swc/core';
import { build, type Plugin } from 'esbuild';
import { withArrowFunctions } from './arrow-functions.ts';
import { bundlePac, FOR_DEVICES } from './bundle-pac.ts';

const root = new URL('../', import.meta.url).pathname;
const directory = process.argv[2] ?? `${root}packages/agent/dist`;

/**
 * What makes less of it than esbuild does: decisions/0007. No function of ours that is no class is called with `new`. Only
 * the simplest functions are copied to where they are called: copies of others are longer than their calls.
 */
const SMALL: JsMinifyOptions = {
  module: true,
  ecma: 2022,
  compress: { ecma: 2022, passes: 4, inline: 1, unsafe_arrows: true },
  mangle: { toplevel: true },
};

/** What lies beside the core, in files of their own: NAME/NAME.ts becomes windlass-agent-NAME.mjs. */
const BESIDE = ['doctor', 'portal', 'probes', 'proxies', 'run'];

/** `import()` is for the files beside: it stays, and leads there. */
const importBeside: Plugin = {
  name: 'import-beside',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${nameOf(basename(path, '.ts'))}`, external: true } : undefined,
    );
  },
};

const core = await bundle('core.ts', 'windlass-agent-core.mjs');
forbid(core, (file) => file.includes('agent/src/command-line/'), "the core imports %, which is the command line's");
const agent = [
  ...core,
  ...(await bundle('main.ts', 'windlass-agent.mjs')),
  ...(await bundle('command-line/commands.ts', nameOf('commands'))),
];
for (const name of [...BESIDE, 'pac']) {
  const sources =
    name === 'pac' ? await bundlePac(join(directory, nameOf(name))) : await bundle(`${name}/${name}.ts`, nameOf(name));
  const sentence = `% is in ${nameOf(name)} and in what loads that: hand it over, or load it with import() alone`;
  forbid(sources, (file) => agent.includes(file), sentence);
}

function nameOf(beside: string): string {
  return `windlass-agent-${beside}.mjs`;
}

function forbid(sources: readonly string[], isForbidden: (file: string) => boolean, sentence: string): void {
  for (const file of sources.filter(isForbidden)) {
    console.error(`bundle-agent: ${sentence.replace('%', file)}`);
    process.exitCode = 1;
  }
}

/** Writes the bundle and returns the sources that are in it. */
async function bundle(entry: string, name: string): Promise<readonly string[]> {
  const outfile = join(directory, name);
  const { metafile } = await build({
    ...FOR_DEVICES,
    entryPoints: [`${root}packages/agent/src/${entry}`],
    outfile,
    conditions: ['source'],
    minifySyntax: true,
    plugins: [importBeside],
  });
  const { code } = await minify(withOneImportOfEach(readFileSync(outfile, 'utf8')), SMALL);
  writeFileSync(outfile, (await minify(await withArrowFunctions(code), SMALL)).code);
  return Object.keys(metafile.inputs);
}

/** esbuild leaves an import of Node's modules in the place of each source; the order of such imports does not matter. */
function withOneImportOfEach(text: string): string {
  const imports = new Map<string, Map<string, string>>();
  const aliases: string[] = [];
  const rest = text.replace(/\bimport \{([^{}]+)\} from "(node:[a-z/]+)";\n/g, (_, list: string, module: string) => {
    const names = imports.get(module) ?? new Map<string, string>();
    imports.set(module, names);
    for (const item of list.split(',')) {
      const [name = '', local = name] = item.trim().split(' as ');
      const known = names.get(name);
      if (known === undefined) names.set(name, local);
      else aliases.push(`const ${local} = ${known};`);
    }
    return '';
  });
  const once = [...imports].map(([module, names]) => {
    const list = [...names].map(([name, local]) => `${name} as ${local}`);
    return `import {${list.join()}} from "${module}";`;
  });
  return [...once, ...aliases, rest].join('\n');
}

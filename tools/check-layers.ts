// Why this exists: the package line falls on the trust line. What runs on a device must not learn of SQL, what faces the
// public must not learn of keys. The table is the one of ARCHITECTURE.md; an import that is not in it fails the build.
import ts from 'typescript';
import { conclude, projectFiles, textOf } from './files.ts';

type Rule = {
  /** Files the rule is about, relative to packages/. The first rule that matches counts. */
  readonly files: RegExp;
  /** Modules that may be imported from outside of the package; relative imports inside it are judged by `notInside`. */
  readonly may: RegExp;
  /** Files of the same package that must not be imported, relative to packages/. */
  readonly notInside?: RegExp;
};

const rules: readonly Rule[] = [
  { files: /^x509\//, may: /^node:crypto$/ },
  { files: /^protocol\//, may: /^(@windlass\/x509|node:crypto)$/ },
  {
    files: /^agent\/src\/pac\//,
    may: /^(quickjs-emscripten-core|@jitl\/quickjs-singlefile-mjs-release-sync|node:.*)$/,
    notInside: /^agent\/src\/(?!pac\/)/,
  },
  { files: /^agent\//, may: /^(@windlass\/(x509|protocol)|node:.*)$/ },
  { files: /^management\//, may: /^(@windlass\/protocol|typebox(\/.*)?|node:https?)$/ },
  {
    files: /^service\/src\/store\//,
    may: /^(@windlass\/(protocol|x509|management)|kysely|better-sqlite3|pg|node:(fs|path|crypto|url))$/,
    notInside: /^service\/src\/(http|signer)\//,
  },
  {
    files: /^service\/src\/http\//,
    may: /^(@windlass\/(protocol|x509|management)|fastify|@fastify\/.*|openid-client|typebox(\/.*)?|pino|node:.*)$/,
  },
  {
    files: /^service\/src\/signer\//,
    may: /^(@windlass\/(protocol|x509)|node:.*)$/,
    notInside: /^service\/src\/(http|store)\//,
  },
  // The only places that wire everything together.
  {
    files: /^service\/src\/(serve|config|initialize|recover-token|index)\.ts$/,
    may: /^(@windlass\/(protocol|x509|management)|pino|smol-toml|node:.*)$/,
  },
  {
    files: /^service\//,
    may: /^(@windlass\/(protocol|x509|management)|@scure\/bip39(\/wordlists\/english\.js)?|node:crypto)$/,
    notInside: /^service\/src\/(http|store\/(?!ports|management-ports|device-ports))/,
  },
  {
    files: /^cli\//,
    may: /^(@windlass\/(management|protocol|x509|service)|commander|picocolors|@clack\/prompts|csv-parse|smol-toml|node:.*)$/,
  },
  { files: /^lab\//, may: /^(@windlass\/(protocol|x509)|@peculiar\/x509|reflect-metadata|picocolors|node:.*)$/ },
  { files: /^bench\//, may: /^(@windlass\/(protocol|x509|lab)|esbuild|picocolors|node:.*)$/ },
];

const findings: string[] = [];
const sources = projectFiles('packages', ['.ts', '.tsx']).filter(
  (file) => !/\.(test|bench)\.ts$/.test(file) && !/\/testing\//.test(file),
);
for (const file of sources) judge(file);
conclude('check-layers', findings, `${sources.length} files import only what their layer may know`);

function judge(file: string): void {
  const inPackages = file.replace(/^packages\//, '');
  const rule = rules.find(({ files }) => files.test(inPackages));
  if (!rule) {
    findings.push(`${file}: no rule of tools/check-layers.ts covers this file; add its package to the table`);
    return;
  }
  for (const { fileName } of ts.preProcessFile(textOf(file), true, true).importedFiles) {
    if (!fileName.startsWith('.')) {
      if (!rule.may.test(fileName)) findings.push(`${file}: must not import ${fileName}`);
      continue;
    }
    const target = new URL(fileName, `file:///${inPackages}`).pathname.slice(1);
    if (target.split('/')[0] !== inPackages.split('/')[0])
      findings.push(`${file}: reaches into another package (${fileName}); import it by its name`);
    if (rule.notInside?.test(target)) findings.push(`${file}: must not know ${fileName}`);
  }
}

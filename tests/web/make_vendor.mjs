// Makes the vendored files anew: `npm install && npm run vendor`. Prints what VENDOR.md says.
import {createHash} from 'node:crypto';
import {copyFileSync, readFileSync} from 'node:fs';
import {build} from 'esbuild';

const STATIC = 'app/web/static';
const FONTS = [
  ['vt323', 'vt323-latin-400-normal', 'vt323'],
  ['atkinson-hyperlegible', 'atkinson-hyperlegible-latin-400-normal', 'hyperlegible-400'],
  ['atkinson-hyperlegible', 'atkinson-hyperlegible-latin-700-normal', 'hyperlegible-700'],
];

const LIT = `
  export {LitElement, html, nothing} from 'lit';
  export {classMap} from 'lit/directives/class-map.js';
  export {live} from 'lit/directives/live.js';
  export {repeat} from 'lit/directives/repeat.js';
`;

await build({
  stdin: {contents: LIT, resolveDir: '.'},
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  banner: {js: '/* Lit 3.3.3, BSD-3-Clause, (c) Google LLC; see LICENSE beside this file. */'},
  outfile: `${STATIC}/vendor/lit.js`,
});
copyFileSync('node_modules/lit/LICENSE', `${STATIC}/vendor/LICENSE`);
for (const [family, from, to] of FONTS) {
  copyFileSync(`node_modules/@fontsource/${family}/files/${from}.woff2`, `${STATIC}/fonts/${to}.woff2`);
  copyFileSync(`node_modules/@fontsource/${family}/LICENSE`, `${STATIC}/fonts/LICENSE-${family}`);
}
copyFileSync('node_modules/axe-core/axe.min.js', 'tests/web/vendor/axe.min.js');
copyFileSync('node_modules/axe-core/LICENSE', 'tests/web/vendor/LICENSE');

const made = [
  `${STATIC}/vendor/lit.js`,
  ...FONTS.map(([, , to]) => `${STATIC}/fonts/${to}.woff2`),
  'tests/web/vendor/axe.min.js',
];
for (const file of made) {
  const bytes = readFileSync(file);
  const digest = createHash('sha256').update(bytes).digest('hex');
  process.stdout.write(`| \`${file}\` | ${bytes.length} | \`${digest}\` |\n`);
}

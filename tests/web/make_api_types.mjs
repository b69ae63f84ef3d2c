// Writes app/web/static/js/api.d.ts from what the server says of itself: `npm run api`.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import openapiTS, {astToString} from 'openapi-typescript';

const OUT = 'app/web/static/js/api.d.ts';
const PRINT = 'import json; from app.main import create_app; print(json.dumps(create_app().openapi()))';

const document = JSON.parse(execFileSync('.venv/bin/python', ['-c', PRINT], {encoding: 'utf8', maxBuffer: 2 ** 26}));
// The client is typed by what is said, not by where: paths and operations would be the most of it.
const schemas = {openapi: document.openapi, info: document.info, paths: {}, components: {schemas: document.components.schemas}};
const types = astToString(await openapiTS(schemas, {alphabetize: true, defaultNonNullable: true}));
const text = `// Made by \`npm run api\` from the server's own document. Do not edit.\n${types}`;
if (process.argv.includes('--check')) {
  if (readFileSync(OUT, 'utf8') !== text) throw new Error(`${OUT} is not what the server says: npm run api`);
} else {
  writeFileSync(OUT, text);
}

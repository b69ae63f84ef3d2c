// Writes app/web/static/js/api.d.ts from what the server says of itself: `npm run api`.
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import openapiTS, {astToString} from 'openapi-typescript';

const OUT = 'app/web/static/js/api.d.ts';

const told = JSON.parse(execFileSync('.venv/bin/python', ['-m', 'tests.web.api_schema'], {encoding: 'utf8', maxBuffer: 2 ** 26}));
// The client is typed by what is said, not by where: paths and operations would be the most of it.
const document = {openapi: '3.1.0', info: {title: 'Elsewhere', version: '1'}, paths: {}, components: {schemas: told.schemas}};
const types = astToString(await openapiTS(document, {alphabetize: true, defaultNonNullable: true}));
const own = createHash('sha256').update(types).digest('hex').slice(0, 16);
// By the first line a test without Node knows that this is of today's schemas, and not edited.
writeFileSync(OUT, `// Made by \`npm run api\` (schemas ${told.digest}, types ${own}). Do not edit.\n${types}`);

// Sends every operation of the document, as its examples have it, through a proxy that validates request and answer
// against the document. Roles that may not ask are refused, and the refusals are validated like other answers.
import { readFileSync } from 'node:fs';

const { PROXY, CREDENTIALS } = process.env;
const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url)));
let sent = 0;
const faults = [];

async function send(what, method, path, { headers = {}, body } = {}, wrong = false) {
    const response = await fetch(PROXY + path, { method, headers, body });
    const text = await response.text();
    sent += 1;
    // Of many violations the proxy tells the first in words. A request that is meant to be wrong violates the document, too.
    const told = response.headers.get('sl-violations') ?? '[]';
    const violations = told.startsWith('[') ? JSON.parse(told) : [{ location: ['response'], message: told.slice(0, 500) }];
    const ours = violations.filter((violation) => !wrong || violation.location[0] === 'response');
    if (ours.length > 0) faults.push([what, method, path, response.status, ours]);
    return { status: response.status, text, headers: response.headers };
}

async function token({ client_id, client_secret }) {
    const authorization = 'Basic ' + Buffer.from(`${client_id}:${client_secret}`).toString('base64');
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send('token', 'POST', '/oauth/token', { headers, body: 'grant_type=client_credentials' });
    return JSON.parse(answer.text).access_token;
}

async function walk(client) {
    const bearer = { authorization: `Bearer ${await token(client)}` };
    let batch = '01819e2c-6c00-7a3b-9d52-3f1f6f6f0001';
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
    // Pushes come first, so that there is something to look up.
    operations.sort((a, b) => (b.method === 'POST') - (a.method === 'POST'));
    for (const { path, method, operation } of operations.filter(({ path }) => path !== '/oauth/token')) {
        const there = path.replace('{id}', batch);
        for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? { '': {} })) {
            const body = typeof example === 'object' ? JSON.stringify(example) : example;
            const headers = { ...bearer, ...(type && { 'content-type': type }) };
            const answer = await send(client.role, method, there, { headers, body });
            batch = JSON.parse(answer.headers.get('location')?.replace('/v1/batches/', '"').concat('"') ?? `"${batch}"`);
        }
        await send('a stranger', method, there, {}, true);
        await send('an unknown parameter', method, there + '?dryRun=true', { headers: bearer }, true);
        if (operation.responses['406']) {
            for (const accept of ['application/json', 'text/csv', 'application/x-ndjson', 'image/png']) {
                await send(accept, method, there + '?first=2', { headers: { ...bearer, accept } }, accept === 'image/png');
            }
        }
        if (operation.requestBody) {
            const json = (body, more = {}) => ({ headers: { ...bearer, 'content-type': 'application/json', ...more }, body });
            await send('a broken body', method, there, json('{'), true);
            await send('another type', method, there, json('x', { 'content-type': 'text/plain' }), true);
            await send('another charset', method, there, json('{}', { 'content-type': 'application/json; charset=latin1' }), true);
            await send('a wrong total', method, there, json('{"records": [{}], "declaredCount": 5}'), true);
            await send('a wrong row', method, there, json('{"records": [{"amount": "x"}]}'), true);
        }
    }
    await send('no such push', 'GET', '/v1/batches/01819e2c-6c00-7a3b-9d52-3f1f6f6f0009', { headers: bearer });
}

for (const client of JSON.parse(readFileSync(CREDENTIALS))) await walk(client);
for (const fault of faults) console.error(JSON.stringify(fault));
console.log(`${sent} requests, ${faults.length} answers or requests that do not fit the document`);
process.exit(faults.length > 0 || sent < 100 ? 1 : 0);

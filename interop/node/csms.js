// A small central system on the npm package `ocpp-rpc`: frames, calls and validation are the library's, the rest is here.
// Stations come on /ocpp/<identity> with HTTP Basic; the bench asks for requests over HTTP on loopback.
//
//     node csms.js --port 9100 --password ... --control 9101
'use strict';
const { createServer } = require('http');
const { RPCServer } = require('ocpp-rpc');

const PROTOCOLS = ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'];
const TOKENS = { 'TEST-VALID-01': 'Accepted', 'TEST-BLOCKED-01': 'Blocked', 'TEST-EXPIRED-01': 'Expired' };
const OFF = 1000; // ms
// The library's schemas of 2.1 carry ids that its own validation does not look for: with it every message is refused.
const STRICT = ['ocpp2.0.1', 'ocpp1.6'];
const named = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1];
const [port, control, password] = [Number(named('port')), Number(named('control')), named('password')];
const log = (...words) => console.log(new Date().toISOString(), ...words);

const IDENTITY = 'CS1';
let station = null;
let server = null;
let numbers = 0;

const now = () => new Date().toISOString();
const judged = (token) => ({ status: TOKENS[token.toUpperCase()] ?? 'Invalid' });

const common = {
    BootNotification: () => ({ currentTime: now(), interval: 60, status: 'Accepted' }),
    Heartbeat: () => ({ currentTime: now() }),
    StatusNotification: () => ({}),
    MeterValues: () => ({}),
    FirmwareStatusNotification: () => ({}),
    DataTransfer: () => ({ status: 'UnknownVendorId' }),
};
const since2 = {
    ...common,
    Authorize: ({ idToken }) => ({ idTokenInfo: judged(idToken.idToken) }),
    TransactionEvent: ({ idToken }) => (idToken ? { idTokenInfo: judged(idToken.idToken) } : {}),
    NotifyReport: () => ({}),
    NotifyEvent: () => ({}),
    SecurityEventNotification: () => ({}),
    LogStatusNotification: () => ({}),
    ReportChargingProfiles: () => ({}),
    NotifyChargingLimit: () => ({}),
    ClearedChargingLimit: () => ({}),
    NotifyEVChargingNeeds: () => ({ status: 'Rejected' }),
    SignCertificate: () => ({ status: 'Rejected' }),
};
const of16 = {
    ...common,
    Authorize: ({ idTag }) => ({ idTagInfo: judged(idTag) }),
    StartTransaction: ({ idTag }) => ({ transactionId: ++numbers, idTagInfo: judged(idTag) }),
    StopTransaction: () => ({}),
    DiagnosticsStatusNotification: () => ({}),
};

function serve(client) {
    station = client;
    log(client.identity, 'connected with', client.protocol);
    client.on('message', ({ message, outbound }) => log(outbound ? 'sent' : 'received', String(message)));
    for (const [action, answer] of Object.entries(client.protocol === 'ocpp1.6' ? of16 : since2)) {
        client.handle(action, ({ params }) => answer(params));
    }
}

async function start() {
    server = new RPCServer({ protocols: PROTOCOLS, strictMode: STRICT, callTimeoutMs: 10000 });
    server.auth((accept, reject, handshake) => {
        if (handshake.endpoint !== '/ocpp' || handshake.identity !== IDENTITY) return reject(404, 'no station here');
        if (String(handshake.password ?? '') !== password) return reject(401, 'wrong password');
        return accept({});
    });
    server.on('client', serve);
    await server.listen(port, '127.0.0.1');
}

const actions = {
    async send_request({ message, payload }) {
        if (station === null) throw Error('no station has connected');
        station.call(message, payload).then(
            (answer) => log('answered', JSON.stringify(answer)),
            (failed) => log(message, 'failed:', failed.message),
        );
    },
    async power_cycle() {
        await server.close({ force: true });
        await new Promise((resolve) => setTimeout(resolve, OFF));
        await start();
    },
};

createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const action = actions[request.url.slice(1)];
    try {
        if (request.method !== 'POST' || !action) throw Error(`no ${request.method} ${request.url} here`);
        await action(body ? JSON.parse(body) : {});
        response.end('{}');
    } catch (wrong) {
        response.statusCode = 400;
        response.end(JSON.stringify({ error: wrong.message }));
    }
}).listen(control, '127.0.0.1');
start().then(() => log('ready'));

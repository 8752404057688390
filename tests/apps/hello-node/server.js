'use strict';
const http = require('node:http');

const { PORT = '8080', PAAS_APP = 'hello', PAAS_RELEASE = '', GREETING = 'Hello' } = process.env;

const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${GREETING} from ${PAAS_APP} ${PAAS_RELEASE}\n`);
});

server.listen(Number(PORT), '0.0.0.0', () => console.log(`listening on ${PORT}`));

// Requests under way are answered before the process ends.
process.on('SIGTERM', () => server.close(() => process.exit(0)));

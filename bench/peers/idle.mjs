// SPDX-License-Identifier: MIT
// A minimal server in Node, which is what scripts of this kind wait in: it says its port, and answers.
import { createServer } from 'node:http';

const server = createServer((request, response) => response.end('ok\n'));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

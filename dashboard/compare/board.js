// bull-board as its documentation serves it, and nothing else in this process: node board.js REDIS_PORT PORT
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import express from 'express';
import IORedis from 'ioredis';
import { QUEUES, STILL } from '../measure/load.js';

const [redis, port] = process.argv.slice(2).map(Number);
const connection = new IORedis(redis, '127.0.0.1', { maxRetriesPerRequest: null });
const serverAdapter = new ExpressAdapter();
serverAdapter.setBasePath('/');
createBullBoard({
  queues: [...QUEUES, STILL].map((name) => new BullMQAdapter(new Queue(name, { connection }))),
  serverAdapter,
});
const app = express();
app.use('/', serverAdapter.getRouter());
app.listen(port, '127.0.0.1', () => process.send({ answer: null }));

/**
 * Makes a queue, submits tasks to it, receives them by HTTP and runs them.
 *
 * In one shell:
 *     export TASKWAY_WEBHOOK_SECRETS=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
 *     taskway dev --allow-http 127.0.0.1
 * In another, with the same secret and Node.js 22.18 or newer:
 *     npm ci --prefix clients/typescript
 *     npm install --prefix examples/typescript
 *     node examples/typescript/welcome.ts
 */

import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { App, Taskway } from "taskway";
import { listener } from "taskway/node";

const PORT = Number(process.env.PORT ?? 8001);
const app = new App({ url: `http://127.0.0.1:${PORT}/tasks` });

const sendWelcome = app.task("send_welcome", async (user: number) => {
  await setTimeout(100);
  return `welcome, user ${user}`;
});

const server = createServer(listener(app.fetch)).listen(PORT, "127.0.0.1");
const taskway = new Taskway();
await taskway.setQueue("emails", { concurrency: 5 });
const users = Array.from({ length: 10 }, (_, user) => user);
const answers = await taskway.submitMany(
  users.map((user) => ({ target: app.target(sendWelcome), payload: user, queue: "emails" })),
);
for (const answer of answers) {
  const task = await taskway.wait(answer.task);
  console.log(task.id, task.state, task.value);
}
server.close();

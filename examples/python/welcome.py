"""Makes a queue, submits tasks to it, receives them by HTTP and runs them with asyncio.

In one shell:
    export TASKWAY_WEBHOOK_SECRETS=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    taskway dev --allow-http 127.0.0.1
In another, with the same secret:
    pip install ./clients/python uvicorn
    python examples/python/welcome.py
"""

import asyncio
import os

import uvicorn

from taskway import App, AsyncTaskway, NewTask

PORT = int(os.environ.get("PORT", 8001))
app = App(url=f"http://127.0.0.1:{PORT}/tasks")


@app.task("send_welcome")
async def send_welcome(user: int) -> str:
    await asyncio.sleep(0.1)
    return f"welcome, user {user}"


async def main() -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="warning"))
    receiving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    async with AsyncTaskway() as taskway:
        await taskway.set_queue("emails", concurrency=5)
        answers = await taskway.submit_many(NewTask(app.target(send_welcome), user, queue="emails") for user in range(10))
        for answer in answers:
            task = await taskway.wait(answer.task)
            print(task.id, task.state, task.value)
    server.should_exit = True
    await receiving


asyncio.run(main())

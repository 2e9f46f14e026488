/** The types of docs/openapi.json. `npm run types` makes this file. */

declare const time: unique symbol;
/** A time, as RFC 3339 writes it. The mark is for the compiler alone: it tells times from other texts. */
export type Time = string & { readonly [time]: true };

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows whether the API answers */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns this document */
        get: operations["getDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tasks that ended as failed, the latest first */
        get: operations["listFailedTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts the failed tasks again that match its filters
         * @description Without a filter it starts every failed task again.
         */
        post: operations["redriveTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tells how to upload a large payload
         * @description The answer has a request that uploads these bytes and no others. When it is made, tasks can be submitted with the `payload_ref` for a day. The same bytes have the same `payload_ref`, and uploading them again changes nothing.
         */
        post: operations["uploadPayload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the queues that have tasks or settings
         * @description Without what is in them.
         */
        get: operations["listQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns a queue's settings and what is in it
         * @description A queue that nobody has set up has the default settings.
         */
        get: operations["getQueue"];
        /**
         * Sets up a queue
         * @description What is left out has its default.
         */
        put: operations["putQueue"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Changes the settings of a queue
         * @description What is left out stays.
         */
        patch: operations["changeQueue"];
        trace?: never;
    };
    "/v1/queues/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pauses a queue
         * @description From 5 s after the answer no task of the queue starts.
         */
        post: operations["pauseQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{name}/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops the tasks of a queue that wait
         * @description Tasks that run go on. `limit` and `cursor` are parameters or members of the body.
         */
        post: operations["purgeQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a paused queue go on */
        post: operations["resumeQueue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists schedules, the one that was put last first
         * @description Without the payloads of their tasks.
         */
        get: operations["listSchedules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns a schedule */
        get: operations["getSchedule"];
        /**
         * Makes or replaces a schedule
         * @description The same schedule again changes nothing. An answer can be put back as it is.
         */
        put: operations["putSchedule"];
        post?: never;
        /**
         * Deletes a schedule
         * @description Its firings that have not started are cancelled.
         */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{name}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submits a schedule's task now */
        post: operations["runSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells how much is in the stack
         * @description All numbers are approximate. SQS's may be a minute old.
         */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists tasks, the newest first
         * @description A page may have fewer tasks than `limit`, or none, while there is a `next_cursor`.
         */
        get: operations["listTasks"];
        put?: never;
        /**
         * Submits a task
         * @description The first request under an idempotency key submits the task. A later one returns the same task with 200, and must ask for the same. With `Prefer: wait=N` the answer waits for the task's end, and is 200 if it came.
         */
        post: operations["submitTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submits many tasks
         * @description There is one result for each task, in order. A refused task does not keep the others from being accepted. The header `Idempotency-Key` is refused: each task has its own key.
         */
        post: operations["submitTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops the tasks that match its filters
         * @description The filters are parameters or members of the body, each in one of the two places. Without a filter the request is refused; `all` means every task.
         */
        post: operations["cancelTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns a task */
        get: operations["getTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a task that waits */
        patch: operations["changeTask"];
        trace?: never;
    };
    "/v1/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops a task
         * @description Cancelling a cancelled task changes nothing and is answered with 200.
         */
        post: operations["cancelTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts an ended task again
         * @description Attempts are counted from 0, and a deadline that has passed is dropped.
         */
        post: operations["retryTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts a waiting task now */
        post: operations["runTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The request cannot be read. */
        BadRequestProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 400;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "The request cannot be read";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/bad-request";
        } & {
            [key: string]: unknown;
        };
        /** @description What came of one task of a batch. */
        BatchItem: {
            /** @description 202, or 200 for one that was accepted before under the same key. */
            status: number;
            /** @description The task, without its payload. */
            task: components["schemas"]["TaskSummary"];
        } | {
            /** @description Why. */
            problem: components["schemas"]["Problem"];
            /** @description The problem's status. */
            status: number;
        };
        /** @description Tasks to be submitted. One that is refused does not keep the others from being accepted. */
        BatchRequest: {
            /** @description Each has its own idempotency key. */
            tasks: components["schemas"]["TaskRequest"][];
        };
        /** @description What came of a batch, in its order: `POST /v1/tasks/batch`. */
        BatchResults: {
            /** @description One for each task. */
            results: components["schemas"]["BatchItem"][];
        };
        /** @description What came of a change of many: `POST /v1/tasks/cancel`, `POST /v1/dead/redrive`. */
        BulkResult: {
            /** @description Tasks that were changed: others changed meanwhile. */
            done: number;
            /** @description Tasks that the filters found. */
            matched: number;
            /** @description Where the next call goes on, if there is more. */
            next_cursor: string | null;
        };
        /** @description A callback: a task that follows the end of another. */
        Callback: {
            /** @description Names and values to find it by, as those of a task. */
            labels?: {
                [key: string]: string;
            };
            /** @description What the target is given: any JSON. The default is a description of the ended task: `{"task": {id, queue, state, attempt, labels, payload, result or error}}`. What does not fit into 256 KiB is left out: the payload first, then the result. */
            payload?: unknown;
            /** @description Its queue. The default is that of the ended task, whose priority and fairness key it also has. */
            queue?: string | null;
            /** @description What is to run. */
            target: components["schemas"]["Target"];
        };
        /** @description A callback: a task that follows the end of another. */
        CallbackRequest: {
            /**
             * @description Names and values to find it by, as those of a task.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description What the target is given: any JSON. The default is a description of the ended task: `{"task": {id, queue, state, attempt, labels, payload, result or error}}`. What does not fit into 256 KiB is left out: the payload first, then the result. */
            payload?: unknown;
            /** @description Its queue. The default is that of the ended task, whose priority and fairness key it also has. */
            queue?: string | null;
            /** @description What is to run. */
            target: components["schemas"]["TargetRequest"];
        };
        /** @description Which tasks are meant: all filters must hold. */
        CancelRequest: {
            /**
             * @description Every task; it excludes the filters.
             * @constant
             */
            all?: true;
            /**
             * Format: cursor
             * @description The `next_cursor` of the call before.
             */
            cursor?: string | null;
            /** @description Of these tasks, 1 to 500. */
            ids?: string[] | null;
            /**
             * @description With these labels at least.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description The most tasks to change, 1 to 500. */
            limit?: number | null;
            /** @description In this queue. */
            queue?: string | null;
            /**
             * @description In this state; redriving takes none.
             * @enum {string|null}
             */
            state?: "scheduled" | "queued" | "running" | null;
        };
        /** @description A number of tasks, counted up to a thousand. */
        Count: number | {
            /** @description The number that was counted. */
            at_least: number;
        };
        /** @description An OpenAPI document. */
        Document: Record<string, never>;
        /** @description How many tasks ended in a minute. */
        EndedMinute: {
            /**
             * Format: date-time
             * @description When the minute began.
             */
            at: Time;
            /** @description Those that were cancelled. */
            cancelled: number;
            /** @description Those whose deadline passed. */
            expired: number;
            /** @description Those that failed. */
            failed: number;
            /** @description Those that succeeded. */
            succeeded: number;
        };
        /** @description One fault in a request, as RFC 9457's `errors` list it. */
        FieldError: {
            /** @description What it must be, and what it is. */
            detail: string;
        } & ({
            pointer: string;
        } | {
            header: string;
        } | {
            parameter: string;
        });
        Health: {
            /** @constant */
            status: "ok";
        };
        /** @description A fairness key that a queue holds back. */
        HeldKey: {
            /** @description How many of its tasks wait for its limit. */
            held: components["schemas"]["Count"];
            /** @description The fairness key. */
            key: string;
            /** @description How many of its attempts count against its limit now. */
            running: number;
        };
        /** @description An HTTP endpoint. The executor sends a task to it as a request. Debug output masks its credentials. */
        HttpTarget: {
            /**
             * @description `aws`, if the request is signed by AWS's Signature Version 4.
             * @constant
             */
            auth?: "aws";
            /** @description At most 32 headers, together at most 8 KiB. Names are in lower case. */
            headers?: {
                [key: string]: string;
            };
            /** @description What of the answer is kept as the task's result. */
            keep?: components["schemas"]["Keep"];
            /** @description One of `GET`, `HEAD`, `POST`, `PUT`, `PATCH` and `DELETE`. */
            method: string;
            /** @description The region, such as `eu-central-1`. */
            region?: string;
            /** @description The service's name in signatures, such as `execute-api` or `sqs`. */
            service?: string;
            /** @description At most 2,048 characters. */
            url: string;
        };
        /** @description An HTTP endpoint. */
        HttpTargetRequest: {
            /**
             * @description How the request is signed: `aws` is Signature Version 4, for hosts that the stack allows. It needs `service` and `region`.
             * @enum {string|null}
             */
            auth?: "aws" | null;
            /** @description At most 32 headers, together at most 8192 bytes. Those that belong to the connection or the delivery are refused: host, content-length, connection, keep-alive, te, trailer, transfer-encoding, upgrade, and all that begin with proxy-, webhook-, taskway-. */
            headers?: {
                [key: string]: string;
            } | null;
            /** @description What of the answer is kept as the task's result, beside the status. */
            keep?: {
                /** @description How many bytes of the body. Without it, 65,536. */
                body_bytes?: number | null;
                /** @description The names of the headers, together at most 8192 bytes. Without it, all that fit into 8 KiB. Headers that carry credentials are never kept, and refused here. */
                headers?: string[] | null;
            } | null;
            /**
             * @description The method.
             * @default POST
             * @enum {string|null}
             */
            method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | null;
            /** @description The AWS region, such as `eu-central-1`. Only with `auth`. */
            region?: string | null;
            /** @description The AWS service's name in signatures, such as `execute-api` or `sqs`. Only with `auth`. */
            service?: string | null;
            /**
             * Format: uri
             * @description An absolute URL without a user, a password and a fragment. `http` only where the stack opens addresses for it. Credentials are masked in answers.
             */
            url: string;
        };
        /** @description The idempotency key was used for another request. */
        IdempotencyKeyReusedProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description Every fault in the request; of a 422 at least one. */
            errors: components["schemas"]["FieldError"][];
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 422;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "The idempotency key was used for another request";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/idempotency-key-reused";
        } & {
            [key: string]: unknown;
        };
        /** @description Taskway failed. The log has the cause under the request's id. */
        InternalProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 500;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Internal error";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/internal";
        } & {
            [key: string]: unknown;
        };
        /** @description How a Lambda function is invoked. */
        Invocation: "request" | "event" | "durable";
        /** @description What of an endpoint's answer is kept as the task's result, beside the status. */
        Keep: {
            /** @description How many bytes of the body: 0 to 6,291,456. Absent: 65,536. */
            body_bytes?: number | null;
            /** @description The names of the headers, in lower case: at most 32. Absent: all that fit into 8 KiB. Those that carry credentials are not kept. */
            headers?: string[] | null;
        };
        /** @description A Lambda function. The executor invokes it with the task as its event. */
        LambdaTarget: {
            /** @description The function as the client named it: see FunctionName. */
            function: string;
            /** @description How the function is invoked. */
            invocation: components["schemas"]["Invocation"];
            /** @description The tenant of a function that isolates tenants: at most 256 characters. */
            tenant_id?: string | null;
        };
        /** @description A Lambda function that the stack allows tasks to call. */
        LambdaTargetRequest: {
            /** @description Its name or ARN, with or without a qualifier. */
            function: string;
            /**
             * @description How it is invoked: `request` waits for the answer, `event` hands it over, `durable` starts an execution.
             * @default request
             * @enum {string|null}
             */
            invocation?: "request" | "event" | "durable" | null;
            /** @description The tenant of a function that isolates tenants. */
            tenant_id?: string | null;
        };
        /** @description The messages of each lane. */
        Lanes: {
            /** @description Of lane `high`. */
            high: components["schemas"]["Messages"];
            /** @description Of lane `low`. */
            low: components["schemas"]["Messages"];
            /** @description Of lane `normal`. */
            normal: components["schemas"]["Messages"];
        };
        /** @description How many messages are in a queue of SQS. */
        Messages: {
            /** @description Those whose time has not come. */
            delayed: number;
            /** @description Those that an executor has. */
            in_flight: number;
            /** @description Those that wait for an executor. */
            waiting: number;
        };
        /** @description The path takes other methods, which `Allow` names. */
        MethodNotAllowedProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 405;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Method not allowed";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/method-not-allowed";
        } & {
            [key: string]: unknown;
        };
        /** @description What happens to times that passed while nothing ticked.  The names in the API and in the table are the variants' in lower case. */
        Misfire: "skip" | "once" | "all";
        /** @description What AWS bills for the calls of a month. */
        MonthOfUsage: {
            /** @description The month, in UTC: `2026-11`. */
            month: string;
            /**
             * Format: double
             * @description Read units of DynamoDB.
             */
            read_units: number;
            /** @description Requests to SQS. */
            sqs_requests: number;
            /** @description Write units of DynamoDB, for the table and its indexes. */
            write_units: number;
        };
        /** @description There is no such task, schedule, queue or path. */
        NotFoundProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 404;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Not found";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/not-found";
        } & {
            [key: string]: unknown;
        };
        /** @description The body is not I-JSON. */
        NotJsonProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description At which byte of the body. */
            offset: number;
            /** @description Where in the body: an RFC 6901 pointer. */
            pointer: string;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 400;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "The body is not valid JSON";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/not-json";
        } & {
            [key: string]: unknown;
        };
        /** @description What happens at a time at which the latest firing has not ended.  The names in the API and in the table are the variants' in lower case. */
        Overlap: "allow" | "skip";
        /** @description An attempt that failed, and that another one followed. */
        PastAttempt: {
            /** @description Which attempt, from 1. */
            attempt: number;
            /**
             * Format: date-time
             * @description When it failed, or when it was found to be lost.
             */
            failed_at: Time;
            /** @description `handler unknown_handler payload timeout panic lost http lambda deadline`. */
            kind: string;
            /** @description The first 100 bytes of its error's message, on one line. Empty if the attempt was lost. */
            message: string;
            /**
             * Format: date-time
             * @description When it started.
             */
            started_at: Time;
        };
        /** @description What is set for each fairness key of a queue, in an answer. */
        PerKey: {
            /** @description How many attempts of each key run at once. `None` is as many as there are. */
            concurrency: number | null;
            /** @description How many attempts of each key start in a period. `None` is as many as there are. */
            rate: components["schemas"]["Rate"] | null;
        };
        /** @description What is set for each fairness key of a queue. */
        PerKeyRequest: {
            /** @description How many attempts of each key run at once; `null` is as many as there are. A `PATCH` without it changes nothing, a `PUT` without it means `null`. */
            concurrency?: number | null;
            /** @description How many attempts of each key start in a period; `null` is as many as there are. A `PATCH` without it changes nothing, a `PUT` without it means `null`. */
            rate?: components["schemas"]["RateRequest"] | null;
        };
        /** @description A task's lane. Each lane has its own SQS queue and its own share of the executors' concurrency.  The names in the API and in the table are the variants' in lower case. */
        Priority: "high" | "normal" | "low";
        /** @description A problem document, `application/problem+json`. */
        Problem: {
            /** @description What happened this time, for a person to read. */
            detail?: string | null;
            /** @description Every fault in the request; of a 422 at least one. */
            errors?: components["schemas"]["FieldError"][];
            /** @description The HTTP status. */
            status: number;
            /** @description The kind in words. */
            title: string;
            /** @description The kind, such as `/problems/validation`; it never changes. */
            type: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The executors that have the same handlers. */
        Program: {
            /**
             * Format: date-time
             * @description When an executor first announced them.
             */
            first_seen_at: Time;
            /** @description The names of its handlers, in order. */
            handlers: string[];
            /**
             * Format: date-time
             * @description When one last did. A running worker does so every 30 seconds, a function with its batches.
             */
            last_seen_at: Time;
            /** @description Whether an executor has announced them within the last two minutes. Tasks of these handlers then wait for it. */
            running: boolean;
        };
        /** @description How far an attempt has come. */
        Progress: {
            /**
             * Format: date-time
             * @description When the attempt reported this.
             */
            at: Time;
            /** @description Units done. */
            done: number;
            /** @description Units in all. */
            total: number;
        };
        /** @description How far one call goes. */
        PurgeRequest: {
            /**
             * Format: cursor
             * @description The `next_cursor` of the call before.
             */
            cursor?: string | null;
            /** @description The most tasks to change, 1 to 500. */
            limit?: number | null;
        };
        /** @description A queue in an answer. */
        Queue: {
            /** @description How many attempts of it run at once. `None` is as many as there are. */
            concurrency: number | null;
            /** @description How many of its tasks ended as failed. Lists leave it out. */
            failed?: components["schemas"]["Count"] | null;
            /** @description How many tasks it holds back. Tasks that were cancelled or moved since may be among them. Lists leave it out. */
            held?: components["schemas"]["Count"] | null;
            /** @description Up to ten fairness keys that hold back most, of a hundred that were looked at. A queue whose keys never had a limit has none, and lists leave it out. */
            keys?: components["schemas"]["HeldKey"][] | null;
            /** @description Its name. */
            name: string;
            /** @description Whether no task of it starts. */
            paused: boolean;
            /** @description What is set for each of its fairness keys. */
            per_key: components["schemas"]["PerKey"];
            /** @description How many attempts of it start in a period. `None` is as many as there are. */
            rate: components["schemas"]["Rate"] | null;
            /** @description How many attempts count against the limit of `concurrency` now: those that run, and those that are about to. A queue without a limit does not count them, and lists leave it out. */
            running?: number | null;
        };
        /** @description A page of queues, the one whose first task was made last first: `GET /v1/queues`. */
        QueueList: {
            /** @description Where the next page begins, if there is one. */
            next_cursor: string | null;
            /** @description The queues that have tasks or settings. */
            queues: components["schemas"]["Queue"][];
        };
        /** @description What is set for a queue: `PUT` and `PATCH /v1/queues/{name}`. */
        QueueRequest: {
            /** @description How many attempts of the queue run at once; `null` is as many as there are. A `PATCH` without it changes nothing, a `PUT` without it means `null`. */
            concurrency?: number | null;
            /** @description No task of the queue starts. A `PATCH` without it changes nothing, a `PUT` without it means `false`. */
            paused?: boolean | null;
            /** @description What is set for each fairness key of the queue; `null` is nothing. A `PATCH` changes what it names, a `PUT` without it means `null`. */
            per_key?: components["schemas"]["PerKeyRequest"] | null;
            /** @description How many attempts of the queue start in a period; `null` is as many as there are. A `PATCH` without it changes nothing, a `PUT` without it means `null`. */
            rate?: components["schemas"]["RateRequest"] | null;
        };
        /** @description How many attempts of a queue start in a period. */
        Rate: {
            /** @description How many may start at once after a time in which fewer have started: 1 to `tasks`, by default 1. */
            burst: number;
            /** @description The period, 1 to 86,400 seconds. */
            per_seconds: number;
            /** @description How many: 1 to 100,000, and at most 1,000 a second. */
            tasks: number;
        };
        /** @description How many attempts of a queue start in a period. */
        RateRequest: {
            /**
             * @description How many may start at once after a time in which fewer have started: 1 to `tasks`, by default 1.
             * @default 1
             */
            burst?: number | null;
            /** @description The period, 1 to 86,400 seconds. */
            per_seconds: number;
            /** @description How many: 1 to 100,000, and at most 1,000 a second. */
            tasks: number;
        };
        /** @description Which tasks are meant: all filters must hold. */
        RedriveRequest: {
            /**
             * @description Every task; it excludes the filters.
             * @constant
             */
            all?: true;
            /**
             * Format: cursor
             * @description The `next_cursor` of the call before.
             */
            cursor?: string | null;
            /** @description Of these tasks, 1 to 500. */
            ids?: string[] | null;
            /**
             * @description With these labels at least.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description The most tasks to change, 1 to 500. */
            limit?: number | null;
            /** @description In this queue. */
            queue?: string | null;
        };
        /** @description How many attempts a task has, and how long it waits between them. */
        RetryPolicy: {
            /** @description The number of attempts, including the first: 1 to 100. */
            max_attempts: number;
            /** @description The longest wait, in seconds: 0 to 86,400, and at least the shortest. */
            max_backoff_seconds: number;
            /** @description The shortest wait, in seconds: 0 to 86,400. */
            min_backoff_seconds: number;
            /**
             * Format: double
             * @description The factor by which the longest possible wait grows with each attempt: 1 to 10.
             */
            multiplier: number;
        };
        /** @description How many attempts a task has, and how long it waits between them. */
        RetryPolicyRequest: {
            /**
             * @description The number of attempts, including the first: 1 to 100.
             * @default 5
             */
            max_attempts?: number | null;
            /**
             * @description The longest wait, in seconds: 0 to 86,400, and at least the shortest.
             * @default 600
             */
            max_backoff_seconds?: number | null;
            /**
             * @description The shortest wait, in seconds: 0 to 86,400.
             * @default 1
             */
            min_backoff_seconds?: number | null;
            /**
             * @description The factor by which the longest possible wait grows with each attempt: 1 to 10.
             * @default 2
             */
            multiplier?: number | null;
        };
        /** @description A schedule in an answer. Everything is always there, null where there is nothing; lists leave out the payload, whose JSON text is `P`. */
        Schedule: {
            /**
             * Format: date-time
             * @description When it was first put.
             */
            created_at: Time | null;
            /** @description Vixie's five fields, six with seconds first, or a name such as `@daily`. Exactly one of this and `every_seconds`. */
            cron: string | null;
            /** @description When it fires, in plain words. */
            description: string | null;
            /**
             * Format: date-time
             * @description No firing is later.
             */
            end_at: Time | null;
            /** @description From one firing to the next, in seconds: 1 to 366 days. */
            every_seconds: number | null;
            /** @description Each firing starts up to so many seconds after its time, to a day. */
            jitter_seconds: number;
            /** @description The latest firing whose time has come. */
            last_run: components["schemas"]["ScheduledRun"] | null;
            /** @description What happens to times that passed while nothing ticked: `skip` them, fire `once` for all, or fire `all`. */
            misfire: components["schemas"]["Misfire"];
            /** @description Its name. */
            name: string;
            /** @description The next ten times; none while it is paused. */
            next_runs: Time[];
            /** @description The same times on the clock of `time_zone`, with its offset. */
            next_runs_local: string[];
            /** @description Where well-known crons differ for this expression, and what happens when the clock changes. */
            notes: string[];
            /** @description What happens at a time at which the latest firing has not ended: `allow` another, or `skip` it. */
            overlap: components["schemas"]["Overlap"];
            /** @description Nothing fires. */
            paused: boolean;
            /**
             * Format: date-time
             * @description No firing is earlier.
             */
            start_at: Time | null;
            /** @description What each firing submits. */
            task: components["schemas"]["ScheduleTask"] | null;
            /** @description The zone whose wall clocks `cron` means, by its IANA name; UTC unless it is given. */
            time_zone: string | null;
        };
        /** @description A page of schedules, the one that was put last first: `GET /v1/schedules`. */
        ScheduleList: {
            /** @description Where the next page begins, if there is one. */
            next_cursor: string | null;
            /** @description The schedules, without their payloads. */
            schedules: components["schemas"]["Schedule"][];
        };
        /** @description A schedule to be put, `PUT /v1/schedules/{name}`. */
        ScheduleRequest: {
            /** @description Of an answer. It is not read. */
            created_at?: unknown;
            /**
             * Format: cron
             * @description Vixie's five fields, six with seconds first, or a name such as `@daily`. Exactly one of this and `every_seconds`.
             */
            cron?: string | null;
            /** @description Of an answer. It is not read. */
            description?: unknown;
            /**
             * Format: date-time
             * @description No firing is later.
             */
            end_at?: Time | null;
            /** @description From one firing to the next, in seconds: 1 to 366 days. */
            every_seconds?: number | null;
            /**
             * @description Each firing starts up to so many seconds after its time, to a day.
             * @default 0
             */
            jitter_seconds?: number | null;
            /** @description Of an answer. It is not read. */
            last_run?: unknown;
            /**
             * @description What happens to times that passed while nothing ticked: `skip` them, fire `once` for all, or fire `all`.
             * @default once
             * @enum {string|null}
             */
            misfire?: "skip" | "once" | "all" | null;
            /** @description If it is given, the name in the path. */
            name?: string | null;
            /** @description Of an answer. It is not read. */
            next_runs?: unknown;
            /** @description Of an answer. It is not read. */
            next_runs_local?: unknown;
            /** @description Of an answer. It is not read. */
            notes?: unknown;
            /**
             * @description What happens at a time at which the latest firing has not ended: `allow` another, or `skip` it.
             * @default allow
             * @enum {string|null}
             */
            overlap?: "allow" | "skip" | null;
            /**
             * @description Nothing fires.
             * @default false
             */
            paused?: boolean | null;
            /**
             * Format: date-time
             * @description No firing is earlier.
             */
            start_at?: Time | null;
            /** @description What each firing submits: a task without a time, a deadline and an idempotency key of its own. */
            task: components["schemas"]["ScheduleTaskRequest"];
            /**
             * Format: time-zone
             * @description The zone whose wall clocks `cron` means, by its IANA name; UTC unless it is given.
             */
            time_zone?: string | null;
        } & ({
            cron: string;
            every_seconds?: null;
        } | {
            cron?: null;
            every_seconds: number;
        });
        /** @description What each firing of a schedule submits. */
        ScheduleTask: {
            /** @description How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the shorter tasks of a batch first. */
            expected_duration_ms: number | null;
            /** @description The tenant that the task belongs to. SQS serves the tenants of a lane fairly. */
            fairness_key: string | null;
            /** @description Names and values to find it by. */
            labels: {
                [key: string]: string;
            };
            /** @description What runs when it has failed, or its deadline has passed. Credentials are masked. */
            on_failure: components["schemas"]["Callback"] | null;
            /** @description What runs when it has succeeded. Credentials are masked. */
            on_success: components["schemas"]["Callback"] | null;
            /** @description What the target is given. */
            payload?: unknown;
            /** @description The lane. */
            priority: components["schemas"]["Priority"];
            /** @description The name of the queue. */
            queue: string;
            /** @description How long the record is kept after the task's end, in seconds: 0 to 366 days. */
            retain_seconds: number;
            /** @description The number of attempts and the waits between them. */
            retry: components["schemas"]["RetryPolicy"];
            /** @description What runs it. Credentials are masked. */
            target: components["schemas"]["Target"] | null;
            /** @description The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run. */
            timeout_seconds: number;
        };
        /** @description What each firing submits: a task without a time, a deadline and an idempotency key of its own. */
        ScheduleTaskRequest: {
            /** @description How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the shorter tasks of a batch first. */
            expected_duration_ms?: number | null;
            /** @description The tenant that the task belongs to. SQS serves the tenants of a lane fairly. */
            fairness_key?: string | null;
            /**
             * @description Names and values to find the task by: at most 16, names to 64 and values to 256 characters.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description What is to run when it has failed, or its deadline has passed. Nothing runs when it is cancelled. */
            on_failure?: components["schemas"]["CallbackRequest"] | null;
            /** @description What is to run when it has succeeded. */
            on_success?: components["schemas"]["CallbackRequest"] | null;
            /** @description What the target is given: any JSON, to 256 KiB as sent, together with the payloads of its callbacks. It is passed on as it was sent. */
            payload?: unknown;
            /**
             * @description The lane.
             * @default normal
             * @enum {string|null}
             */
            priority?: "high" | "normal" | "low" | null;
            /**
             * @description The name of the queue.
             * @default default
             */
            queue?: string | null;
            /**
             * @description How long the record is kept after the task's end, in seconds: 0 to 366 days.
             * @default 604800
             */
            retain_seconds?: number | null;
            /**
             * @description The number of attempts and the waits between them.
             * @default {
             *       "max_attempts": 5,
             *       "max_backoff_seconds": 600,
             *       "min_backoff_seconds": 1,
             *       "multiplier": 2
             *     }
             */
            retry?: components["schemas"]["RetryPolicyRequest"] | null;
            /** @description What is to run. */
            target: components["schemas"]["TargetRequest"];
            /**
             * @description The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run.
             * @default 60
             */
            timeout_seconds?: number | null;
        };
        /** @description A firing: the time of the schedule, and the task that came of it. */
        ScheduledRun: {
            /**
             * Format: date-time
             * @description The time of the schedule.
             */
            at: Time;
            /** @description The task's id. */
            task_id: string | null;
        };
        /** @description The task's state does not allow it. */
        StateConflictProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The task's state.
             * @enum {string}
             */
            state: "scheduled" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 409;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "The task's state does not allow it";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/state-conflict";
        } & {
            [key: string]: unknown;
        };
        /** @description What `GET /v1/stats` answers. SQS's numbers are approximate, and the table's may be seconds old. */
        Stats: {
            /** @description The messages of the dead-letter queue, which the next tick settles. */
            dead_letters: components["schemas"]["Messages"];
            /** @description Tasks that are past their time and that no tick has sent yet. */
            due_backlog: components["schemas"]["Count"];
            /** @description How many tasks ended in each minute of the last hour, the oldest first. Minutes in which none ended are left out. The counts are approximate, and the latest minute's grow: each process tells its own once in 15 s or in a minute. */
            ended: components["schemas"]["EndedMinute"][];
            /** @description The messages of each lane. */
            lanes: components["schemas"]["Lanes"];
            /** @description The programs whose executors have announced their handlers within the last week, the one seen last at the top. Executors with the same handlers are one program. */
            programs: components["schemas"]["Program"][];
            /**
             * Format: double
             * @description How long the latest of those is past its time, in seconds; 0 if there is none.
             */
            promotion_lag_seconds: number;
            /** @description Messages that cannot be read and whose copy waits for a person. */
            unreadable: components["schemas"]["Count"];
            /** @description What AWS bills for the calls that Taskway's processes made in each month, the latest first. They are told late: each process tells its own once in five minutes. Lambda's own receives and deletes at SQS, storage and Lambda's time are not among them. */
            usage: components["schemas"]["MonthOfUsage"][];
        };
        /** @description What runs a task, with everything that is needed to reach it. */
        Target: {
            handler: string;
        } | {
            http: components["schemas"]["HttpTarget"];
        } | {
            lambda: components["schemas"]["LambdaTarget"];
        };
        /** @description What runs the task: exactly one of these. */
        TargetRequest: {
            handler: string;
        } | {
            http: components["schemas"]["HttpTargetRequest"];
        } | {
            lambda: components["schemas"]["LambdaTargetRequest"];
        };
        /** @description A task. Every field is there, and null where there is nothing. */
        Task: {
            /** @description Attempts made; 0 before the first. */
            attempt: number;
            /**
             * Format: date-time
             * @description When it was submitted.
             */
            created_at: Time | null;
            /**
             * Format: date-time
             * @description When it is too late.
             */
            deadline: Time | null;
            /** @description Why the latest failed attempt failed. */
            error: components["schemas"]["TaskError"] | null;
            /** @description How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the shorter tasks of a batch first. */
            expected_duration_ms: number | null;
            /** @description The tenant that the task belongs to. SQS serves the tenants of a lane fairly. */
            fairness_key: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished_at: Time | null;
            /** @description How often the task entered the agenda. */
            generation: number;
            /** @description Whether its queue holds it back: the queue is paused, or the task waits for a limit or a rate. */
            held: boolean;
            /** @description The public id, at most 64 of `[A-Za-z0-9_-]`. */
            id: string;
            /** @description What its client calls it. */
            idempotency_key: string | null;
            /** @description Names and values to find it by. */
            labels: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When another attempt starts. Null before the first attempt.
             */
            next_attempt_at: Time | null;
            /** @description What runs when it has failed, or its deadline has passed. Credentials are masked. */
            on_failure: components["schemas"]["Callback"] | null;
            /** @description What runs when it has succeeded. Credentials are masked. */
            on_success: components["schemas"]["Callback"] | null;
            /** @description The task whose callback this is. */
            parent_id: string | null;
            /** @description The attempts that failed and that another followed, the latest last. A record keeps at most 400 bytes of them, so the earliest may be missing. */
            past_attempts: components["schemas"]["PastAttempt"][];
            /** @description What the target is given, as it was submitted. */
            payload: unknown;
            /** @description The upload that is its payload. */
            payload_ref: string | null;
            /** @description Where to read that payload, for a quarter of an hour. Left out of lists and batches, and where there is none. */
            payload_url?: string | null;
            /** @description The lane. */
            priority: components["schemas"]["Priority"];
            /** @description What the latest attempt reported. */
            progress: components["schemas"]["Progress"] | null;
            /** @description The name of the queue. */
            queue: string;
            /** @description What a succeeded task's target returned. */
            result: unknown;
            /** @description Where to read a result over 256 KiB, for a quarter of an hour; `result` is null then. Left out of lists and batches, and where there is none. */
            result_url?: string | null;
            /** @description How long the record is kept after the task's end, in seconds: 0 to 366 days. */
            retain_seconds: number;
            /**
             * Format: date-time
             * @description Until when it is kept.
             */
            retained_until: Time | null;
            /** @description The number of attempts and the waits between them. */
            retry: components["schemas"]["RetryPolicy"];
            /**
             * Format: date-time
             * @description The time that was asked for.
             */
            run_at: Time | null;
            /** @description The schedule that submitted it. */
            schedule: string | null;
            /**
             * Format: date-time
             * @description When the latest attempt started.
             */
            started_at: Time | null;
            /**
             * @description `scheduled queued running succeeded failed cancelled expired`. Past its deadline a task that is not running reads as `expired` at once.
             * @enum {string}
             */
            state: "scheduled" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
            /** @description What runs it. Credentials are masked. */
            target: components["schemas"]["Target"] | null;
            /** @description The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run. */
            timeout_seconds: number;
            /** @description The W3C trace context of its submit. */
            traceparent: string | null;
        };
        /** @description A change, `PATCH /v1/tasks/{id}`. At least one part is there. */
        TaskChangeRequest: {
            /**
             * Format: date-time
             * @description Another deadline, after the start and to 366 days ahead; `null` takes it away.
             */
            deadline?: Time | null;
            /**
             * @description Another lane.
             * @enum {string}
             */
            priority?: "high" | "normal" | "low";
            /**
             * Format: date-time
             * @description A new time to start at, to 366 days ahead; one that has passed means now.
             */
            run_at?: Time;
        };
        /** @description Why an attempt failed. */
        TaskError: {
            /**
             * Format: date-time
             * @description When it failed.
             */
            at: Time;
            /** @description Which attempt, from 1. */
            attempt: number;
            /**
             * @description `handler unknown_handler payload timeout panic lost http lambda deadline`.
             * @example handler
             * @example unknown_handler
             * @example payload
             * @example timeout
             * @example panic
             * @example lost
             * @example http
             * @example lambda
             * @example deadline
             */
            kind: string;
            /** @description For a person to read. */
            message: string;
        };
        /** @description A page of tasks, the newest first: `GET /v1/tasks`, `GET /v1/dead`. `T` is a task, or its text. */
        TaskList: {
            /** @description Where the next page begins, if there is one. */
            next_cursor: string | null;
            /** @description The tasks, without payload and result. A page may be short or empty while there is a cursor. */
            tasks: components["schemas"]["TaskSummary"][];
        };
        /** @description A task to be submitted, `POST /v1/tasks`. */
        TaskRequest: {
            /**
             * Format: date-time
             * @description When it is too late: after the start, to 366 days ahead.
             */
            deadline?: Time | null;
            /** @description How long to wait before the start, in seconds, to 366 days. Not together with `run_at`. */
            delay_seconds?: number | null;
            /** @description How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the shorter tasks of a batch first. */
            expected_duration_ms?: number | null;
            /** @description The tenant that the task belongs to. SQS serves the tenants of a lane fairly. */
            fairness_key?: string | null;
            /** @description What the client calls this task, so that it is submitted once: 1 to 128 visible ASCII characters. The header `Idempotency-Key` says the same. */
            idempotency_key?: string | null;
            /**
             * @description Names and values to find the task by: at most 16, names to 64 and values to 256 characters.
             * @default {}
             */
            labels?: {
                [key: string]: string;
            } | null;
            /** @description What is to run when it has failed, or its deadline has passed. Nothing runs when it is cancelled. */
            on_failure?: components["schemas"]["CallbackRequest"] | null;
            /** @description What is to run when it has succeeded. */
            on_success?: components["schemas"]["CallbackRequest"] | null;
            /** @description What the target is given: any JSON, to 256 KiB as sent, together with the payloads of its callbacks. It is passed on as it was sent. */
            payload?: unknown;
            /** @description The `payload_ref` of an upload by the same caller, in place of a payload (`POST /v1/payloads`). */
            payload_ref?: string | null;
            /**
             * @description The lane.
             * @default normal
             * @enum {string|null}
             */
            priority?: "high" | "normal" | "low" | null;
            /**
             * @description The name of the queue.
             * @default default
             */
            queue?: string | null;
            /**
             * @description What becomes of a task that is there under the idempotency key. `false`: it is the answer. `true`: it is replaced by this one, and keeps its id; an attempt that runs is told to stop.
             * @default false
             */
            replace?: boolean | null;
            /**
             * @description How long the record is kept after the task's end, in seconds: 0 to 366 days.
             * @default 604800
             */
            retain_seconds?: number | null;
            /**
             * @description The number of attempts and the waits between them.
             * @default {
             *       "max_attempts": 5,
             *       "max_backoff_seconds": 600,
             *       "min_backoff_seconds": 1,
             *       "multiplier": 2
             *     }
             */
            retry?: components["schemas"]["RetryPolicyRequest"] | null;
            /**
             * Format: date-time
             * @description When to start, to 366 days ahead; a time that has passed means now. Not together with `delay_seconds`.
             */
            run_at?: Time | null;
            /** @description What is to run. */
            target: components["schemas"]["TargetRequest"];
            /**
             * @description The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run.
             * @default 60
             */
            timeout_seconds?: number | null;
        };
        /** @description A task in a list or in a batch's answer: without its payload and its result. */
        TaskSummary: {
            /** @description Attempts made; 0 before the first. */
            attempt: number;
            /**
             * Format: date-time
             * @description When it was submitted.
             */
            created_at: Time | null;
            /**
             * Format: date-time
             * @description When it is too late.
             */
            deadline: Time | null;
            /** @description Why the latest failed attempt failed. */
            error: components["schemas"]["TaskError"] | null;
            /** @description How long the client expects an attempt to take, in milliseconds: 0 to 12 hours. The executor starts the shorter tasks of a batch first. */
            expected_duration_ms: number | null;
            /** @description The tenant that the task belongs to. SQS serves the tenants of a lane fairly. */
            fairness_key: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished_at: Time | null;
            /** @description How often the task entered the agenda. */
            generation: number;
            /** @description Whether its queue holds it back: the queue is paused, or the task waits for a limit or a rate. */
            held: boolean;
            /** @description The public id, at most 64 of `[A-Za-z0-9_-]`. */
            id: string;
            /** @description What its client calls it. */
            idempotency_key: string | null;
            /** @description Names and values to find it by. */
            labels: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When another attempt starts. Null before the first attempt.
             */
            next_attempt_at: Time | null;
            /** @description What runs when it has failed, or its deadline has passed. Credentials are masked. */
            on_failure: components["schemas"]["Callback"] | null;
            /** @description What runs when it has succeeded. Credentials are masked. */
            on_success: components["schemas"]["Callback"] | null;
            /** @description The task whose callback this is. */
            parent_id: string | null;
            /** @description The attempts that failed and that another followed, the latest last. A record keeps at most 400 bytes of them, so the earliest may be missing. */
            past_attempts: components["schemas"]["PastAttempt"][];
            /** @description The upload that is its payload. */
            payload_ref: string | null;
            /** @description Where to read that payload, for a quarter of an hour. Left out of lists and batches, and where there is none. */
            payload_url?: string | null;
            /** @description The lane. */
            priority: components["schemas"]["Priority"];
            /** @description What the latest attempt reported. */
            progress: components["schemas"]["Progress"] | null;
            /** @description The name of the queue. */
            queue: string;
            /** @description Where to read a result over 256 KiB, for a quarter of an hour; `result` is null then. Left out of lists and batches, and where there is none. */
            result_url?: string | null;
            /** @description How long the record is kept after the task's end, in seconds: 0 to 366 days. */
            retain_seconds: number;
            /**
             * Format: date-time
             * @description Until when it is kept.
             */
            retained_until: Time | null;
            /** @description The number of attempts and the waits between them. */
            retry: components["schemas"]["RetryPolicy"];
            /**
             * Format: date-time
             * @description The time that was asked for.
             */
            run_at: Time | null;
            /** @description The schedule that submitted it. */
            schedule: string | null;
            /**
             * Format: date-time
             * @description When the latest attempt started.
             */
            started_at: Time | null;
            /**
             * @description `scheduled queued running succeeded failed cancelled expired`. Past its deadline a task that is not running reads as `expired` at once.
             * @enum {string}
             */
            state: "scheduled" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
            /** @description What runs it. Credentials are masked. */
            target: components["schemas"]["Target"] | null;
            /** @description The timeout of an attempt, in seconds: from 1 to the longest that the stack's executor can run. */
            timeout_seconds: number;
            /** @description The W3C trace context of its submit. */
            traceparent: string | null;
        };
        /** @description DynamoDB throttles, or many clients change one schedule or queue at once. */
        ThrottledProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description As the header `Retry-After`. */
            retry_after_seconds: number;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 429;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Too many requests";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/throttled";
        } & {
            [key: string]: unknown;
        };
        /** @description The body is too large. */
        TooLargeProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description How many bytes the body may have. */
            limit_bytes: number;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 413;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Too large";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/too-large";
        } & {
            [key: string]: unknown;
        };
        /** @description The caller is not known. The embedded stack asks for no authorization. */
        UnauthorizedProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 401;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Unauthorized";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/unauthorized";
        } & {
            [key: string]: unknown;
        };
        /** @description DynamoDB or SQS fails or cannot be reached. */
        UnavailableProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description As the header `Retry-After`. */
            retry_after_seconds: number;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 503;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Unavailable";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/unavailable";
        } & {
            [key: string]: unknown;
        };
        /** @description The content type is not JSON in UTF-8, or the body is encoded. On the embedded stack also a POST without a body and a content type. */
        UnsupportedMediaTypeProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 415;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "Unsupported media type";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/unsupported-media-type";
        } & {
            [key: string]: unknown;
        };
        /** @description How to upload. */
        Upload: {
            /**
             * Format: date-time
             * @description Until when that request may be made. Once made, the upload is kept for a day at least.
             */
            expires_at: Time;
            /** @description What a task is submitted with when the upload is made. It fits uploads of the same bytes by the same caller. */
            payload_ref: string;
            /** @description The request that uploads. */
            upload: components["schemas"]["UploadCall"];
        };
        /** @description A request that uploads. Whoever has it can make it. */
        UploadCall: {
            /** @description The headers that must be sent with it. */
            headers: {
                [key: string]: string;
            };
            /** @description `PUT`. */
            method: string;
            /** @description Where to. */
            url: string;
        };
        /** @description An upload that is to be made, `POST /v1/payloads`. */
        UploadRequest: {
            /** @description The payload's length, 1 to 104857600 bytes. */
            bytes: number;
            /** @description The payload's SHA-256, in 64 lower-case hexadecimal digits, as `sha256sum` prints it. */
            sha256: string;
        };
        /** @description A field, header or parameter is not what it must be. `errors` names every fault. */
        ValidationProblem: {
            /** @description What happened this time, for a person to read. */
            detail: string | null;
            /** @description Every fault in the request; of a 422 at least one. */
            errors: components["schemas"]["FieldError"][];
            /**
             * @description The HTTP status.
             * @constant
             */
            status: 422;
            /**
             * @description The kind in words.
             * @constant
             */
            title: "The request has invalid fields";
            /**
             * @description The kind, such as `/problems/validation`; it never changes.
             * @constant
             */
            type: "/problems/validation";
        } & {
            [key: string]: unknown;
        };
    };
    responses: {
        /** @description The request cannot be read. Or: The body is not I-JSON. */
        BadRequestOrNotJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["BadRequestProblem"] | components["schemas"]["NotJsonProblem"];
            };
        };
        /** @description Taskway failed. The log has the cause under the request's id. */
        Internal: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["InternalProblem"];
            };
        };
        /** @description The path takes other methods, which `Allow` names. */
        MethodNotAllowed: {
            headers: {
                Allow: components["headers"]["Allow"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["MethodNotAllowedProblem"];
            };
        };
        /** @description There is no such task, schedule, queue or path. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["NotFoundProblem"];
            };
        };
        /** @description The task's state does not allow it. */
        StateConflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["StateConflictProblem"];
            };
        };
        /** @description DynamoDB throttles, or many clients change one schedule or queue at once. */
        Throttled: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ThrottledProblem"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["TooLargeProblem"];
            };
        };
        /** @description The caller is not known. The embedded stack asks for no authorization. */
        Unauthorized: {
            headers: {
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnauthorizedProblem"];
            };
        };
        /** @description DynamoDB or SQS fails or cannot be reached. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnavailableProblem"];
            };
        };
        /** @description The content type is not JSON in UTF-8, or the body is encoded. On the embedded stack also a POST without a body and a content type. */
        UnsupportedMediaType: {
            headers: {
                Accept: components["headers"]["Accept"];
                "Accept-Encoding": components["headers"]["Accept-Encoding"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["UnsupportedMediaTypeProblem"];
            };
        };
        /** @description A field, header or parameter is not what it must be. `errors` names every fault. */
        Validation: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"];
            };
        };
        /** @description A field, header or parameter is not what it must be. `errors` names every fault. Or: The idempotency key was used for another request. */
        ValidationOrIdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["IdempotencyKeyReusedProblem"];
            };
        };
    };
    parameters: {
        /** @description Every task. It excludes the filters. */
        All: "true" | "false";
        /** @description The most tasks to change. */
        BulkLimit: number;
        /** @description The `next_cursor` of the call before, which had the same filters. */
        Cursor: string;
        /** @description What the client calls this request, so that it can be repeated safely: 1 to 128 visible ASCII characters, bare or as a quoted string. A key that has a comma must be quoted. The field `idempotency_key` says the same. */
        IdempotencyKey: string;
        /** @description The `ETag` of the document that the client has. */
        IfNoneMatch: string;
        /** @description Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them. */
        Labels: {
            [key: string]: string;
        };
        /** @description The most items of the page. */
        NamesLimit: number;
        /** @description Tasks in this state. */
        OpenState: "scheduled" | "queued" | "running";
        /** @description The most tasks of the page. */
        PageLimit: number;
        /** @description The callbacks of this task, the oldest first. */
        ParentId: string;
        /** @description `wait=N` waits up to N seconds for the task's end, 25 at most (RFC 7240). Others are ignored. */
        Prefer: string;
        /** @description Tasks of this queue. */
        Queue: string;
        /** @description The queue's name. */
        QueueName: string;
        /** @description The schedule's name. */
        ScheduleName: string;
        /** @description Tasks in this state. */
        State: "scheduled" | "queued" | "running" | "succeeded" | "failed" | "cancelled" | "expired";
        /** @description The task's id. */
        TaskId: string;
        /** @description The W3C trace context, which is stored with the task and sent on to an HTTP target. A malformed one is ignored. */
        Traceparent: string;
    };
    requestBodies: never;
    headers: {
        /** @description The content type that is accepted. */
        Accept: string;
        /** @description The content encoding that is accepted. */
        "Accept-Encoding": string;
        /** @description The methods that the path takes. */
        Allow: string;
        /** @description A client may keep the document, and asks each time. */
        "Cache-Control": string;
        /** @description It changes with the document. */
        ETag: string;
        /** @description `true` if the task was submitted by an earlier request under the same key. */
        "Idempotent-Replayed": "true";
        /** @description Where the task or the schedule is. */
        Location: string;
        /** @description How long the API was ready to wait for the task's end. Missing if it did not wait. */
        "Preference-Applied": string;
        /** @description When to ask again, in seconds. */
        "Retry-After": string;
        /** @description How to authenticate. */
        "WWW-Authenticate": string;
        /** @description The id of the request. Its log lines carry the same id. */
        "X-Request-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["Internal"];
        };
    };
    getDocument: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the document that the client has. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Document"];
                };
            };
            /** @description The client has the document. */
            304: {
                headers: {
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            500: components["responses"]["Internal"];
        };
    };
    listFailedTasks: {
        parameters: {
            query?: {
                /** @description Tasks of this queue. */
                queue?: components["parameters"]["Queue"];
                /** @description Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them. */
                labels?: components["parameters"]["Labels"];
                /** @description The most tasks of the page. */
                limit?: components["parameters"]["PageLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    redriveTasks: {
        parameters: {
            query?: {
                /** @description Tasks of this queue. */
                queue?: components["parameters"]["Queue"];
                /** @description Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them. */
                labels?: components["parameters"]["Labels"];
                /** @description Every task. It excludes the filters. */
                all?: components["parameters"]["All"];
                /** @description The most tasks to change. */
                limit?: components["parameters"]["BulkLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 131072 bytes. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RedriveRequest"];
            };
        };
        responses: {
            /** @description How many tasks matched, and how many of them were changed. The next call goes on at `next_cursor`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResult"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    uploadPayload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 16384 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadRequest"];
            };
        };
        responses: {
            /** @description How to upload. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listQueues: {
        parameters: {
            query?: {
                /** @description The most items of the page. */
                limit?: components["parameters"]["NamesLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 16384 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueueRequest"];
            };
        };
        responses: {
            /** @description The queue as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 16384 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueueRequest"];
            };
        };
        responses: {
            /** @description The queue as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pauseQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    purgeQueue: {
        parameters: {
            query?: {
                /** @description The most tasks to change. */
                limit?: components["parameters"]["BulkLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 131072 bytes. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PurgeRequest"];
            };
        };
        responses: {
            /** @description How many tasks matched, and how many of them were stopped. The next call goes on at `next_cursor`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResult"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeQueue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The queue's name. */
                name: components["parameters"]["QueueName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSchedules: {
        parameters: {
            query?: {
                /** @description The most items of the page. */
                limit?: components["parameters"]["NamesLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's name. */
                name: components["parameters"]["ScheduleName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's name. */
                name: components["parameters"]["ScheduleName"];
            };
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 1048576 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleRequest"];
            };
        };
        responses: {
            /** @description The schedule as it is now. */
            200: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description The schedule is made. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's name. */
                name: components["parameters"]["ScheduleName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule is deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's name. */
                name: components["parameters"]["ScheduleName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task is submitted. */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How much there is. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Tasks of this queue. */
                queue?: components["parameters"]["Queue"];
                /** @description Tasks in this state. */
                state?: components["parameters"]["State"];
                /** @description Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them. */
                labels?: components["parameters"]["Labels"];
                /** @description The callbacks of this task, the oldest first. */
                parent_id?: components["parameters"]["ParentId"];
                /** @description The most tasks of the page. */
                limit?: components["parameters"]["PageLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    submitTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description What the client calls this request, so that it can be repeated safely: 1 to 128 visible ASCII characters, bare or as a quoted string. A key that has a comma must be quoted. The field `idempotency_key` says the same. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description `wait=N` waits up to N seconds for the task's end, 25 at most (RFC 7240). Others are ignored. */
                Prefer?: components["parameters"]["Prefer"];
                /** @description The W3C trace context, which is stored with the task and sent on to an HTTP target. A malformed one is ignored. */
                traceparent?: components["parameters"]["Traceparent"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 1048576 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskRequest"];
            };
        };
        responses: {
            /** @description The task was submitted before under the same key, or has ended while the request waited. */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            /** @description The task is submitted. */
            202: {
                headers: {
                    Location: components["headers"]["Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationOrIdempotencyKeyReused"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    submitTasks: {
        parameters: {
            query?: never;
            header?: {
                /** @description The W3C trace context, which is stored with the task and sent on to an HTTP target. A malformed one is ignored. */
                traceparent?: components["parameters"]["Traceparent"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 5242880 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description A result for each task. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchResults"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelTasks: {
        parameters: {
            query?: {
                /** @description Tasks of this queue. */
                queue?: components["parameters"]["Queue"];
                /** @description Tasks in this state. */
                state?: components["parameters"]["OpenState"];
                /** @description Tasks with these labels: `label.NAME=VALUE`, for each name once. Tasks must match all of them. */
                labels?: components["parameters"]["Labels"];
                /** @description Every task. It excludes the filters. */
                all?: components["parameters"]["All"];
                /** @description The most tasks to change. */
                limit?: components["parameters"]["BulkLimit"];
                /** @description The `next_cursor` of the call before, which had the same filters. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 131072 bytes. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CancelRequest"];
            };
        };
        responses: {
            /** @description How many tasks matched, and how many of them were changed. The next call goes on at `next_cursor`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResult"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            405: components["responses"]["MethodNotAllowed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                id: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                id: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        /** @description I-JSON in UTF-8, at most 16384 bytes. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskChangeRequest"];
            };
        };
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["BadRequestOrNotJson"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["StateConflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                id: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["StateConflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    retryTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                id: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["StateConflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    runTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                id: components["parameters"]["TaskId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task as it is now. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            409: components["responses"]["StateConflict"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Validation"];
            429: components["responses"]["Throttled"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
